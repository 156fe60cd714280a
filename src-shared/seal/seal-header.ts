/**
 * Header of a sealed bid or plain package: core, commitments, groups of openers, history of re-wraps; written and strictly read. Spec §3. Pure.
 * `Header ::= SEQUENCE { core Core, commitment OCTET STRING, shareCommitments SEQUENCE OF OCTET STRING, groups SEQUENCE OF Group, history SEQUENCE OF Rewrap }`
 * `Core ::= SEQUENCE { kind, suite ENUMERATED, chunkBits INTEGER, salt, bidder OCTET STRING, identity Identity, groupNames SEQUENCE OF UTF8String, extensions [0] … }`
 */
import type { DerReader } from '../asn1/der-reader.ts';
import { derBoolean, derContext, derContextPrimitive, derEnumerated, derInteger, derOctetString, derOid, derSequence, derTime, derUtf8String } from '../asn1/der-writer.ts';
import { toHex } from '../bytes/hex.ts';
import { refuse } from '../errors/app-error.ts';
import { readIdentity, writeIdentity, type BidIdentity } from './bid-identity.ts';
import { CHUNK_BITS, DIGEST_BYTES, MAX_EXTENSIONS, MAX_GROUPS, MAX_HEADER_BYTES, MAX_OPENERS, MAX_REWRAPS } from './limits.ts';
import { readOpener, writeOpener, type Opener } from './opener.ts';
import { findTextProblem, readDigest, readMembers, readStrict, readText, readTimeOf } from './strict-structure.ts';
import { SUITES, suiteOfNumber, type SuiteId } from './suites.ts';

export const KINDS = { sealed: 1, plain: 2 } as const;
export type FileKind = keyof typeof KINDS;

export interface HeaderExtension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

/** What never changes after sealing; keys are bound to it. */
export interface HeaderCore {
  readonly kind: FileKind;
  readonly suite: SuiteId;
  readonly chunkBits: number;
  readonly salt: Uint8Array;
  /** Digest of the bidder's signing certificate. */
  readonly bidder: Uint8Array;
  readonly identity: BidIdentity;
  readonly groupNames: readonly string[];
  readonly extensions: readonly HeaderExtension[];
}

/** One re-wrap: what it found, and who made it. */
export interface Rewrap {
  readonly at: Date;
  /** Fingerprint of the signing certificate of whoever re-wrapped. */
  readonly by: Uint8Array;
  /** Of the header before. */
  readonly headerDigest: Uint8Array;
  /** Outer signature before. */
  readonly signature: Uint8Array;
  readonly timeStamp: Uint8Array | null;
}

export interface SealHeader {
  readonly core: HeaderCore;
  /** Empty when plain. */
  readonly commitment: Uint8Array;
  /** One of each group, in order: what its share must be, known without the other groups. Empty when plain. */
  readonly shareCommitments: readonly Uint8Array[];
  /** In the order of core.groupNames. */
  readonly groups: readonly (readonly Opener[])[];
  readonly history: readonly Rewrap[];
}

export function writeCore(core: HeaderCore): Uint8Array {
  return derSequence(
    derEnumerated(KINDS[core.kind]), derEnumerated(SUITES[core.suite].number), derInteger(core.chunkBits), derOctetString(core.salt), derOctetString(core.bidder),
    writeIdentity(core.identity), derSequence(...core.groupNames.map(derUtf8String)),
    ...(core.extensions.length > 0 ? [derContext(0, ...core.extensions.map((one) => derSequence(derOid(one.oid), derBoolean(one.critical), derOctetString(one.value))))] : []),
  );
}

/** @throws SEAL_GROUPS, SEAL_OPENER_DUPLICATE, SEAL_HEADER_TOO_LARGE */
export function writeHeader(header: SealHeader): Uint8Array {
  checkHeader(header);
  const der = encode(header);
  if (der.length > MAX_HEADER_BYTES) refuse('SEAL_HEADER_TOO_LARGE', { part: 'header', gotBytes: der.length, maxBytes: MAX_HEADER_BYTES });
  return der;
}

function encode(header: SealHeader): Uint8Array {
  return derSequence(
    writeCore(header.core), derOctetString(header.commitment), derSequence(...header.shareCommitments.map(derOctetString)),
    derSequence(...header.groups.map((group) => derSequence(...group.map(writeOpener)))),
    derSequence(...header.history.map(writeRewrap)),
  );
}

function writeRewrap(one: Rewrap): Uint8Array {
  return derSequence(derTime(one.at), derOctetString(one.by), derOctetString(one.headerDigest), derOctetString(one.signature), ...(one.timeStamp ? [derContextPrimitive(0, one.timeStamp)] : []));
}

/** @throws SEAL_HEADER_MALFORMED, SEAL_SUITE, SEAL_CRITICAL_UNKNOWN, SEAL_GROUPS, SEAL_OPENER_DUPLICATE, SEAL_ENVELOPE_MALFORMED */
export function readHeader(der: Uint8Array): SealHeader {
  const header = readStrict(der, MAX_HEADER_BYTES, 'SEAL_HEADER_MALFORMED', readHeaderIn, encode);
  checkHeader(header);
  return header;
}

function readHeaderIn(outer: DerReader): SealHeader {
  const inside = outer.readSequence('header');
  const core = readCore(inside.readSequence('core'));
  const commitment = Uint8Array.from(inside.readOctetString('commitment'));
  const shareCommitments = readMembers(inside.readSequence('share commitments'), MAX_GROUPS, (list) => readDigest(list, 'share commitment'));
  const groups = inside.readSequence('groups');
  const read: Opener[][] = [];
  while (!groups.atEnd) {
    if (read.length === MAX_GROUPS) refuse('SEAL_GROUPS', { reason: 'too many groups' });
    const list = groups.readSequence('group');
    const openers: Opener[] = [];
    while (!list.atEnd) {
      if (openers.length === MAX_OPENERS) refuse('SEAL_GROUPS', { reason: 'too many openers in a group' });
      openers.push(readOpener(list));
    }
    read.push(openers);
  }
  const history = readMembers(inside.readSequence('history'), MAX_REWRAPS, readRewrap);
  inside.end('header');
  return { core, commitment, shareCommitments, groups: read, history };
}

function readCore(inside: DerReader): HeaderCore {
  const number = inside.readEnumerated('kind');
  const kind = (Object.keys(KINDS) as FileKind[]).find((name) => KINDS[name] === number) ?? refuse('DER_MALFORMED', { reason: 'unknown kind', number });
  const suite = suiteOfNumber(inside.readEnumerated('suite'));
  const chunkBits = inside.readSmallInteger('chunk bits', CHUNK_BITS.min, CHUNK_BITS.max);
  const [salt, bidder] = [readDigest(inside, 'salt'), readDigest(inside, 'bidder')];
  const identity = readIdentity(inside);
  const groupNames = readMembers(inside.readSequence('group names'), MAX_GROUPS, (list) => readText(list, 'group name', 1, MAX_GROUP_NAME_LENGTH));
  const wrapped = inside.readOptionalContext(0, 'extensions');
  const extensions = wrapped ? readMembers(wrapped, MAX_EXTENSIONS, readExtension) : [];
  inside.end('core');
  return { kind, suite, chunkBits, salt, bidder, identity, groupNames, extensions };
}

function readExtension(list: DerReader): HeaderExtension {
  const inside = list.readSequence('extension');
  const oid = inside.readOid('extension id');
  const critical = inside.readBoolean('critical');
  const value = Uint8Array.from(inside.readOctetString('value'));
  inside.end('extension');
  return { oid, critical, value };
}

function readRewrap(list: DerReader): Rewrap {
  const inside = list.readSequence('re-wrap');
  const at = readTimeOf(inside, 're-wrapped at');
  const [by, headerDigest] = [readDigest(inside, 'by'), readDigest(inside, 'header digest')];
  const signature = Uint8Array.from(inside.readOctetString('signature'));
  const stamp = inside.readOptionalContextPrimitive(0, 'time stamp');
  inside.end('re-wrap');
  return { at, by, headerDigest, signature, timeStamp: stamp && Uint8Array.from(stamp.content) };
}

const MAX_GROUP_NAME_LENGTH = 64;

/** What holds between the fields, for writer and reader alike (§3). */
function checkHeader(header: SealHeader): void {
  const { core, groups } = header;
  const unknown = core.extensions.find(({ critical }) => critical);
  if (unknown) refuse('SEAL_CRITICAL_UNKNOWN', { oid: unknown.oid });
  if (new Set(core.extensions.map(({ oid }) => oid)).size !== core.extensions.length) refuse('SEAL_HEADER_MALFORMED', { reason: 'extension occurs twice' });
  if (groups.length !== core.groupNames.length) refuse('SEAL_GROUPS', { reason: 'names and groups do not go together' });
  if (new Set(core.groupNames).size !== core.groupNames.length) refuse('SEAL_GROUPS', { reason: 'group name occurs twice' });
  for (const name of core.groupNames) {
    const problem = findTextProblem(name, 1, MAX_GROUP_NAME_LENGTH);
    if (problem) refuse('SEAL_GROUPS', { reason: problem });
  }
  if (core.kind === 'sealed') checkSealed(header);
  else if (groups.length > 0 || header.commitment.length > 0 || header.shareCommitments.length > 0 || header.history.length > 0) refuse('SEAL_HEADER_MALFORMED', { reason: 'plain file with openers' });
  const seen = new Set<string>();
  for (const opener of groups.flat()) {
    const key = toHex(opener.fingerprint);
    if (seen.has(key)) refuse('SEAL_OPENER_DUPLICATE', { label: opener.label });
    seen.add(key);
  }
}

function checkSealed({ core, commitment, shareCommitments, groups }: SealHeader): void {
  if (core.identity.purpose !== 'bid') refuse('SEAL_HEADER_MALFORMED', { reason: 'a tender package is not sealed' });
  if (commitment.length !== DIGEST_BYTES) refuse('SEAL_HEADER_MALFORMED', { reason: 'length of the commitment' });
  if (groups.length === 0) refuse('SEAL_GROUPS', { reason: 'no group' });
  if (groups.length > MAX_GROUPS) refuse('SEAL_GROUPS', { reason: 'too many groups' });
  if (groups.some((group) => group.length === 0)) refuse('SEAL_GROUPS', { reason: 'group without opener' });
  if (groups.some((group) => group.length > MAX_OPENERS)) refuse('SEAL_GROUPS', { reason: 'too many openers in a group' });
  if (shareCommitments.length !== groups.length || shareCommitments.some(({ length }) => length !== DIGEST_BYTES)) refuse('SEAL_HEADER_MALFORMED', { reason: 'share commitments' });
}
