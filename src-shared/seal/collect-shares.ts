/** From keys and remote shares to the keys of a file: one share of each group, each held against its commitment. Spec §4, §5. Pure; tokens unwrap by callback. */
import { equalBytes, wipeBytes } from '../bytes/byte-strings.ts';
import type { EnvelopeRecipient } from '../cms/envelope.ts';
import { AppError, refuse } from '../errors/app-error.ts';
import type { SmEngine } from '../sm/sm-engine.ts';
import { checkKeys, checkShare, deriveKeys, type FileKeys } from './key-schedule.ts';
import { unwrapShare, type Opener } from './opener.ts';
import { writeCore, type SealHeader } from './seal-header.ts';
import type { Suite } from './suites.ts';

export interface OpenerPlace {
  readonly group: number;
  readonly groupName: string;
  readonly opener: Opener;
}

/** A share that came by remote opening, or was unwrapped before. Secret; its owner wipes it. */
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

/** The share of the recipient's group, and the right one. @throws SEAL_ENVELOPE_MALFORMED, SEAL_UNWRAP_FAILED, SEAL_SHARE_WRONG (each names the group), and what a token says */
export async function unwrapOwnShare(header: SealHeader, place: OpenerPlace, recipient: EnvelopeRecipient, suite: Suite, engine: SmEngine): Promise<Uint8Array> {
  const share = await unwrapShare(place.opener, recipient, suite, engine, place.groupName);
  try {
    checkShare(suite, header, place.group, share);
    return share;
  } catch (thrown) {
    wipeBytes(share);
    throw thrown;
  }
}

/**
 * What these keys and remote shares give, by group. A key whose group has a share already is not asked; one that fails is forgiven when another of its group does not.
 * @throws SEAL_NOT_AN_OPENER, SEAL_ENVELOPE_MALFORMED, SEAL_UNWRAP_FAILED, SEAL_SHARE_WRONG, and what a token says
 */
export async function unwrapShares(header: SealHeader, recipients: readonly EnvelopeRecipient[], remote: readonly GroupShare[], suite: Suite, engine: SmEngine): Promise<Map<number, Uint8Array>> {
  const shares = new Map<number, Uint8Array>();
  const faults = new Map<number, AppError>();
  try {
    for (const { group, share } of remote) {
      checkShare(suite, header, group, share);
      if (!shares.has(group)) shares.set(group, Uint8Array.from(share));
    }
    for (const recipient of recipients) {
      const place = findOpener(header, recipient.certificateDer, suite) ?? refuse('SEAL_NOT_AN_OPENER');
      if (shares.has(place.group)) continue;
      try {
        shares.set(place.group, await unwrapOwnShare(header, place, recipient, suite, engine));
      } catch (thrown) {
        if (!(thrown instanceof AppError) || !ENVELOPE_FAULTS.includes(thrown.code)) throw thrown;
        faults.set(place.group, thrown);
      }
    }
    for (const [group, fault] of faults) if (!shares.has(group)) throw fault;
    return shares;
  } catch (thrown) {
    wipeBytes(...shares.values());
    throw thrown;
  }
}

/** About one envelope; what a token says of itself (PIN, pulled) is about the person's next step and passes. */
export const ENVELOPE_FAULTS: readonly string[] = ['SEAL_ENVELOPE_MALFORMED', 'SEAL_UNWRAP_FAILED', 'SEAL_SHARE_WRONG'];

/** One share of each group, in order. @throws SEAL_SHARE_MISSING and as unwrapShares */
export async function collectShares(header: SealHeader, recipients: readonly EnvelopeRecipient[], remote: readonly GroupShare[], suite: Suite, engine: SmEngine): Promise<Uint8Array[]> {
  const shares = await unwrapShares(header, recipients, remote, suite, engine);
  return inOrder(header, shares);
}

/** @throws SEAL_SHARE_MISSING with the name of the group; the shares are wiped then */
export function inOrder(header: SealHeader, shares: ReadonlyMap<number, Uint8Array>): Uint8Array[] {
  const missing = header.core.groupNames.find((_, i) => !shares.has(i));
  if (missing !== undefined) {
    wipeBytes(...shares.values());
    refuse('SEAL_SHARE_MISSING', { group: missing });
  }
  return header.core.groupNames.map((group, i) => shares.get(i) ?? refuse('SEAL_SHARE_MISSING', { group }));
}

/** @param shares are wiped @throws SEAL_KEY_COMMITMENT, SEAL_HEADER_MAC */
export function openKeys(header: SealHeader, shares: readonly Uint8Array[], preludeAndHeader: Uint8Array, headerTag: Uint8Array, suite: Suite): FileKeys {
  const keys = deriveKeys(suite, writeCore(header.core), shares);
  wipeBytes(...shares);
  checkKeys(suite, keys, header, preludeAndHeader, headerTag);
  return keys;
}
