/** Keys of a sealed bid from the shares of all groups; commitment and header tag. Spec §5. Pure. */
import { concatBytes, equalBytesConstantTime, wipeBytes } from '../bytes/byte-strings.ts';
import { toUtf8 } from '../bytes/utf8.ts';
import { refuse } from '../errors/app-error.ts';
import { assert } from '../errors/assert.ts';
import { DIGEST_BYTES, SHARE_BYTES } from './limits.ts';
import type { SealHeader } from './seal-header.ts';
import type { Suite } from './suites.ts';

export interface FileKeys {
  readonly payloadKey: Uint8Array;
  readonly headerKey: Uint8Array;
  readonly commitment: Uint8Array;
}

/** @param shares one of each group, in order; the caller wipes them */
export function deriveKeys(suite: Suite, coreDer: Uint8Array, shares: readonly Uint8Array[]): FileKeys {
  assert(shares.length > 0 && shares.every(({ length }) => length === SHARE_BYTES), 'shares of 32 octets');
  const salt = suite.digest(toUtf8(`BidKey sealed bid 1 core ${suite.id}\0`), coreDer);
  const joined = concatBytes(...shares);
  const fileKey = suite.hmac(salt, joined);
  const expand = (purpose: string, length: number) => suite.hkdfExpand(fileKey, toUtf8(`BidKey sealed bid 1 ${suite.id} ${purpose}`), length);
  const keys = { payloadKey: expand('payload', suite.keyBytes), headerKey: expand('header', DIGEST_BYTES), commitment: expand('commitment', DIGEST_BYTES) };
  wipeBytes(joined, fileKey);
  return keys;
}

export function wipeKeys(keys: FileKeys): void {
  wipeBytes(keys.payloadKey, keys.headerKey);
}

/** @param preludeAndHeader prelude ‖ DER of the header */
export const sealedHeaderTag = (suite: Suite, keys: FileKeys, preludeAndHeader: Uint8Array): Uint8Array => suite.hmac(keys.headerKey, preludeAndHeader);

export const plainHeaderTag = (suite: Suite, preludeAndHeader: Uint8Array): Uint8Array => suite.digest(toUtf8('BidKey sealed bid 1 plain header\0'), preludeAndHeader);

/** Commitment first, then the tag, before anything else is believed. @throws SEAL_KEY_COMMITMENT, SEAL_HEADER_MAC; the keys are wiped then */
export function checkKeys(suite: Suite, keys: FileKeys, header: SealHeader, preludeAndHeader: Uint8Array, headerTag: Uint8Array): void {
  const committed = equalBytesConstantTime(keys.commitment, header.commitment);
  const tagged = equalBytesConstantTime(sealedHeaderTag(suite, keys, preludeAndHeader), headerTag);
  if (committed && tagged) return;
  wipeKeys(keys);
  refuse(committed ? 'SEAL_HEADER_MAC' : 'SEAL_KEY_COMMITMENT');
}
