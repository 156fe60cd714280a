/**
 * Writes a payload to one or two files at once (sealed bid and its backup): octets gather in batches, a full batch is encrypted chunk by chunk on the
 * thread pool, digested into the chunk tree and written, while the next one fills. Spec §6.
 */
import { AppError } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import { ChunkTree } from '#shared/seal/chunk-tree.ts';
import { chunkNonce } from '#shared/seal/file-layout.ts';
import { MAX_CHUNKS, TAG_BYTES } from '#shared/seal/limits.ts';
import type { FileFront } from '#shared/seal/prepare-file.ts';
import type { Suite } from '#shared/seal/suites.ts';
import { DocumentPieces, HEADROOM_BYTES } from './document-pieces.ts';
import type { NewFile } from './new-file.ts';

/** Sixteen chunks: what one call of the engine digests side by side. */
export const BATCH_BYTES = 16 << 20;

export interface PayloadOutput {
  readonly file: NewFile;
  readonly front: FileFront;
}

interface Lane extends PayloadOutput {
  readonly tree: ChunkTree;
  storedLength: number;
}

export class PayloadWriter {
  readonly pieces: DocumentPieces;
  readonly #suite: Suite;
  readonly #lanes: readonly Lane[];
  readonly #chunkBytes: number;
  #buffer: Uint8Array;
  #spare: Uint8Array;
  readonly #stored: Uint8Array;
  #at = HEADROOM_BYTES;
  #chunk = 0;
  #length = 0;
  #flushing: Promise<void> = Promise.resolve();

  /** @param capacity octets that will come, as far as known: small bids need small buffers */
  constructor(outputs: readonly PayloadOutput[], suite: Suite, capacity: number) {
    const chunkBits = outputs[0]?.front.header.core.chunkBits ?? 0;
    assert(outputs.every(({ front }) => front.header.core.chunkBits === chunkBits), 'outputs are cut alike');
    this.#chunkBytes = 2 ** chunkBits;
    const chunks = Math.ceil(Math.min(BATCH_BYTES, capacity + this.#chunkBytes) / this.#chunkBytes);
    this.#buffer = new Uint8Array(HEADROOM_BYTES + chunks * this.#chunkBytes);
    this.#spare = new Uint8Array(this.#buffer.length);
    this.#stored = new Uint8Array(chunks * (this.#chunkBytes + TAG_BYTES));
    this.#suite = suite;
    this.pieces = new DocumentPieces(suite);
    this.#lanes = outputs.map((output) => ({ ...output, tree: new ChunkTree(suite), storedLength: 0 }));
  }

  get position(): number {
    return this.#at;
  }

  /** Where the next octets go. Never empty: a full batch is handed on first, since something always follows a document. */
  async room(): Promise<Uint8Array> {
    if (this.#at === this.#buffer.length) await this.#flush(false);
    return this.#buffer.subarray(this.#at);
  }

  /** Octets of a document were put into the room. */
  filledByDocument(length: number): void {
    this.#at += length;
    this.#length += length;
    this.pieces.advance(this.#buffer, length);
  }

  /** Octets that belong to no document. */
  async append(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const room = await this.room();
      const part = bytes.subarray(done, done + room.length);
      room.set(part);
      this.#at += part.length;
      this.#length += part.length;
      done += part.length;
    }
  }

  /** Everything so far is digested; the trees of the documents are whole then. */
  async settleDocuments(): Promise<void> {
    await this.#flushing;
    await this.pieces.takeReady()();
  }

  /** The last chunk is written. @returns length of the payload, and its root in each file */
  async finish(): Promise<{ readonly payloadLength: number; readonly roots: readonly Uint8Array[] }> {
    await this.#flush(true);
    await this.#flushing;
    return { payloadLength: this.#length, roots: this.#lanes.map(({ tree, storedLength }) => tree.root(storedLength)) };
  }

  /** Waits for what is under way, so that buffers and files can be let go after a fault. */
  async stop(): Promise<void> {
    await Promise.allSettled([this.#flushing]);
  }

  async #flush(last: boolean): Promise<void> {
    await this.#flushing;
    const [batch, digestPieces] = [this.#buffer.subarray(HEADROOM_BYTES, this.#at), this.pieces.takeReady()];
    const first = this.#chunk;
    this.#chunk += Math.ceil(batch.length / this.#chunkBytes);
    if (this.#chunk > MAX_CHUNKS) throw new AppError('SEAL_LENGTH', { reason: 'number of chunks' });
    this.pieces.carry(this.#buffer, this.#spare);
    [this.#buffer, this.#spare] = [this.#spare, this.#buffer];
    this.#at = HEADROOM_BYTES;
    this.#flushing = Promise.all([digestPieces(), ...this.#lanes.map((lane) => this.#writeBatch(lane, batch, first, last))]).then(() => undefined);
    // A fault shows where the batch is awaited next, not as an unhandled rejection in between.
    this.#flushing.catch(() => undefined);
  }

  async #writeBatch(lane: Lane, batch: Uint8Array, first: number, last: boolean): Promise<void> {
    const chunks = lane.front.keys ? await this.#encrypt(lane, batch, first, last) : this.#cut(batch);
    for (const digest of await this.#suite.digestMany(chunks)) lane.tree.addLeaf(Uint8Array.from(digest));
    const stored = lane.front.keys ? this.#stored.subarray(0, chunks.reduce((sum, { length }) => sum + length, 0)) : batch;
    await lane.file.write(stored);
    lane.storedLength += stored.length;
  }

  async #encrypt(lane: Lane, batch: Uint8Array, first: number, last: boolean): Promise<Uint8Array[]> {
    const { keys, header } = lane.front;
    assert(keys, 'a sealed file has keys');
    const plain = this.#cut(batch);
    return Promise.all(plain.map((chunk, i) => {
      const start = i * (this.#chunkBytes + TAG_BYTES);
      const out = this.#stored.subarray(start, start + chunk.length + TAG_BYTES);
      return this.#suite.encrypt(keys.payloadKey, chunkNonce(first + i, last && i === plain.length - 1), header.core.identity.sealId, chunk, out);
    }));
  }

  #cut(batch: Uint8Array): Uint8Array[] {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < batch.length; at += this.#chunkBytes) chunks.push(batch.subarray(at, at + this.#chunkBytes));
    return chunks;
  }
}
