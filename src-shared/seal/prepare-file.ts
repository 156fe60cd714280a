/** The front of a new file: core, shares for the openers, keys, header and its tag. Spec §3–§5. Pure; randomness comes by the crypto port. */
import { concatBytes, wipeBytes } from '../bytes/byte-strings.ts';
import type { CryptoPort } from '../crypto/crypto-port.ts';
import { refuse } from '../errors/app-error.ts';
import type { SmEngine } from '../sm/sm-engine.ts';
import { checkIdentity, type BidIdentity } from './bid-identity.ts';
import { writePrelude } from './file-layout.ts';
import { deriveGroupKeys, deriveKeys, plainHeaderTag, sealedHeaderTag, type FileKeys } from './key-schedule.ts';
import { CHUNK_BITS, MAX_GROUPS, MAX_OPENERS, SHARE_BYTES } from './limits.ts';
import { wrapShare, type Opener, type OpenerCertificate } from './opener.ts';
import { makeTicket } from './rehearsal-ticket.ts';
import { writeCore, writeHeader, type FileKind, type HeaderCore, type SealHeader } from './seal-header.ts';
import type { Suite } from './suites.ts';

export interface OpenerGroup {
  readonly name: string;
  readonly openers: readonly OpenerCertificate[];
}

export interface FileToPrepare {
  readonly kind: FileKind;
  readonly identity: BidIdentity;
  /** Empty for plain files. */
  readonly groups: readonly OpenerGroup[];
  readonly signerCertificateDer: Uint8Array;
  /** Name of the group for whose keys a rehearsal ticket is made. */
  readonly ticketGroup?: string | null;
  /** 20 but in tests. */
  readonly chunkBits?: number;
}

export interface Means {
  readonly suite: Suite;
  readonly crypto: CryptoPort;
  readonly engine: SmEngine;
}

/** The front of a file, ready to be written. */
export interface FileFront {
  readonly header: SealHeader;
  readonly preludeAndHeader: Uint8Array;
  readonly headerTag: Uint8Array;
  /** null when plain; the owner wipes them. */
  readonly keys: FileKeys | null;
  /** null when none was wanted, or there is no other group. */
  readonly ticket: Uint8Array | null;
}

/** @throws INPUT_INVALID, SEAL_GROUPS, SEAL_OPENER_DUPLICATE, SEAL_HEADER_TOO_LARGE, KEY_INVALID, ALGORITHM_UNSUPPORTED */
export async function prepareFile(file: FileToPrepare, means: Means): Promise<FileFront> {
  const { suite, crypto } = means;
  checkIdentity(file.identity);
  // Before anything is wrapped: a mistake here must not cost a thousand public-key operations.
  if (file.groups.length > MAX_GROUPS || file.groups.some(({ openers }) => openers.length > MAX_OPENERS)) refuse('SEAL_GROUPS', { reason: 'too many' });
  const core: HeaderCore = {
    kind: file.kind, suite: suite.id, chunkBits: file.chunkBits ?? CHUNK_BITS.written, salt: crypto.randomBytes(32), bidder: suite.digest(file.signerCertificateDer),
    identity: file.identity, groupNames: file.groups.map(({ name }) => name), extensions: [],
  };
  if (file.kind === 'plain') return tagHeader({ core, commitment: new Uint8Array(0), shareCommitments: [], groups: [], history: [] }, null, suite);
  if (file.groups.length === 0) refuse('SEAL_GROUPS', { reason: 'no group' });
  const shares = file.groups.map(() => crypto.randomBytes(SHARE_BYTES));
  try {
    const keys = deriveKeys(suite, writeCore(core), shares);
    const groups: Opener[][] = [];
    for (const [i, group] of file.groups.entries()) groups.push(await wrapForGroup(shares[i] ?? refuse('SEAL_GROUPS'), group.openers, means));
    const shareCommitments = shares.map((share, i) => commitmentOf(suite, writeCore(core), i, share));
    const front = tagHeader({ core, commitment: keys.commitment, shareCommitments, groups, history: [] }, keys, suite);
    return { ...front, ticket: await ticketFor(file.ticketGroup ?? null, core, shares, suite) };
  } finally {
    wipeBytes(...shares);
  }
}

function commitmentOf(suite: Suite, coreDer: Uint8Array, group: number, share: Uint8Array): Uint8Array {
  const { commitment, ticketKey } = deriveGroupKeys(suite, coreDer, group, share);
  wipeBytes(ticketKey);
  return commitment;
}

async function ticketFor(groupName: string | null, core: HeaderCore, shares: readonly Uint8Array[], suite: Suite): Promise<Uint8Array | null> {
  if (groupName === null) return null;
  const group = core.groupNames.indexOf(groupName);
  if (group < 0) refuse('SEAL_GROUPS', { reason: 'no such group', group: groupName });
  return shares.length === 1 ? null : makeTicket(core, group, shares, suite);
}

async function wrapForGroup(share: Uint8Array, openers: readonly OpenerCertificate[], { suite, crypto, engine }: Means): Promise<Opener[]> {
  const wrapped: Opener[] = [];
  for (const opener of openers) wrapped.push(await wrapShare(share, opener, suite, crypto, engine));
  return wrapped;
}

export function tagHeader(header: SealHeader, keys: FileKeys | null, suite: Suite): FileFront {
  const der = writeHeader(header);
  const preludeAndHeader = concatBytes(writePrelude(der.length), der);
  const headerTag = keys ? sealedHeaderTag(suite, keys, preludeAndHeader) : plainHeaderTag(suite, preludeAndHeader);
  return { header, preludeAndHeader, headerTag, keys, ticket: null };
}
