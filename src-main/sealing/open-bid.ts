/** Opens a bid, backup or tender package into a new folder, which appears whole and verified or not at all. Spec §6–§8, §13. */
import { mkdir, open, rename, rm, rmdir, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { ChunkTree } from '#shared/seal/chunk-tree.ts';
import { TAG_BYTES } from '#shared/seal/limits.ts';
import { wipeKeys, type FileKeys } from '#shared/seal/key-schedule.ts';
import type { ManifestDocument, OpenedManifest } from '#shared/seal/manifest.ts';
import type { SealSignatures } from '#shared/seal/seal-trailer.ts';
import { DocumentPieces, HEADROOM_BYTES } from './document-pieces.ts';
import { exists, syncFolder } from './new-file.ts';
import { batchChunks, openChunks, plainLengthOf, readStored, type ChunkRun } from './payload-reader.ts';
import { withSealedFile, type SealedFile } from './sealed-file.ts';
import type { SealingMeans, WorkOptions } from './sealing-means.ts';
import { newPartName, sweepParts } from './sweep-parts.ts';
import { isSystemError, stopIfAborted, writing } from './system-errors.ts';
import { readManifestOf, unlockBid, type OpeningKeys } from './unlock-bid.ts';

export interface OpenedBid {
  readonly signatures: SealSignatures;
  readonly manifest: OpenedManifest;
}

/** @param outFolder must not exist, or be empty @throws SEAL_…, CANCELLED */
export function openBid(path: string, opening: OpeningKeys, outFolder: string, means: SealingMeans, options: WorkOptions = {}): Promise<OpenedBid> {
  return withSealedFile(path, means, async (file) => {
    const { signatures, keys } = await unlockBid(file, opening);
    await sweepParts(dirname(outFolder));
    const part = join(dirname(outFolder), newPartName());
    try {
      const manifest = await readManifestOf(file, keys);
      await writing(outFolder, () => mkdir(part, { mode: 0o700 }));
      await streamDocuments(file, keys, manifest.manifest.documents, part, options);
      await giveFolderName(part, outFolder);
      return { signatures, manifest };
    } finally {
      if (keys) wipeKeys(keys);
      await rm(part, { recursive: true, force: true });
    }
  });
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

async function streamDocuments(file: SealedFile, keys: FileKeys | null, documents: readonly ManifestDocument[], folder: string, options: WorkOptions): Promise<void> {
  const perBatch = batchChunks(file);
  const buffers = [0, 1].map(() => new Uint8Array(HEADROOM_BYTES + perBatch * file.plan.chunkBytes));
  const stored = new Uint8Array(perBatch * (file.plan.chunkBytes + TAG_BYTES));
  const readBatch = async (first: number): Promise<Batch> => {
    const run = { first, count: Math.min(perBatch, file.plan.chunkCount - first) };
    const buffer = buffers[(first / perBatch) % 2] ?? refuse('INTERNAL');
    const chunks = await readStored(file, run, stored);
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
    writer.checkComplete();
  } finally {
    await Promise.allSettled([coming]);
    await writer.close();
  }
}

/** Cuts the payload into documents, writes and digests them. */
class DocumentsWriter {
  readonly #documents: readonly ManifestDocument[];
  readonly #folder: string;
  readonly #suite: SealedFile['means']['suite'];
  readonly #pieces: DocumentPieces;
  readonly #trees: ChunkTree[] = [];
  #handle: FileHandle | null = null;
  #written = 0;

  constructor(documents: readonly ManifestDocument[], folder: string, file: SealedFile) {
    this.#documents = documents;
    this.#folder = folder;
    this.#suite = file.means.suite;
    this.#pieces = new DocumentPieces(this.#suite);
  }

  /** @param nextBuffer where the batch behind this one comes to stand: an unfinished piece goes before it */
  async take(buffer: Uint8Array, length: number, nextBuffer: Uint8Array): Promise<void> {
    for (let at = HEADROOM_BYTES; at < HEADROOM_BYTES + length; ) {
      const document = this.#documents[this.#handle ? this.#trees.length - 1 : this.#trees.length];
      // What follows the documents is the manifest, read before.
      if (!document) break;
      if (!this.#handle) await this.#begin(document, at);
      const count = Math.min(document.size - this.#written, HEADROOM_BYTES + length - at);
      await this.#write(buffer.subarray(at, at + count), document);
      this.#pieces.advance(buffer, count);
      at += count;
      if (this.#written === document.size) await this.#end();
    }
    await this.#pieces.takeReady()();
    this.#pieces.carry(buffer, nextBuffer);
  }

  checkComplete(): void {
    for (const [i, document] of this.#documents.entries()) {
      const root = this.#trees[i]?.root(document.size);
      if (!root || !equalBytes(root, document.digest)) refuse('SEAL_DOCUMENT_DIGEST', { name: document.name });
    }
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }

  async #begin(document: ManifestDocument, at: number): Promise<void> {
    const path = join(this.#folder, ...document.name.split('/'));
    this.#handle = await writing(path, async () => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      return open(path, 'wx', 0o600);
    });
    this.#written = 0;
    this.#trees.push(this.#pieces.begin(document.size, at));
  }

  async #write(bytes: Uint8Array, document: ManifestDocument): Promise<void> {
    const handle = this.#handle ?? refuse('INTERNAL');
    await writing(document.name, async () => {
      for (let done = 0; done < bytes.length; ) done += (await handle.write(bytes, done, bytes.length - done, this.#written + done)).bytesWritten;
    });
    this.#written += bytes.length;
  }

  async #end(): Promise<void> {
    const handle = this.#handle ?? refuse('INTERNAL');
    await writing(this.#folder, () => handle.sync());
    await this.close();
  }
}
