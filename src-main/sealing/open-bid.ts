/** Opens a bid, backup or tender package into a new folder, which appears whole and verified or not at all. Spec §6–§8, §13. */
import { lstat, mkdir, open, rename, rm, rmdir, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { ChunkTree } from '#shared/seal/chunk-tree.ts';
import { TAG_BYTES } from '#shared/seal/limits.ts';
import { wipeKeys, type FileKeys } from '#shared/seal/key-schedule.ts';
import type { ManifestDocument, OpenedManifest } from '#shared/seal/manifest.ts';
import type { SealSignatures } from '#shared/seal/seal-trailer.ts';
import { createBatchBuffers, type BatchBuffers } from './batch-buffers.ts';
import { DocumentPieces, HEADROOM_BYTES } from './document-pieces.ts';
import { exists, syncFolder } from './new-file.ts';
import { batchChunks, openChunks, plainLengthOf, readStored, type ChunkRun } from './payload-reader.ts';
import { withSealedFile, type BidFile, type SealedFile } from './sealed-file.ts';
import type { SealingMeans, WorkOptions } from './sealing-means.ts';
import { newPartName, sweepParts } from './sweep-parts.ts';
import { isSystemError, stopIfAborted, writing } from './system-errors.ts';
import { readManifestOf, unlockBid, type OpeningKeys } from './unlock-bid.ts';
import { WriteBehind } from './write-behind.ts';

export interface OpenedBid {
  readonly signatures: SealSignatures;
  readonly manifest: OpenedManifest;
}

export interface OpenOptions extends WorkOptions {
  /** Everything is written and verified: the folder gets its name as soon as this has resolved. */
  readonly beforeNaming?: (opened: OpenedBid) => Promise<void>;
}

/** @param outFolder must not exist, or be empty @throws SEAL_…, CANCELLED */
export function openBid(bid: BidFile, opening: OpeningKeys, outFolder: string, means: SealingMeans, options: OpenOptions = {}): Promise<OpenedBid> {
  return withSealedFile(bid, means, async (file) => {
    const { signatures, keys } = await unlockBid(file, opening);
    await sweepParts(dirname(outFolder));
    const part = join(dirname(outFolder), newPartName());
    try {
      const manifest = await readManifestOf(file, keys);
      await writing(outFolder, () => mkdir(part, { mode: 0o700 }));
      await streamDocuments(file, keys, manifest.manifest.documents, part, means.buffers ?? createBatchBuffers(), options);
      await requireWhole(part, manifest.manifest.documents, outFolder);
      await options.beforeNaming?.({ signatures, manifest });
      await giveFolderName(part, outFolder);
      return { signatures, manifest };
    } finally {
      if (keys) wipeKeys(keys);
      await rm(part, { recursive: true, force: true });
    }
  });
}

/** The unfinished folder can be reached by other programs, on a share by other machines too: what was written must still be there. */
async function requireWhole(folder: string, documents: readonly ManifestDocument[], outFolder: string): Promise<void> {
  for (const { name, size } of documents) {
    const state = await writing(outFolder, () => lstat(join(folder, ...name.split('/'))));
    if (!state.isFile() || state.size !== size) refuse('SEAL_OUTPUT_FAILED', { reason: 'changed while it was written', name });
  }
}

/** rename puts a folder over an empty one or over nothing; Windows only over nothing. */
async function giveFolderName(part: string, outFolder: string): Promise<void> {
  await writing(outFolder, async () => {
    if (await exists(outFolder)) {
      try {
        await rmdir(outFolder);
      } catch (thrown) {
        if (isSystemError(thrown, 'ENOTDIR') || isSystemError(thrown, 'ENOTEMPTY') || isSystemError(thrown, 'EEXIST')) refuse('SEAL_OUTPUT_EXISTS', { name: basename(outFolder) });
        throw thrown;
      }
    }
    await rename(part, outFolder);
    await syncFolder(dirname(outFolder));
  });
}

interface Batch {
  readonly run: ChunkRun;
  readonly buffer: Uint8Array;
  readonly plain: Uint8Array;
  readonly leaves: readonly Uint8Array[];
}

interface ReadRun {
  readonly run: ChunkRun;
  readonly chunks: readonly Uint8Array[];
}

async function streamDocuments(file: SealedFile, keys: FileKeys | null, documents: readonly ManifestDocument[], folder: string, pool: BatchBuffers, options: WorkOptions): Promise<void> {
  const perBatch = batchChunks(file);
  // Three batches are on their way at once: one is read, one decrypted, one written.
  const buffers = [0, 1].map(() => pool.take(HEADROOM_BYTES + perBatch * file.plan.chunkBytes));
  const stored = [0, 1].map(() => pool.take(perBatch * (file.plan.chunkBytes + TAG_BYTES)));
  const inTurn = (both: readonly Uint8Array[], first: number): Uint8Array => both[(first / perBatch) % 2] ?? refuse('INTERNAL');
  const read = async (first: number): Promise<ReadRun> => {
    const run = { first, count: Math.min(perBatch, file.plan.chunkCount - first) };
    return { run, chunks: await readStored(file, run, inTurn(stored, first)) };
  };
  let ahead = read(0);
  const readBatch = async (first: number): Promise<Batch> => {
    const { run, chunks } = await ahead;
    if (first + perBatch < file.plan.chunkCount) {
      ahead = read(first + perBatch);
      ahead.catch(() => undefined);
    }
    const buffer = inTurn(buffers, first);
    const plain = buffer.subarray(HEADROOM_BYTES, HEADROOM_BYTES + plainLengthOf(file, run));
    const [leaves] = await Promise.all([file.means.suite.digestMany(chunks), openChunks(file, keys, run, chunks, plain)]);
    return { run, buffer, plain, leaves: leaves.map((leaf) => Uint8Array.from(leaf)) };
  };
  const tree = new ChunkTree(file.means.suite);
  const writer = new DocumentsWriter(documents, folder, file);
  let coming = readBatch(0);
  try {
    for (let first = 0; first < file.plan.chunkCount; first += perBatch) {
      stopIfAborted(options.signal);
      const batch = await coming;
      const next = first + perBatch;
      if (next < file.plan.chunkCount) {
        coming = readBatch(next);
        coming.catch(() => undefined);
      }
      for (const leaf of batch.leaves) tree.addLeaf(leaf);
      await writer.take(batch.buffer, batch.plain.length, buffers.find((one) => one !== batch.buffer) ?? batch.buffer);
      options.onProgress?.(Math.min(next * file.plan.chunkBytes, file.plan.payloadLength), file.plan.payloadLength);
    }
    if (!equalBytes(tree.root(file.plan.storedLength), file.trailer.root)) refuse('SEAL_TREE_ROOT');
    await writer.finish();
  } finally {
    await Promise.allSettled([coming]);
    await Promise.allSettled([ahead]);
    await writer.close();
    for (const buffer of [...buffers, ...stored]) pool.giveBack(buffer);
  }
}

/** Files that may be on their way to the disk while the next ones are written. */
const MAX_FLUSHING = 8;

interface GrowingFile {
  readonly handle: FileHandle;
  readonly behind: WriteBehind;
}

/** Cuts the payload into documents, writes and digests them. */
class DocumentsWriter {
  readonly #documents: readonly ManifestDocument[];
  readonly #folder: string;
  readonly #suite: SealedFile['means']['suite'];
  readonly #pieces: DocumentPieces;
  readonly #trees: ChunkTree[] = [];
  #file: GrowingFile | null = null;
  #flushing: Promise<void>[] = [];
  #written = 0;

  constructor(documents: readonly ManifestDocument[], folder: string, file: SealedFile) {
    this.#documents = documents;
    this.#folder = folder;
    this.#suite = file.means.suite;
    this.#pieces = new DocumentPieces(this.#suite);
  }

  /** @param nextBuffer where the batch behind this one comes to stand: an unfinished piece goes before it */
  async take(buffer: Uint8Array, length: number, nextBuffer: Uint8Array): Promise<void> {
    let lastWrite = Promise.resolve();
    for (let at = HEADROOM_BYTES; at < HEADROOM_BYTES + length; ) {
      const document = this.#documents[this.#file ? this.#trees.length - 1 : this.#trees.length];
      // What follows the documents is the manifest, read before.
      if (!document) break;
      this.#file ??= await this.#begin(document, at);
      const count = Math.min(document.size - this.#written, HEADROOM_BYTES + length - at);
      lastWrite = this.#write(this.#file, buffer.subarray(at, at + count), document);
      this.#pieces.advance(buffer, count);
      at += count;
      if (this.#written < document.size) continue;
      await lastWrite;
      await this.#end(this.#file);
    }
    // The last write and the digests both only read the batch.
    await Promise.all([lastWrite, this.#pieces.takeReady()()]);
    this.#pieces.carry(buffer, nextBuffer);
  }

  /** Everything is on the disk and is what the manifest says. */
  async finish(): Promise<void> {
    await Promise.all(this.#flushing);
    for (const [i, document] of this.#documents.entries()) {
      const root = this.#trees[i]?.root(document.size);
      if (!root || !equalBytes(root, document.digest)) refuse('SEAL_DOCUMENT_DIGEST', { name: document.name });
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#flushing);
    await this.#file?.behind.settled();
    await this.#file?.handle.close();
    this.#file = null;
  }

  async #begin(document: ManifestDocument, at: number): Promise<GrowingFile> {
    const path = join(this.#folder, ...document.name.split('/'));
    const handle = await writing(path, async () => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      return open(path, 'wx', 0o600);
    });
    this.#written = 0;
    this.#trees.push(this.#pieces.begin(document.size, at));
    return { handle, behind: new WriteBehind(handle.fd) };
  }

  async #write({ handle, behind }: GrowingFile, bytes: Uint8Array, document: ManifestDocument): Promise<void> {
    const start = this.#written;
    this.#written += bytes.length;
    await writing(document.name, async () => {
      for (let done = 0; done < bytes.length; ) done += (await handle.write(bytes, done, bytes.length - done, start + done)).bytesWritten;
    });
    behind.reached(start + bytes.length);
  }

  /** The document is flushed while the next ones are written. */
  async #end({ handle, behind }: GrowingFile): Promise<void> {
    this.#file = null;
    const flushing = writing(this.#folder, async () => {
      try {
        await behind.settled();
        await handle.sync();
      } finally {
        await handle.close();
      }
    });
    // A fault shows where it is awaited: at the end, or here when too many are on their way.
    flushing.catch(() => undefined);
    this.#flushing.push(flushing);
    if (this.#flushing.length < MAX_FLUSHING) return;
    await Promise.all(this.#flushing);
    this.#flushing = [];
  }
}
