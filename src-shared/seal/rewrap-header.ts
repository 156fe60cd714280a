/** Re-wrap: other openers for the same payload, the history kept. Spec §9. Pure. */
import { equalBytes } from '../bytes/byte-strings.ts';
import { refuse } from '../errors/app-error.ts';
import { MAX_REWRAPS } from './limits.ts';
import type { FileKeys } from './key-schedule.ts';
import { wrapShare, type Opener, type OpenerCertificate } from './opener.ts';
import { tagHeader, type FileFront, type Means } from './prepare-file.ts';
import type { SealHeader } from './seal-header.ts';
import type { SealTrailer } from './seal-trailer.ts';

export interface GroupChange {
  /** Name of an existing group: groups are part of the keys and cannot be added. */
  readonly group: string;
  readonly add: readonly OpenerCertificate[];
  /** Fingerprints of openers that shall no longer stand in the header. */
  readonly remove: readonly Uint8Array[];
}

export interface RewrapRequest {
  readonly changes: readonly GroupChange[];
  readonly at: Date;
  readonly signerCertificateDer: Uint8Array;
}

/** What the file was before. */
export interface RewrapBase {
  readonly header: SealHeader;
  readonly headerDigest: Uint8Array;
  readonly trailer: SealTrailer;
  /** One share of each group, in order. */
  readonly shares: readonly Uint8Array[];
  readonly keys: FileKeys;
}

/** @throws SEAL_GROUPS, SEAL_OPENER_DUPLICATE, SEAL_NOT_AN_OPENER, SEAL_HEADER_TOO_LARGE */
export async function rewrapHeader(base: RewrapBase, request: RewrapRequest, means: Means): Promise<FileFront> {
  const { header, headerDigest, trailer } = base;
  if (header.core.kind !== 'sealed') refuse('SEAL_GROUPS', { reason: 'a plain file has no openers' });
  if (header.history.length >= MAX_REWRAPS) refuse('SEAL_HEADER_TOO_LARGE', { part: 'history', max: MAX_REWRAPS });
  const groups: Opener[][] = header.groups.map((group) => [...group]);
  for (const change of request.changes) {
    const index = header.core.groupNames.indexOf(change.group);
    const [group, share] = [groups[index], base.shares[index]];
    if (!group || !share) return refuse('SEAL_GROUPS', { reason: 'no such group', group: change.group });
    groups[index] = await changeGroup(group, change, share, means);
  }
  const entry = { at: request.at, by: means.suite.digest(request.signerCertificateDer), headerDigest, signature: trailer.signature, timeStamp: trailer.timeStamp };
  return tagHeader({ ...header, groups, history: [...header.history, entry] }, base.keys, means.suite);
}

async function changeGroup(group: readonly Opener[], change: GroupChange, share: Uint8Array, { suite, crypto, engine }: Means): Promise<Opener[]> {
  for (const gone of change.remove) if (!group.some(({ fingerprint }) => equalBytes(fingerprint, gone))) refuse('SEAL_NOT_AN_OPENER');
  const kept = group.filter(({ fingerprint }) => !change.remove.some((gone) => equalBytes(fingerprint, gone)));
  for (const opener of change.add) kept.push(await wrapShare(share, opener, suite, crypto, engine));
  return kept;
}
