/**
 * Writes a payload to one or two files at once (sealed bid and its backup): octets gather in batches, a full batch is encrypted chunk by chunk on the
 * thread pool, then digested into the chunk tree and written. Three batches are on their way at once: one fills, one is encrypted, one is written. Spec §6.
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
  /** Taken in turns: one batch is encrypted into one while the batch before is written from the other. None for a plain file. */
  readonly stored: readonly [Uint8Array, Uint8Array] | null;
  storedLength: number;
}

/** One batch in one file, as it will stand there. */
interface StoredBatch {
  readonly lane: Lane;
  readonly chunks: readonly Uint8Array[];
  readonly bytes: Uint8Array;
}

export class PayloadWriter {
  readonly pieces: DocumentPieces;
  readonly #suite: Suite;
  readonly #lanes: readonly Lane[];
  readonly #chunkBytes: number;
  /** In turns: one fills, one is encrypted, one may still be written as it is. */
  readonly #buffers: readonly Uint8Array[];
  #batch = 0;
  #at = HEADROOM_BYTES;
  #chunk = 0;
  #length = 0;
  #encrypting: Promise<unknown> = Promise.resolve();
  #writing: Promise<void> = Promise.resolve();
  #writingBefore: Promise<void> = Promise.resolve();

  /** @param capacity octets that will come, as far as known: small bids need small buffers */
  constructor(outputs: readonly PayloadOutput[], suite: Suite, capacity: number) {
    const chunkBits = outputs[0]?.front.header.core.chunkBits ?? 0;
    assert(outputs.every(({ front }) => front.header.core.chunkBits === chunkBits), 'outputs are cut alike');
    this.#chunkBytes = 2 ** chunkBits;
    const chunks = Math.ceil(Math.min(BATCH_BYTES, capacity + this.#chunkBytes) / this.#chunkBytes);
    this.#buffers = [0, 1, 2].map(() => new Uint8Array(HEADROOM_BYTES + chunks * this.#chunkBytes));
    const stored = () => new Uint8Array(chunks * (this.#chunkBytes + TAG_BYTES));
    this.#suite = suite;
    this.pieces = new DocumentPieces(suite);
    this.#lanes = outputs.map((output) => ({ ...output, tree: new ChunkTree(suite), stored: output.front.keys ? [stored(), stored()] : null, storedLength: 0 }));
  }

  get #buffer(): Uint8Array {
    return this.#bufferOf(this.#batch);
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
    await this.#encrypting;
    await this.pieces.takeReady()();
  }

  /** The last chunk is written. @returns length of the payload, and its root in each file */
  async finish(): Promise<{ readonly payloadLength: number; readonly roots: readonly Uint8Array[] }> {
    await this.#flush(true);
    await this.#writing;
    return { payloadLength: this.#length, roots: this.#lanes.map(({ tree, storedLength }) => tree.root(storedLength)) };
  }

  /** Waits for what is under way, so that buffers and files can be let go after a fault. */
  async stop(): Promise<void> {
    await Promise.allSettled([this.#encrypting, this.#writingBefore, this.#writing]);
  }

  #bufferOf(batch: number): Uint8Array {
    const buffer = this.#buffers[batch % this.#buffers.length];
    assert(buffer, 'there are buffers');
    return buffer;
  }

  async #flush(last: boolean): Promise<void> {
    await this.#encrypting;
    // Then its buffers are free: this batch goes into one of them, the next one fills the other.
    await this.#writingBefore;
    const [number, batch, digestPieces] = [this.#batch, this.#buffer.subarray(HEADROOM_BYTES, this.#at), this.pieces.takeReady()];
    const first = this.#chunk;
    this.#chunk += Math.ceil(batch.length / this.#chunkBytes);
    if (this.#chunk > MAX_CHUNKS) throw new AppError('SEAL_LENGTH', { reason: 'number of chunks' });
    this.pieces.carry(this.#buffer, this.#bufferOf(number + 1));
    this.#batch = number + 1;
    this.#at = HEADROOM_BYTES;
    const stored = Promise.all(this.#lanes.map((lane) => this.#store(lane, batch, number, first, last)));
    this.#writingBefore = this.#writing;
    this.#encrypting = Promise.all([stored, digestPieces()]);
    this.#writing = this.#write(stored, this.#writing);
    // A fault shows where the batch is awaited next, not as an unhandled rejection in between.
    for (const one of [this.#encrypting, this.#writing]) one.catch(() => undefined);
  }

  async #store(lane: Lane, batch: Uint8Array, number: number, first: number, last: boolean): Promise<StoredBatch> {
    const plain = this.#cut(batch);
    const { keys, header } = lane.front;
    if (!keys) return { lane, chunks: plain, bytes: batch };
    const stored = lane.stored?.[number % 2 === 0 ? 0 : 1];
    assert(stored, 'a sealed file has room for what is encrypted');
    const chunks = await Promise.all(plain.map((chunk, i) => {
      const start = i * (this.#chunkBytes + TAG_BYTES);
      const out = stored.subarray(start, start + chunk.length + TAG_BYTES);
      return this.#suite.encrypt(keys.payloadKey, chunkNonce(first + i, last && i === plain.length - 1), header.core.identity.sealId, chunk, out);
    }));
    return { lane, chunks, bytes: stored.subarray(0, chunks.reduce((sum, { length }) => sum + length, 0)) };
  }

  /** Batches reach the files in their order. */
  async #write(stored: Promise<readonly StoredBatch[]>, before: Promise<void>): Promise<void> {
    const batches = await stored;
    await before;
    await Promise.all(batches.map(async ({ lane, chunks, bytes }) => {
      const [digests] = await Promise.all([this.#suite.digestMany(chunks), lane.file.write(bytes)]);
      for (const digest of digests) lane.tree.addLeaf(Uint8Array.from(digest));
      lane.storedLength += bytes.length;
    }));
  }

  #cut(batch: Uint8Array): Uint8Array[] {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < batch.length; at += this.#chunkBytes) chunks.push(batch.subarray(at, at + this.#chunkBytes));
    return chunks;
  }
}
