/**
 * Digests of documents while they stream past in batches: pieces of 1 MiB of each document, cut out of the batch without copying; a piece that runs
 * over the end of a batch is carried into the headroom before the next one. Spec §7.
 */
import { assert } from '#shared/errors/assert.ts';
import { ChunkTree, PIECE_BYTES } from '#shared/seal/chunk-tree.ts';
import type { Suite } from '#shared/seal/suites.ts';

/** Octets before a batch in its buffer, where an unfinished piece goes. */
export const HEADROOM_BYTES = PIECE_BYTES;

interface Piece {
  readonly tree: ChunkTree;
  readonly bytes: Uint8Array;
}

export class DocumentPieces {
  readonly #suite: Suite;
  #tree: ChunkTree | null = null;
  #left = 0;
  /** In the buffer of the current batch. */
  #pieceStart = 0;
  #pieceEnd = 0;
  #ready: Piece[] = [];

  constructor(suite: Suite) {
    this.#suite = suite;
  }

  /** @returns the tree of the document, whole once `digestReady` has run after its last octet */
  begin(size: number, at: number): ChunkTree {
    assert(this.#left === 0, 'the document before is complete');
    const tree = new ChunkTree(this.#suite);
    this.#tree = tree;
    this.#left = size;
    this.#pieceStart = this.#pieceEnd = at;
    if (size === 0) tree.addLeaf(this.#suite.digest(new Uint8Array(0)));
    return tree;
  }

  /** The next octets of the document have come to stand behind the others in the buffer. */
  advance(buffer: Uint8Array, length: number): void {
    assert(this.#tree && length <= this.#left, 'octets belong to the document');
    const end = this.#pieceEnd + length;
    this.#left -= length;
    while (end - this.#pieceStart >= PIECE_BYTES) this.#cut(buffer, this.#pieceStart + PIECE_BYTES);
    if (this.#left === 0 && end > this.#pieceStart) this.#cut(buffer, end);
    this.#pieceEnd = end;
  }

  /** Takes an unfinished piece along. */
  carry(from: Uint8Array, to: Uint8Array): void {
    const length = this.#left > 0 ? this.#pieceEnd - this.#pieceStart : 0;
    to.set(from.subarray(this.#pieceStart, this.#pieceStart + length), HEADROOM_BYTES - length);
    this.#pieceStart = HEADROOM_BYTES - length;
    this.#pieceEnd = HEADROOM_BYTES;
  }

  /** Pieces that are complete in this batch, to be digested before its buffer is used again, batch after batch. */
  takeReady(): () => Promise<void> {
    const ready = this.#ready;
    this.#ready = [];
    return async () => {
      const digests = ready.length > 0 ? await this.#suite.digestMany(ready.map(({ bytes }) => bytes)) : [];
      // Copied: a digest may be a view into the answer for all of them.
      ready.forEach(({ tree }, i) => tree.addLeaf(Uint8Array.from(digests[i] ?? [])));
    };
  }

  #cut(buffer: Uint8Array, end: number): void {
    assert(this.#tree, 'a document has begun');
    this.#ready.push({ tree: this.#tree, bytes: buffer.subarray(this.#pieceStart, end) });
    this.#pieceStart = end;
  }
}
