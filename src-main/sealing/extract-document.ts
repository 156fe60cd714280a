/** Takes one document out of a bid without reading the rest. Spec §6, §7. */
import { dirname } from 'node:path';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { ChunkTree, PIECE_BYTES } from '#shared/seal/chunk-tree.ts';
import { wipeKeys, type FileKeys } from '#shared/seal/key-schedule.ts';
import type { ManifestDocument, OpenedManifest } from '#shared/seal/manifest.ts';
import { NewFile } from './new-file.ts';
import { readPlainRange } from './payload-reader.ts';
import { withSealedFile, type SealedFile } from './sealed-file.ts';
import type { SealingMeans, WorkOptions } from './sealing-means.ts';
import { sweepParts } from './sweep-parts.ts';
import { stopIfAborted } from './system-errors.ts';
import { readManifestOf, unlockBid, type OpeningKeys } from './unlock-bid.ts';

/** Pieces read and digested together. */
const STEP_BYTES = 8 * PIECE_BYTES;

/** @param name as in the manifest @throws SEAL_DOCUMENT_UNKNOWN, SEAL_DOCUMENT_DIGEST, SEAL_… */
export function extractDocument(path: string, opening: OpeningKeys, name: string, outPath: string, means: SealingMeans, options: WorkOptions = {}): Promise<ManifestDocument> {
  return withSealedFile(path, means, async (file) => {
    const { keys } = await unlockBid(file, opening);
    try {
      const { manifest } = await readManifestOf(file, keys);
      const { document, start } = placeOf(manifest.documents, name);
      await copyDocument(file, keys, document, start, outPath, options);
      return document;
    } finally {
      if (keys) wipeKeys(keys);
    }
  });
}

/** Which documents are inside, with the signature over that list; reads the end of the file only. @throws SEAL_… */
export function listDocuments(path: string, opening: OpeningKeys, means: SealingMeans): Promise<OpenedManifest> {
  return withSealedFile(path, means, async (file) => {
    const { keys } = await unlockBid(file, opening);
    try {
      return await readManifestOf(file, keys);
    } finally {
      if (keys) wipeKeys(keys);
    }
  });
}

/** A small document in memory, held against its digest. @throws SEAL_DOCUMENT_UNKNOWN, SEAL_DOCUMENT_DIGEST, INPUT_TOO_LARGE */
export async function readDocument(file: SealedFile, keys: FileKeys | null, documents: readonly ManifestDocument[], name: string, maxBytes: number): Promise<Uint8Array> {
  const { document, start } = placeOf(documents, name);
  if (document.size > maxBytes) refuse('INPUT_TOO_LARGE', { name, gotBytes: document.size, maxBytes });
  const { suite } = file.means;
  const bytes = document.size === 0 ? new Uint8Array(0) : await readPlainRange(file, keys, start, start + document.size);
  const tree = new ChunkTree(suite);
  for (let at = 0; at === 0 || at < bytes.length; at += PIECE_BYTES) tree.addLeaf(suite.digest(bytes.subarray(at, at + PIECE_BYTES)));
  if (!equalBytes(tree.root(document.size), document.digest)) refuse('SEAL_DOCUMENT_DIGEST', { name });
  return bytes;
}

function placeOf(documents: readonly ManifestDocument[], name: string): { readonly document: ManifestDocument; readonly start: number } {
  const wanted = name.normalize('NFC');
  const index = documents.findIndex((one) => one.name === wanted);
  const document = documents[index] ?? refuse('SEAL_DOCUMENT_UNKNOWN', { name: wanted });
  return { document, start: documents.slice(0, index).reduce((sum, { size }) => sum + size, 0) };
}

async function copyDocument(file: SealedFile, keys: FileKeys | null, document: ManifestDocument, start: number, outPath: string, options: WorkOptions): Promise<void> {
  const { suite } = file.means;
  const tree = new ChunkTree(suite);
  await sweepParts(dirname(outPath));
  const out = await NewFile.create(outPath);
  try {
    if (document.size === 0) tree.addLeaf(suite.digest(new Uint8Array(0)));
    for (let at = 0; at < document.size; at += STEP_BYTES) {
      stopIfAborted(options.signal);
      const plain = await readPlainRange(file, keys, start + at, start + Math.min(at + STEP_BYTES, document.size));
      const pieces = Array.from({ length: Math.ceil(plain.length / PIECE_BYTES) }, (_, i) => plain.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES));
      for (const digest of await suite.digestMany(pieces)) tree.addLeaf(Uint8Array.from(digest));
      await out.write(plain);
      options.onProgress?.(Math.min(at + STEP_BYTES, document.size), document.size);
    }
    if (!equalBytes(tree.root(document.size), document.digest)) refuse('SEAL_DOCUMENT_DIGEST', { name: document.name });
    await out.commit();
  } finally {
    await out.discard();
  }
}
