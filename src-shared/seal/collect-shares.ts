/** From keys and remote shares to the keys of a file: one share of each group. Spec §4, §5. Pure; tokens unwrap by callback. */
import { equalBytes, wipeBytes } from '../bytes/byte-strings.ts';
import type { EnvelopeRecipient } from '../cms/envelope.ts';
import { refuse } from '../errors/app-error.ts';
import type { SmEngine } from '../sm/sm-engine.ts';
import { checkKeys, deriveKeys, type FileKeys } from './key-schedule.ts';
import { SHARE_BYTES } from './limits.ts';
import { unwrapShare, type Opener } from './opener.ts';
import { writeCore, type SealHeader } from './seal-header.ts';
import type { Suite } from './suites.ts';

export interface OpenerPlace {
  readonly group: number;
  readonly groupName: string;
  readonly opener: Opener;
}

/** A share that came by remote opening, or was unwrapped before. */
export interface GroupShare {
  readonly group: number;
  readonly share: Uint8Array;
}

/** By fingerprint, never by label: two keys may have the same one. @returns null when the certificate does not open */
export function findOpener(header: SealHeader, certificateDer: Uint8Array, suite: Suite): OpenerPlace | null {
  const fingerprint = suite.digest(certificateDer);
  for (const [group, openers] of header.groups.entries()) {
    const opener = openers.find((one) => equalBytes(one.fingerprint, fingerprint));
    if (opener) return { group, groupName: header.core.groupNames[group] ?? '', opener };
  }
  return null;
}

/**
 * One share of each group, in order. A key whose group has a share already is not asked.
 * @throws SEAL_NOT_AN_OPENER, SEAL_UNWRAP_FAILED, SEAL_SHARE_MISSING, and what a token says
 */
export async function collectShares(header: SealHeader, recipients: readonly EnvelopeRecipient[], remote: readonly GroupShare[], suite: Suite, engine: SmEngine): Promise<Uint8Array[]> {
  const shares = new Map<number, Uint8Array>();
  for (const { group, share } of remote) if (share.length === SHARE_BYTES && group < header.groups.length) shares.set(group, Uint8Array.from(share));
  try {
    for (const recipient of recipients) {
      const place = findOpener(header, recipient.certificateDer, suite) ?? refuse('SEAL_NOT_AN_OPENER');
      if (!shares.has(place.group)) shares.set(place.group, await unwrapShare(place.opener, recipient, suite, engine));
    }
    return header.core.groupNames.map((group, i) => shares.get(i) ?? refuse('SEAL_SHARE_MISSING', { group }));
  } catch (thrown) {
    wipeBytes(...shares.values());
    throw thrown;
  }
}

/** @param shares are wiped @throws SEAL_KEY_COMMITMENT, SEAL_HEADER_MAC */
export function openKeys(header: SealHeader, shares: readonly Uint8Array[], preludeAndHeader: Uint8Array, headerTag: Uint8Array, suite: Suite): FileKeys {
  const keys = deriveKeys(suite, writeCore(header.core), shares);
  wipeBytes(...shares);
  checkKeys(suite, keys, header, preludeAndHeader, headerTag);
  return keys;
}
