/** From a file and keys to a file that can be read: signatures, shares, commitment, header tag, manifest, in that order. Spec §5, §7, §8. */
import type { EnvelopeRecipient } from '#shared/cms/envelope.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { collectShares, openKeys, type GroupShare } from '#shared/seal/collect-shares.ts';
import type { FileKeys } from '#shared/seal/key-schedule.ts';
import { MAX_MANIFEST_BYTES } from '#shared/seal/limits.ts';
import { MANIFEST_LENGTH_BYTES, openManifest, type OpenedManifest } from '#shared/seal/manifest.ts';
import { verifySignatures, type SealSignatures } from '#shared/seal/seal-trailer.ts';
import { readPlainRange } from './payload-reader.ts';
import type { SealedFile } from './sealed-file.ts';

export interface OpeningKeys {
  /** Keys that are here. For a backup or tender package none are needed. */
  readonly recipients: readonly EnvelopeRecipient[];
  /** Shares that came by remote opening. */
  readonly shares?: readonly GroupShare[];
}

export interface UnlockedBid {
  readonly signatures: SealSignatures;
  /** null when plain. */
  readonly keys: FileKeys | null;
}

/** @throws SEAL_SIGNATURE_INVALID, SEAL_SIGNER_WRONG, SEAL_NOT_AN_OPENER, SEAL_SHARE_MISSING, SEAL_UNWRAP_FAILED, SEAL_SHARE_WRONG, SEAL_KEY_COMMITMENT, SEAL_HEADER_MAC */
export async function unlockBid(file: SealedFile, opening: OpeningKeys): Promise<UnlockedBid> {
  const { header, means } = file;
  // No key is used for a file that its signer did not make.
  const signatures = await verifySignatures(header, file.headerDigest, file.trailer, means.suite, means.crypto);
  if (header.core.kind === 'plain') return { signatures, keys: null };
  const shares = await collectShares(header, opening.recipients, opening.shares ?? [], means.suite, means.engine);
  return { signatures, keys: openKeys(header, shares, file.preludeAndHeader, file.headerTag, means.suite) };
}

/** The list of documents, from the end of the payload. @throws SEAL_CHUNK_DAMAGED, SEAL_MANIFEST_…, SEAL_NAME_…, SEAL_DOCUMENT_… */
export async function readManifestOf(file: SealedFile, keys: FileKeys | null): Promise<OpenedManifest> {
  const { payloadLength } = file.trailer;
  if (payloadLength <= MANIFEST_LENGTH_BYTES) refuse('SEAL_MANIFEST_MALFORMED', { reason: 'no manifest' });
  const end = payloadLength - MANIFEST_LENGTH_BYTES;
  const octets = await readPlainRange(file, keys, end, payloadLength);
  const length = new DataView(octets.buffer, octets.byteOffset, octets.byteLength).getUint32(0);
  if (length > MAX_MANIFEST_BYTES) refuse('SEAL_HEADER_TOO_LARGE', { part: 'manifest', gotBytes: length, maxBytes: MAX_MANIFEST_BYTES });
  if (length === 0 || length > end) refuse('SEAL_MANIFEST_MALFORMED', { reason: 'length' });
  const message = await readPlainRange(file, keys, end - length, end);
  return openManifest(message, file.header.core, payloadLength, file.means.suite, file.means.crypto);
}
