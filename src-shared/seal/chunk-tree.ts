/** The tree of digests over chunks of a file or pieces of a document: leaves come in order, memory stays constant. Spec §6. Pure. */
import { concatBytes } from '../bytes/byte-strings.ts';
import { toUtf8 } from '../bytes/utf8.ts';
import { assert } from '../errors/assert.ts';
import type { Suite } from './suites.ts';

const NODE_SIZE = 256;
/** Pieces of a document, whatever the chunks of its file. */
export const PIECE_BYTES = 1 << 20;

export class ChunkTree {
  readonly #suite: Pick<Suite, 'digest'>;
  /** Unfinished groups, leaves first; each shorter than NODE_SIZE but for a moment. */
  readonly #levels: Uint8Array[][] = [[]];

  constructor(suite: Pick<Suite, 'digest'>) {
    this.#suite = suite;
  }

  addLeaf(digest: Uint8Array): void {
    this.#add(0, digest);
  }

  /** @param octets length of everything that was hashed */
  root(octets: number): Uint8Array {
    for (let height = 0; height < this.#levels.length - 1; height++) if ((this.#levels[height]?.length ?? 0) > 0) this.#close(height);
    const top = this.#levels[this.#levels.length - 1] ?? [];
    const one = top.length === 1 ? top[0] : this.#node(this.#levels.length, top);
    assert(one && (this.#levels[0]?.length ?? 0) <= NODE_SIZE, 'a tree has a leaf');
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, BigInt(octets));
    return this.#suite.digest(toUtf8('BidKey tree 1\0'), length, one);
  }

  #add(height: number, digest: Uint8Array): void {
    const level = (this.#levels[height] ??= []);
    // Closed when the next one comes: a full group at the end may be the top.
    if (level.length === NODE_SIZE) this.#close(height);
    this.#levels[height]?.push(digest);
  }

  #close(height: number): void {
    const level = this.#levels[height] ?? [];
    this.#levels[height] = [];
    this.#add(height + 1, this.#node(height + 1, level));
  }

  #node(height: number, children: readonly Uint8Array[]): Uint8Array {
    return this.#suite.digest(Uint8Array.of(height), concatBytes(...children));
  }
}
