/** Verifies a file without opening it: signatures, history, time stamps, every octet of the payload against the signed root, and whether the signers are trusted. Spec §8. */
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { ChunkTree } from '#shared/seal/chunk-tree.ts';
import { inspectFile, type InspectedFile } from '#shared/seal/inspect-file.ts';
import { TAG_BYTES } from '#shared/seal/limits.ts';
import { verifySignatures, type SealSignatures } from '#shared/seal/seal-trailer.ts';
import { verifyTimeStamp, type TimeStamp } from '#shared/seal/time-stamp.ts';
import { batchChunks, readStored } from './payload-reader.ts';
import { withSealedFile, type SealedFile } from './sealed-file.ts';
import type { SealingMeans, WorkOptions } from './sealing-means.ts';
import { stopIfAborted } from './system-errors.ts';
import { judgeCertificate, requireTrusted, untrustedWhenRevoked, type TrustQuestion, type TrustVerdict } from './trust.ts';
import { readManifestOf } from './unlock-bid.ts';

export interface VerifiedBid {
  readonly file: InspectedFile;
  readonly signatures: SealSignatures;
  /** The first is the bidder (or tenderer), then who re-wrapped; the last one signed the file as it is. */
  readonly signers: readonly VerifiedSigner[];
}

export interface VerifiedSigner {
  readonly certificateDer: Uint8Array;
  /** As the file says; claimed. */
  readonly signedAt: Date;
  readonly timeStamp: VerifiedTimeStamp | null;
  /** At the time of a trusted time stamp, else at the time that is claimed. */
  readonly trust: TrustVerdict;
}

export interface VerifiedTimeStamp extends TimeStamp {
  /** Never "trusted" when its authority is revoked. */
  readonly trust: TrustVerdict;
}

export interface VerifyOptions extends WorkOptions {
  /** Authorities that are trusted; without it no chain is checked, and the answer says so. */
  readonly trust?: TrustQuestion | null;
}

/** @throws SEAL_SIGNATURE_INVALID, SEAL_SIGNER_WRONG, SEAL_HISTORY_INVALID, SEAL_TIME_STAMP_INVALID, SEAL_TREE_ROOT, …; the manifest's too where it can be read */
export function verifyBid(path: string, means: SealingMeans, options: VerifyOptions = {}): Promise<VerifiedBid> {
  return withSealedFile(path, means, async (file) => {
    const signatures = await verifySignatures(file.header, file.headerDigest, file.trailer, file.means.suite, file.means.crypto);
    const signers = await judgeEach(file, signatures, options.trust ?? null);
    await verifyRoot(file, options);
    if (file.header.core.kind === 'plain') await readManifestOf(file, null);
    return { file: inspectFile(file), signatures, signers };
  });
}

/** Only who signed, and whether they are trusted now; the payload is not read. @throws SEAL_SIGNATURE_INVALID, SEAL_SIGNER_WRONG, SEAL_HISTORY_INVALID, … */
export function judgeSigners(path: string, means: SealingMeans, trust: TrustQuestion | null): Promise<VerifiedSigner[]> {
  return withSealedFile(path, means, async (file) => judgeEach(file, await verifySignatures(file.header, file.headerDigest, file.trailer, file.means.suite, file.means.crypto), trust));
}

/** @throws SEAL_SIGNER_UNTRUSTED when a signer is not trusted */
export function requireTrustedSigners({ signers }: VerifiedBid): void {
  for (const [generation, { trust, timeStamp }] of signers.entries()) requireTrusted(trust, generation === 0 ? 'signer' : `re-wrap ${generation}`, timeStamp?.trust.status === 'trusted' ? timeStamp.at : null);
}

async function judgeEach({ header, trailer, means: { crypto } }: SealedFile, signatures: SealSignatures, trust: TrustQuestion | null): Promise<VerifiedSigner[]> {
  const signed = [...header.history.map(({ signature, timeStamp }) => ({ signature, timeStamp })), { signature: trailer.signature, timeStamp: trailer.timeStamp }];
  const times = [header.core.identity.sealedAt, ...header.history.map(({ at }) => at)];
  const certificates = [...signatures.history, signatures.outer].map(({ certificateDer }) => certificateDer);
  const judged: VerifiedSigner[] = [];
  for (const [generation, { signature, timeStamp: token }] of signed.entries()) {
    const [certificateDer, signedAt] = [certificates[generation] ?? refuse('INTERNAL'), times[generation] ?? refuse('INTERNAL')];
    const stamp = token && (await verifyTimeStamp(token, signature, crypto));
    const timeStamp = stamp && { ...stamp, trust: untrustedWhenRevoked(await judgeCertificate(stamp.authorityCertificateDer, stamp.at, ['digitalSignature'], trust, crypto, stamp.certificates)) };
    const at = timeStamp?.trust.status === 'trusted' ? timeStamp.at : signedAt;
    judged.push({ certificateDer, signedAt, timeStamp, trust: await judgeCertificate(certificateDer, at, ['digitalSignature'], trust, crypto) });
  }
  return judged;
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
