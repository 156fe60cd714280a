/** What a sealed file says of itself, for screens: with the plugged keys that are among its openers. No key is used and nothing is verified. */
import { stat } from 'node:fs/promises';
import type { SealedFacts } from '#shared/contract/desktop/bids.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { overTheSameKeys } from '../ledger/same-key-certificates.ts';
import { inspectBid } from '../sealing/sealed-file.ts';
import { meansFor, type SealingMeans } from '../sealing/sealing-means.ts';
import type { RememberingTokens } from './log-in-key.ts';

/** @throws SEAL_NOT_OURS, SEAL_SOURCE_UNREADABLE, SEAL_… */
export async function inspectSealed(path: string, tokens: Pick<RememberingTokens, 'list' | 'seenCertificates'>, means: SealingMeans): Promise<SealedFacts> {
  const file = await inspectBid(path, means);
  const { suite } = meansFor(means, file.suite);
  const seen = tokens.seenCertificates?.() ?? [];
  const plugged = new Map((await tokens.list()).tokens.flatMap((token) => {
    const own = token.certificates.map(({ certificateDer }) => fromBase64(certificateDer));
    // After a renewal with the same keys a bid names the certificate before; the key opens it all the same.
    return [...overTheSameKeys(own, seen), ...own].map((der) => [toHex(suite.digest(der)), token.ref.serial] as const);
  }));
  const { kind, sealIdHex, bidId, tenderId, lot, sealedAtUtc, opensAtUtc, rootHex } = file;
  return {
    path, kind, suite: file.suite, sealIdHex, bidId, tenderId, lot, sealedAtUtc, opensAtUtc, sizeBytes: (await stat(path)).size, rootHex, rewraps: file.rewraps.length,
    groups: file.groups.map((group) => ({ name: group.name, openers: group.openers.map(({ label, issuer, serialHex, fingerprintHex, notAfterUtc, revocation }) => ({ label, issuer, serialHex, fingerprintHex, notAfterUtc, revocation, pluggedSerial: plugged.get(fingerprintHex) ?? null })) })),
  };
}
