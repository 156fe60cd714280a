/** Keys of a sealed bid from the shares of all groups, and what one share gives by itself; commitments and header tag. Spec §5. Pure. */
import { concatBytes, equalBytesConstantTime, wipeBytes } from '../bytes/byte-strings.ts';
import { toUtf8 } from '../bytes/utf8.ts';
import { refuse } from '../errors/app-error.ts';
import { assert } from '../errors/assert.ts';
import { DIGEST_BYTES, SHARE_BYTES } from './limits.ts';
import { writeCore, type SealHeader } from './seal-header.ts';
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

/** What the share of one group gives, without the others. */
export interface GroupKeys {
  readonly commitment: Uint8Array;
  /** For a rehearsal ticket of that group (§12). */
  readonly ticketKey: Uint8Array;
}

/** Bound to the core, which has the seal id, and to the place of the group: a share of another bid or group commits to something else. */
export function deriveGroupKeys(suite: Suite, coreDer: Uint8Array, group: number, share: Uint8Array): GroupKeys {
  assert(share.length === SHARE_BYTES, 'share of 32 octets');
  const salt = suite.digest(toUtf8(`BidKey sealed bid 1 group ${suite.id}\0`), coreDer);
  const groupKey = suite.hmac(salt, share);
  const expand = (purpose: string, length: number) => suite.hkdfExpand(groupKey, concatBytes(toUtf8(`BidKey sealed bid 1 ${suite.id} ${purpose}\0`), Uint8Array.of(group)), length);
  const keys = { commitment: expand('share commitment', DIGEST_BYTES), ticketKey: expand('ticket', suite.keyBytes) };
  wipeBytes(groupKey);
  return keys;
}

/** @throws SEAL_SHARE_WRONG with the name of the group */
export function checkShare(suite: Suite, header: SealHeader, group: number, share: Uint8Array): void {
  const committed = header.shareCommitments[group];
  const keys = share.length === SHARE_BYTES && committed ? deriveGroupKeys(suite, writeCore(header.core), group, share) : null;
  if (keys) wipeBytes(keys.ticketKey);
  if (!keys || !committed || !equalBytesConstantTime(keys.commitment, committed)) refuse('SEAL_SHARE_WRONG', { group: header.core.groupNames[group] ?? '' });
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
