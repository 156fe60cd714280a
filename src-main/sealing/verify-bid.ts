/** Verifies a file without opening it: signatures, history, and every octet of the payload against the signed root. Spec §8. */
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { ChunkTree } from '#shared/seal/chunk-tree.ts';
import { inspectFile, type InspectedFile } from '#shared/seal/inspect-file.ts';
import { TAG_BYTES } from '#shared/seal/limits.ts';
import { verifySignatures, type SealSignatures } from '#shared/seal/seal-trailer.ts';
import { batchChunks, readStored } from './payload-reader.ts';
import { withSealedFile, type SealedFile } from './sealed-file.ts';
import type { SealingMeans, WorkOptions } from './sealing-means.ts';
import { stopIfAborted } from './system-errors.ts';
import { readManifestOf } from './unlock-bid.ts';

export interface VerifiedBid {
  readonly file: InspectedFile;
  /** Whether their certificates are trusted is the caller's question. */
  readonly signatures: SealSignatures;
}

/** @throws SEAL_SIGNATURE_INVALID, SEAL_SIGNER_WRONG, SEAL_HISTORY_INVALID, SEAL_TREE_ROOT, …; the manifest's too where it can be read */
export function verifyBid(path: string, means: SealingMeans, options: WorkOptions = {}): Promise<VerifiedBid> {
  return withSealedFile(path, means, async (file) => {
    const signatures = await verifySignatures(file.header, file.headerDigest, file.trailer, file.means.suite, file.means.crypto);
    await verifyRoot(file, options);
    if (file.header.core.kind === 'plain') await readManifestOf(file, null);
    return { file: inspectFile(file.header, file.trailer, file.plan), signatures };
  });
}

async function verifyRoot(file: SealedFile, options: WorkOptions): Promise<void> {
  const perBatch = batchChunks(file);
  const buffer = new Uint8Array(perBatch * (file.plan.chunkBytes + TAG_BYTES));
  const tree = new ChunkTree(file.means.suite);
  for (let first = 0; first < file.plan.chunkCount; first += perBatch) {
    stopIfAborted(options.signal);
    const chunks = await readStored(file, { first, count: Math.min(perBatch, file.plan.chunkCount - first) }, buffer);
    for (const leaf of await file.means.suite.digestMany(chunks)) tree.addLeaf(Uint8Array.from(leaf));
    options.onProgress?.(Math.min((first + perBatch) * file.plan.chunkBytes, file.plan.payloadLength), file.plan.payloadLength);
  }
  if (!equalBytes(tree.root(file.plan.storedLength), file.trailer.root)) refuse('SEAL_TREE_ROOT');
}
