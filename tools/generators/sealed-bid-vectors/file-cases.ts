/** Files, one fault each: what is done at which door, and the code that must come back when the file is opened (or verified without a key). */
import { derBoolean, derContext, derContextPrimitive, derEnumerated, derInteger, derNull, derOctetString, derOid, derSequence, derUtf8String } from '../../../src-shared/asn1/der-writer.ts';
import { concatBytes } from '../../../src-shared/bytes/byte-strings.ts';
import { readEnvelopedData, writeEnvelopedData, type EnvelopedData } from '../../../src-shared/cms/enveloped-data.ts';
import { readSm2Ciphertext, writeSm2Ciphertext } from '../../../src-shared/sm/sm2-der.ts';
import type { ErrorCode } from '../../../src-shared/errors/error-table.ts';
import { DerReader } from '../../../src-shared/asn1/der-reader.ts';
import type { Opener } from '../../../src-shared/seal/opener.ts';
import type { Doors, FileParts } from './assemble-file.ts';
import type { Person } from './seal-people.ts';

export interface FilePeople {
  readonly bidder: Person;
  readonly other: Person;
  readonly openerA: Person;
  readonly openerB: Person;
  readonly tenderer: Person;
}

export interface FileCase {
  readonly name: string;
  readonly expect: ErrorCode | 'OK';
  /** Without a key too the same is said; default is 'open'. */
  readonly operation?: 'open' | 'verify' | 'inspect' | 'tender';
  readonly parts?: Partial<FileParts>;
  readonly doors?: Doors;
  /** Keys at hand; bidder's opener A when missing. */
  readonly keys?: readonly (keyof FilePeople)[];
}

type Bytes = Uint8Array;
const patterned = (length: number): Bytes => Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
const several = { documents: [{ name: 'a.pdf', bytes: patterned(9000) }] };
export const flip = (at: number) => (bytes: Bytes): Bytes => bytes.map((byte, i) => (i === (at < 0 ? bytes.length + at : at) ? byte ^ 1 : byte));
const set16 = (at: number, value: number) => (bytes: Bytes): Bytes => bytes.map((byte, i) => (i === at ? value >> 8 : i === at + 1 ? value & 0xff : byte));
const set32 = (at: number, value: number) => (bytes: Bytes): Bytes => set16(at + 2, value & 0xffff)(set16(at, value >>> 16)(bytes));
const append = (...more: number[]) => (bytes: Bytes): Bytes => concatBytes(bytes, Uint8Array.from(more));
const cut = (count: number) => (bytes: Bytes): Bytes => bytes.slice(0, bytes.length - count);
const swap = <T>(a: number, b: number) => (list: T[]): T[] => list.map((one, i) => list[i === a ? b : i === b ? a : i] ?? one);
const text = (value: string): Bytes => Uint8Array.from(Buffer.from(value));
/** Members of a SEQUENCE, changed. */
const members = (change: (list: Bytes[]) => Bytes[]) => (der: Bytes): Bytes => {
  const inside = DerReader.open(der, 1 << 24).readSequence('sequence');
  const list: Bytes[] = [];
  while (!inside.atEnd) list.push(Uint8Array.from(inside.readAny('member').bytes));
  return derSequence(...change(list));
};
export const put = (index: number, der: Bytes) => members((list) => list.map((one, i) => (i === index ? der : one)));
export const add = (der: Bytes) => members((list) => [...list, der]);
/** The outermost length in a form that is longer than needed (all headers here are 256 to 65,535 octets). */
const longLength = (der: Bytes): Bytes => concatBytes(Uint8Array.of(0x30, 0x83, 0, der[2] ?? 0, der[3] ?? 0), der.subarray(4));
const envelope = (change: (data: EnvelopedData) => EnvelopedData) => (opener: Opener): Opener => ({ ...opener, envelopeDer: writeEnvelopedData(change(readEnvelopedData(opener.envelopeDer)), 'standard') });
const wrapped = (change: (key: Bytes) => Bytes) => envelope((data) => ({ ...data, recipients: data.recipients.map((one) => ({ ...one, encryptedKey: change(one.encryptedKey) })) }));
/** As if the recipient's key were of RSA, with an SM2Cipher inside whose point lies on no curve: a reader that believes the envelope hands it to the key. */
export const rsaForm = (data: EnvelopedData): EnvelopedData => ({
  ...data, family: 'rfc5652', cipher: 'aes-256-cbc',
  recipients: data.recipients.map((one) => { const right = readSm2Ciphertext(one.encryptedKey); return { ...one, algorithm: 'rsa-oaep-sha1', encryptedKey: writeSm2Ciphertext({ ...right, point: flip(64)(right.point), masked: concatBytes(right.masked, right.masked) }) }; }),
});
const extension = (critical: boolean) => derContext(0, derSequence(derOid('1.2.3.4'), derBoolean(critical), derOctetString(new Uint8Array(2))));

export function fileCases(people: FilePeople): readonly FileCase[] {
  const { other, openerA, openerB, tenderer } = people;
  const groupOf = (...openers: Person[]) => [{ name: 'bidder', openers }];
  const twoGroups = { groups: [{ name: 'bidder', openers: [openerA] }, { name: 'tenderer', openers: [tenderer] }] };
  const both: FileCase['keys'] = ['openerA', 'tenderer'];
  const open = (name: string, expect: FileCase['expect'], doors: Doors = {}, more: Partial<FileCase> = {}): FileCase => ({ name, expect, doors, ...more });
  const large = { parts: several };

  const good: FileCase[] = [
    open('one small document', 'OK'), open('several chunks', 'OK', {}, large), open('suite aes', 'OK', {}, { parts: { suite: 'aes', ...several } }), open('two groups', 'OK', {}, { parts: twoGroups, keys: both }),
    open('second opener of the group', 'OK', {}, { parts: { groups: groupOf(openerA, openerB) }, keys: ['openerB'] }), open('backup', 'OK', {}, { parts: { kind: 'plain', groups: [] }, keys: [] }),
    open('verified without a key', 'OK', {}, { ...large, operation: 'verify' }), open('inspected without a key', 'OK', {}, { operation: 'inspect' }), open('document without octets', 'OK', {}, { parts: { documents: [{ name: 'a.pdf', bytes: new Uint8Array(0) }] } }),
    open('unknown extension that is not critical', 'OK', { coreDer: add(extension(false)) }), open('opener of unknown revocation', 'OK', { opener: (one) => ({ ...one, revocation: 'unknown', revocationAt: null }) }),
  ];

  const frame: FileCase[] = [
    open('another magic', 'SEAL_NOT_OURS', { file: flip(0) }), open('line ends changed', 'SEAL_NOT_OURS', { file: flip(6) }), open('empty file', 'SEAL_NOT_OURS', { file: () => new Uint8Array(0) }), open('prelude only', 'SEAL_LENGTH', { file: (file) => file.slice(0, 16) }),
    open('version 2', 'SEAL_VERSION', { prelude: set16(8, 2) }), open('reserved octets', 'SEAL_HEADER_MALFORMED', { prelude: set16(10, 1) }), open('header longer than allowed', 'SEAL_HEADER_TOO_LARGE', { prelude: set32(12, (1 << 20) + 1) }),
    open('header longer than the file', 'SEAL_LENGTH', { prelude: set32(12, 1 << 20) }), open('header of no length', 'SEAL_HEADER_MALFORMED', { prelude: set32(12, 0) }),
    open('one octet appended', 'SEAL_LENGTH', { file: append(0) }), open('one octet cut off', 'SEAL_LENGTH', { file: cut(1) }), open('trailer cut off', 'SEAL_LENGTH', { file: cut(900) }), open('another end mark', 'SEAL_LENGTH', { footer: flip(-1) }),
    open('trailer longer than allowed', 'SEAL_HEADER_TOO_LARGE', { footer: set32(0, (128 << 10) + 1) }), open('trailer longer than the file', 'SEAL_LENGTH', { footer: set32(0, 128 << 10) }), open('trailer of no length', 'SEAL_TRAILER_MALFORMED', { footer: set32(0, 0) }),
    open('payload shorter than signed', 'SEAL_LENGTH', { payloadLength: (length) => length + 1 }), open('payload longer than signed', 'SEAL_LENGTH', { payloadLength: (length) => length - 1 }), open('two files one after the other', 'SEAL_LENGTH', { file: (file) => concatBytes(file, file) }),
  ];

  const header: FileCase[] = [
    open('length in a longer form', 'SEAL_HEADER_MALFORMED', { headerDer: longLength }), open('indefinite length', 'SEAL_HEADER_MALFORMED', { headerDer: (der) => concatBytes(Uint8Array.of(0x30, 0x80), der.subarray(4), Uint8Array.of(0, 0)) }),
    open('octets behind the header', 'SEAL_HEADER_MALFORMED', { headerDer: append(5, 0) }), open('sixth member', 'SEAL_HEADER_MALFORMED', { headerDer: add(derNull()) }), open('member missing', 'SEAL_HEADER_MALFORMED', { headerDer: members((list) => list.slice(0, 4)) }),
    open('unknown kind', 'SEAL_HEADER_MALFORMED', { coreDer: put(0, derEnumerated(3)) }), open('unknown suite', 'SEAL_SUITE', { coreDer: put(1, derEnumerated(9)) }), open('chunks too small', 'SEAL_HEADER_MALFORMED', { coreDer: put(2, derInteger(11)) }),
    open('chunks too large', 'SEAL_HEADER_MALFORMED', { coreDer: put(2, derInteger(21)) }), open('salt too short', 'SEAL_HEADER_MALFORMED', { core: (core) => ({ ...core, salt: core.salt.slice(1) }) }),
    open('seal id too long', 'SEAL_HEADER_MALFORMED', { core: (core) => ({ ...core, identity: { ...core.identity, sealId: new Uint8Array(17) } }) }), open('control character in the bid id', 'SEAL_HEADER_MALFORMED', { core: (core) => ({ ...core, identity: { ...core.identity, bidId: 'B\n1' } }) }),
    open('tender id not in normal form C', 'SEAL_HEADER_MALFORMED', { core: (core) => ({ ...core, identity: { ...core.identity, tenderId: 'e\u0301' } }) }), open('lot too long', 'SEAL_HEADER_MALFORMED', { core: (core) => ({ ...core, identity: { ...core.identity, lot: 'x'.repeat(129) } }) }),
    open('sealed tender package', 'SEAL_HEADER_MALFORMED', { core: (core) => ({ ...core, identity: { ...core.identity, purpose: 'tender' } }) }), open('critical extension', 'SEAL_CRITICAL_UNKNOWN', { coreDer: add(extension(true)) }),
    open('extension twice', 'SEAL_HEADER_MALFORMED', { coreDer: add(derContext(0, ...[1, 2].map(() => derSequence(derOid('1.2.3.4'), derBoolean(false), derOctetString(new Uint8Array(0)))))) }), open('list of extensions that is empty', 'SEAL_HEADER_MALFORMED', { coreDer: add(derContext(0)) }),
    open('no group', 'SEAL_GROUPS', {}, { parts: { groups: [] } }), open('group without opener', 'SEAL_GROUPS', { groups: () => [[]] }), open('group without a name', 'SEAL_GROUPS', { groups: ([first = []]) => [first, []] }),
    open('group name twice', 'SEAL_GROUPS', { core: (core) => ({ ...core, groupNames: ['bidder', 'bidder'] }) }, { parts: twoGroups, keys: both }), open('nine groups', 'SEAL_GROUPS', { groups: ([first = []]) => Array.from({ length: 9 }, () => first) }),
    open('65 openers in a group', 'SEAL_GROUPS', { groups: ([[first = new Uint8Array(0)] = []]) => [Array.from({ length: 65 }, () => first)] }), open('opener twice in a group', 'SEAL_OPENER_DUPLICATE', {}, { parts: { groups: groupOf(openerA, openerA) } }),
    open('opener in two groups', 'SEAL_OPENER_DUPLICATE', {}, { parts: { groups: [...groupOf(openerA), { name: 'tenderer', openers: [openerA] }] } }), open('plain file with openers', 'SEAL_HEADER_MALFORMED', { coreDer: put(0, derEnumerated(2)) }),
    open('commitment too short', 'SEAL_HEADER_MALFORMED', { commitment: cut(1) }),
    open('share commitment too short', 'SEAL_HEADER_MALFORMED', { shareCommitments: (list) => list.map(cut(1)) }), open('share commitment missing', 'SEAL_HEADER_MALFORMED', { shareCommitments: (list) => list.slice(1) }, { parts: twoGroups, keys: both }),
    open('one share commitment too many', 'SEAL_HEADER_MALFORMED', { shareCommitments: (list) => [...list, ...list] }), open('plain file with a share commitment', 'SEAL_HEADER_MALFORMED', { shareCommitments: () => [new Uint8Array(32)] }, { parts: { kind: 'plain', groups: [] }, keys: [] }),
  ];

  const openers: FileCase[] = [
    open('point not on the curve', 'SEAL_ENVELOPE_MALFORMED', { opener: wrapped((key) => { const one = readSm2Ciphertext(key); return writeSm2Ciphertext({ ...one, point: flip(64)(one.point) }); }) }),
    open('point at zero', 'SEAL_ENVELOPE_MALFORMED', { opener: wrapped((key) => { const one = readSm2Ciphertext(key); return writeSm2Ciphertext({ ...one, point: Uint8Array.of(4, ...new Uint8Array(64)) }); }) }),
    open('wrapped key of 15 octets', 'SEAL_ENVELOPE_MALFORMED', { opener: wrapped((key) => { const one = readSm2Ciphertext(key); return writeSm2Ciphertext({ ...one, masked: cut(1)(one.masked) }); }) }),
    open('wrapped key with octets behind', 'SEAL_ENVELOPE_MALFORMED', { opener: wrapped(append(0)) }), open('share of 31 octets', 'SEAL_ENVELOPE_MALFORMED', { share: cut(1) }), open('share of 33 octets', 'SEAL_UNWRAP_FAILED', { share: append(0) }),
    open('share of 48 octets', 'SEAL_ENVELOPE_MALFORMED', { share: append(...new Uint8Array(16)) }), open('content of 64 octets', 'SEAL_ENVELOPE_MALFORMED', { opener: envelope((data) => ({ ...data, encryptedContent: concatBytes(data.encryptedContent, new Uint8Array(16)) })) }),
    open('two recipients in an envelope', 'SEAL_ENVELOPE_MALFORMED', { opener: envelope((data) => ({ ...data, recipients: [...data.recipients, ...data.recipients] })) }), open('envelope of the other family', 'SEAL_ENVELOPE_MALFORMED', { opener: envelope((data) => ({ ...data, family: 'rfc5652' })) }),
    open('envelope under another cipher', 'SEAL_ENVELOPE_MALFORMED', { opener: envelope((data) => ({ ...data, cipher: 'aes-128-cbc' })) }), open('envelope for another certificate', 'SEAL_ENVELOPE_MALFORMED', { opener: (one) => ({ ...one, serialOctets: Uint8Array.of(0x77) }) }),
    open('envelope with octets behind', 'SEAL_ENVELOPE_MALFORMED', { opener: (one) => ({ ...one, envelopeDer: append(5, 0)(one.envelopeDer) }) }), open('envelope damaged', 'SEAL_UNWRAP_FAILED', { opener: wrapped((key) => { const one = readSm2Ciphertext(key); return writeSm2Ciphertext({ ...one, digest: flip(3)(one.digest) }); }) }),
    open('padding of the share damaged', 'SEAL_UNWRAP_FAILED', { opener: envelope((data) => ({ ...data, encryptedContent: flip(-1)(data.encryptedContent) })) }), open('share of another bid', 'SEAL_SHARE_WRONG', { share: flip(0) }),
    open('share of one group from another bid', 'SEAL_SHARE_WRONG', { share: (share, group) => (group === 1 ? flip(31)(share) : share) }, { parts: twoGroups, keys: both }), open('groups changed places', 'SEAL_SHARE_WRONG', { groups: swap<Bytes[]>(0, 1) }, { parts: twoGroups, keys: both }),
    open('another share commitment', 'SEAL_SHARE_WRONG', { shareCommitments: (list) => list.map(flip(5)) }), open('another commitment of the second group', 'SEAL_SHARE_WRONG', { shareCommitments: (list) => list.map((one, i) => (i === 1 ? flip(31)(one) : one)) }, { parts: twoGroups, keys: both }),
    open('share commitments changed places', 'SEAL_SHARE_WRONG', { shareCommitments: swap<Bytes>(0, 1) }, { parts: twoGroups, keys: both }), open('wrong share of a group while the other has no key', 'SEAL_SHARE_WRONG', { share: (share, group) => (group === 0 ? flip(7)(share) : share) }, { parts: twoGroups }),
    open('second key of a group whose first envelope is damaged', 'OK', { opener: (one, _group, index) => (index === 0 ? envelope((data) => ({ ...data, encryptedContent: flip(-1)(data.encryptedContent) }))(one) : one) }, { parts: { groups: groupOf(openerA, openerB) }, keys: ['openerA', 'openerB'] }),
    open('another commitment', 'SEAL_KEY_COMMITMENT', { commitment: flip(5) }), open('another header tag', 'SEAL_HEADER_MAC', { headerTag: flip(5) }), open('another tag of a plain file', 'SEAL_HEADER_MAC', { headerTag: flip(5) }, { parts: { kind: 'plain', groups: [] }, keys: [] }),
    open('key that is no opener', 'SEAL_NOT_AN_OPENER', {}, { keys: ['openerB'] }), open('group without a share', 'SEAL_SHARE_MISSING', {}, { parts: twoGroups }), open('label not in normal form C', 'SEAL_HEADER_MALFORMED', { opener: (one) => ({ ...one, label: 'e\u0301' }) }),
    open('unknown revocation state', 'SEAL_HEADER_MALFORMED', { groups: ([[first = new Uint8Array(0)] = []]) => [[put(5, derEnumerated(7))(first)]] }), open('fingerprint too short', 'SEAL_HEADER_MALFORMED', { opener: (one) => ({ ...one, fingerprint: cut(1)(one.fingerprint) }) }),
  ];

  const chunks: FileCase[] = [
    open('bit of a chunk, signed so', 'SEAL_CHUNK_DAMAGED', { chunks: (list) => list.map((one, i) => (i === 1 ? flip(9)(one) : one)) }, large), open('bit of a tag, signed so', 'SEAL_CHUNK_DAMAGED', { chunks: (list) => list.map((one, i) => (i === 0 ? flip(-1)(one) : one)) }, large),
    open('chunks changed places', 'SEAL_CHUNK_DAMAGED', { chunks: swap<Bytes>(0, 1) }, large), open('chunk doubled', 'SEAL_CHUNK_DAMAGED', { chunks: (list) => list.map((one, i) => (i === 1 ? (list[0] ?? one) : one)) }, large),
    open('two chunks called the last', 'SEAL_CHUNK_DAMAGED', { isLast: (last, chunk) => last || chunk === 0 }, large), open('no chunk called the last', 'SEAL_CHUNK_DAMAGED', { isLast: () => false }, large),
    open('last chunk missing, signed so', 'SEAL_CHUNK_DAMAGED', { chunks: (list) => list.slice(0, -1), payloadLength: () => 2 * 4096 }, large), open('chunk missing', 'SEAL_LENGTH', { chunksAfter: (list) => list.slice(1) }, large),
    open('bit of a chunk, verified without a key', 'SEAL_TREE_ROOT', { chunksAfter: (list) => list.map((one, i) => (i === 1 ? flip(9)(one) : one)) }, { ...large, operation: 'verify' }), open('chunks changed places, verified without a key', 'SEAL_TREE_ROOT', { chunksAfter: swap<Bytes>(0, 1) }, { ...large, operation: 'verify' }),
    open('another root, signed so', 'SEAL_TREE_ROOT', { root: flip(0) }, large), open('bit of a backup', 'SEAL_TREE_ROOT', { chunksAfter: (list) => list.map((one, i) => (i === 1 ? flip(9)(one) : one)) }, { parts: { kind: 'plain', groups: [], ...several }, keys: [], operation: 'verify' }),
  ];

  const signatures: FileCase[] = [
    open('outer signature by another certificate', 'SEAL_SIGNER_WRONG', { outerSigner: other }), open('outer signature damaged', 'SEAL_SIGNATURE_INVALID', { signature: flip(-1) }, { operation: 'verify' }), open('outer signature is no CMS', 'SEAL_SIGNATURE_INVALID', { signature: () => derNull() }),
    open('header changed after signing', 'SEAL_SIGNATURE_INVALID', { file: flip(60) }, { operation: 'verify' }), open('trailer with octets behind', 'SEAL_TRAILER_MALFORMED', { trailerDer: append(5, 0) }), open('trailer with a fifth member', 'SEAL_TRAILER_MALFORMED', { trailerDer: add(derContextPrimitive(1, text('x'))) }),
    open('root too short', 'SEAL_TRAILER_MALFORMED', { trailerDer: put(1, derOctetString(new Uint8Array(31))) }), open('payload of no length', 'SEAL_TRAILER_MALFORMED', { trailerDer: put(0, derInteger(0)) }), open('payload of negative length', 'SEAL_TRAILER_MALFORMED', { trailerDer: put(0, derInteger(-1)) }),
    open('manifest signed by another certificate', 'SEAL_SIGNER_WRONG', { manifestSigner: other }), open('manifest signature damaged', 'SEAL_MANIFEST_SIGNATURE', { message: flip(-1) }), open('manifest message is no CMS', 'SEAL_MANIFEST_SIGNATURE', { message: () => derNull() }),
  ];

  const manifest: FileCase[] = [
    open('manifest of another bid', 'SEAL_MANIFEST_MISMATCH', { manifest: (one) => ({ ...one, identity: { ...one.identity, bidId: 'B-2' } }) }), open('manifest of another sealing', 'SEAL_MANIFEST_MISMATCH', { manifest: (one) => ({ ...one, identity: { ...one.identity, sealId: flip(0)(one.identity.sealId) } }) }),
    open('manifest of the other suite', 'SEAL_MANIFEST_MISMATCH', { manifest: (one) => ({ ...one, suite: 'aes' }) }), open('no document', 'SEAL_DOCUMENT_COUNT', { manifest: (one) => ({ ...one, documents: [] }) }),
    open('document extra in the manifest', 'SEAL_DOCUMENT_SIZES', { manifest: (one) => ({ ...one, documents: [...one.documents, ...one.documents.map((document) => ({ ...document, name: 'b.pdf' }))] }) }),
    open('document missing in the manifest', 'SEAL_DOCUMENT_SIZES', { manifest: (one) => ({ ...one, documents: one.documents.slice(1) }) }, { parts: { documents: ['a', 'b'].map((name) => ({ name, bytes: patterned(50) })) } }),
    open('document longer than listed', 'SEAL_DOCUMENT_SIZES', { manifest: (one) => ({ ...one, documents: one.documents.map((document) => ({ ...document, size: document.size - 1 })) }) }),
    open('digest of a document', 'SEAL_DOCUMENT_DIGEST', { manifest: (one) => ({ ...one, documents: one.documents.map((document) => ({ ...document, digest: flip(0)(document.digest) })) }) }),
    open('documents changed places', 'SEAL_DOCUMENT_DIGEST', { manifest: (one) => ({ ...one, documents: [...one.documents].reverse() }) }, { parts: { documents: ['a', 'b'].map((name, i) => ({ name, bytes: patterned(50 + i) })) } }),
    open('digest too short', 'SEAL_MANIFEST_MALFORMED', { manifest: (one) => ({ ...one, documents: one.documents.map((document) => ({ ...document, digest: cut(1)(document.digest) })) }) }), open('manifest of version 2', 'SEAL_MANIFEST_MALFORMED', { manifestDer: put(0, derInteger(2)) }),
    open('manifest with a fifth member', 'SEAL_MANIFEST_MALFORMED', { manifestDer: add(derUtf8String('x')) }), open('media type', 'SEAL_MANIFEST_MALFORMED', {}, { parts: { documents: [{ name: 'a', bytes: patterned(3), mediaType: 'Text/html; x' }] } }),
    open('traversal in a manifest', 'SEAL_NAME_REFUSED', {}, { parts: { documents: [{ name: '../../a', bytes: patterned(3) }] } }), open('two names that differ in case', 'SEAL_NAME_DUPLICATE', {}, { parts: { documents: ['a', 'A'].map((name) => ({ name, bytes: patterned(3) })) } }),
    open('manifest longer than the payload', 'SEAL_MANIFEST_MALFORMED', { payload: (payload) => set32(payload.length - 4, payload.length)(payload) }), open('manifest of no length', 'SEAL_MANIFEST_MALFORMED', { payload: (payload) => set32(payload.length - 4, 0)(payload) }),
    open('manifest longer than allowed', 'SEAL_HEADER_TOO_LARGE', { payload: (payload) => set32(payload.length - 4, (16 << 20) + 1)(payload) }), open('payload without a manifest', 'SEAL_MANIFEST_MALFORMED', { payload: () => new Uint8Array(4) }), open('payload of three octets', 'SEAL_MANIFEST_MALFORMED', { payload: () => new Uint8Array(3) }),
  ];

  // Behind the others: signatures take their randomness in the order of the list, and a vector that is out there stays as it is.
  const kinds: FileCase[] = [
    open('form of RSA for an SM2 key, with a point not on the curve', 'SEAL_ENVELOPE_MALFORMED', { opener: envelope(rsaForm) }), open('form of RSA for an SM2 key, whose kind the header does not tell', 'OK', { opener: envelope(rsaForm) }, { operation: 'inspect' }),
    open('second key of a group whose first envelope has the form of RSA', 'OK', { opener: (one, _group, index) => (index === 0 ? envelope(rsaForm)(one) : one) }, { parts: { groups: groupOf(openerA, openerB) }, keys: ['openerA', 'openerB'] }),
  ];
  const description = { format: 'bidkey-tender-1', tenderId: 'T-1', title: '道路', tenderer: '招标人', lots: [], opensAtUtc: '2026-09-01T01:00:00Z', parts: [] };
  const certificates = [tenderer, openerB].map(({ certificateDer }, i) => ({ name: `openers/${i + 1}/1.cer`, bytes: certificateDer, mediaType: 'application/pkix-cert' }));
  const tender = (name: string, expect: FileCase['expect'], groupNames: readonly string[], change: object = {}, doors: Doors = {}): FileCase => ({
    name, expect, operation: 'tender', keys: [], doors: { core: (core) => ({ ...core, identity: { ...core.identity, purpose: 'tender', bidId: '', lot: '' } }), ...doors },
    parts: { kind: 'plain', groups: [], documents: [{ name: 'tender.json', mediaType: 'application/vnd.bidkey.tender+json', bytes: text(JSON.stringify({ ...description, groups: groupNames.map((group, i) => ({ name: group, openers: [`openers/${i + 1}/1.cer`] })), ...change })) }, ...certificates] },
  });
  const tenders: FileCase[] = [
    tender('tender package', 'OK', ['tenderer', 'platform']), tender('tender package without groups', 'OK', []), tender('group of the bidder in a tender package', 'SEAL_TENDER_MALFORMED', ['bidder']), tender('group of the bidder beside the tenderer\'s', 'SEAL_TENDER_MALFORMED', ['tenderer', 'bidder']),
    tender('group of the bidder in capitals', 'SEAL_TENDER_MALFORMED', ['BIDDER']), tender('group of the bidder in wide letters', 'SEAL_TENDER_MALFORMED', ['ｂｉｄｄｅｒ']), tender('group of the bidder with a space', 'SEAL_TENDER_MALFORMED', ['bid der']), tender('groups that differ in case', 'SEAL_TENDER_MALFORMED', ['tenderer', 'Tenderer']),
    tender('opener that is no document of the package', 'SEAL_TENDER_MALFORMED', [], { groups: [{ name: 'tenderer', openers: ['openers/3/1.cer'] }] }), tender('description of another tender', 'SEAL_TENDER_MALFORMED', [], { tenderId: 'T-2' }), tender('description of another time', 'SEAL_TENDER_MALFORMED', [], { opensAtUtc: null }),
    tender('backup read as a tender package', 'SEAL_TENDER_MALFORMED', ['tenderer'], {}, { core: (core) => core }),
  ];
  return [...good, ...frame, ...header, ...openers, ...chunks, ...signatures, ...manifest, ...kinds, ...tenders];
}
