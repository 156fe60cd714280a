/**
 * Rehearses an opening: which of these keys unwrap their share, and, when all groups are there, whether header, first and last chunk open.
 * Reads header, trailer and two chunks, whatever the size. Spec §4–§6.
 */
import type { EnvelopeRecipient } from '#shared/cms/envelope.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { ErrorCode } from '#shared/errors/error-table.ts';
import { findOpener, openKeys, type GroupShare } from '#shared/seal/collect-shares.ts';
import { wipeKeys } from '#shared/seal/key-schedule.ts';
import { unwrapShare } from '#shared/seal/opener.ts';
import { verifySignatures } from '#shared/seal/seal-trailer.ts';
import { openChunks, plainLengthOf, readStored } from './payload-reader.ts';
import { withSealedFile, type SealedFile } from './sealed-file.ts';
import type { SealingMeans } from './sealing-means.ts';

export interface RehearsedKey {
  readonly fingerprintHex: string;
  /** null when the key is no opener of this bid. */
  readonly group: string | null;
  /** null when the share came out. */
  readonly refusal: ErrorCode | null;
}

export interface Rehearsal {
  readonly sealIdHex: string;
  readonly at: Date;
  readonly keys: readonly RehearsedKey[];
  /** Groups of which no key has unwrapped; with one missing, chunks cannot be tried. */
  readonly missingGroups: readonly string[];
  /** Whether header, first and last chunk opened. */
  readonly opened: boolean;
}

/** Refusals of single keys are part of the answer. @throws SEAL_SIGNATURE_INVALID, SEAL_KEY_COMMITMENT, SEAL_HEADER_MAC, SEAL_CHUNK_DAMAGED, … */
export function rehearseOpening(path: string, recipients: readonly EnvelopeRecipient[], means: SealingMeans, remote: readonly GroupShare[] = []): Promise<Rehearsal> {
  return withSealedFile(path, means, async (file) => {
    const { header } = file;
    await verifySignatures(header, file.headerDigest, file.trailer, file.means.suite, file.means.crypto);
    const shares = new Map<number, Uint8Array>(remote.map(({ group, share }) => [group, Uint8Array.from(share)]));
    const keys: RehearsedKey[] = [];
    try {
      for (const recipient of recipients) keys.push(await rehearseKey(file, recipient, shares));
      const missingGroups = header.core.groupNames.filter((_, i) => !shares.has(i));
      const opened = header.core.kind === 'sealed' && missingGroups.length === 0;
      if (opened) await tryChunks(file, header.core.groupNames.map((_, i) => shares.get(i) ?? new Uint8Array(0)));
      return { sealIdHex: toHex(header.core.identity.sealId), at: means.clock(), keys, missingGroups, opened };
    } finally {
      wipeBytes(...shares.values());
    }
  });
}

async function rehearseKey(file: SealedFile, recipient: EnvelopeRecipient, shares: Map<number, Uint8Array>): Promise<RehearsedKey> {
  const { suite, engine } = file.means;
  const fingerprintHex = toHex(suite.digest(recipient.certificateDer));
  const place = findOpener(file.header, recipient.certificateDer, suite);
  if (!place) return { fingerprintHex, group: null, refusal: 'SEAL_NOT_AN_OPENER' };
  try {
    const share = await unwrapShare(place.opener, recipient, suite, engine);
    if (shares.has(place.group)) wipeBytes(share);
    else shares.set(place.group, share);
    return { fingerprintHex, group: place.groupName, refusal: null };
  } catch (thrown) {
    // One key that fails (pulled, PIN locked, wrong envelope) says nothing of the others.
    if (thrown instanceof AppError) return { fingerprintHex, group: place.groupName, refusal: thrown.code };
    throw thrown;
  }
}

async function tryChunks(file: SealedFile, shares: readonly Uint8Array[]): Promise<void> {
  const keys = openKeys(file.header, shares, file.preludeAndHeader, file.headerTag, file.means.suite);
  try {
    for (const first of new Set([0, file.plan.chunkCount - 1])) {
      const run = { first, count: 1 };
      await openChunks(file, keys, run, await readStored(file, run), new Uint8Array(plainLengthOf(file, run)));
    }
  } finally {
    wipeKeys(keys);
  }
}
