/**
 * Makes x509-vectors.json: one good structure of each kind, and beside it the same with one mistake each, with the code that must come back.
 * Run: `npx tsx tests/vectors/x509/generate.ts`. Keys are made anew and thrown away, so the file changes with every run.
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { derBoolean, derContext, derElement, derInteger, derNull, derOctetString, derOid, derPrintableString, derSequence, derSetOf, derTime, derUtf8String } from '../../../src-shared/asn1/der-writer.ts';
import { OIDS } from '../../../src-shared/asn1/oids.ts';
import { toBase64 } from '../../../src-shared/bytes/base64.ts';
import { concatBytes } from '../../../src-shared/bytes/byte-strings.ts';
import { writeSignAlgorithm } from '../../../src-shared/x509/algorithm-identifier.ts';
import { buildName } from '../../../src-shared/x509/name.ts';
import { assembleSigned } from '../../../src-shared/x509/signed-structure.ts';

type Kind = 'certificate' | 'request' | 'crl' | 'public-key';
interface Vector { readonly name: string; readonly kind: Kind; readonly der: string; readonly expect: string; readonly reason?: string }

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const spki = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }));
const seal = (tbs: Uint8Array) => assembleSigned(tbs, 'rsa-sha256', new Uint8Array(sign('sha256', tbs, pair.privateKey)));
const name = buildName([{ type: 'countryName', value: 'CN' }, { type: 'commonName', value: '投标人' }]);
const from = derTime(new Date('2026-01-01T00:00:00Z'));
const to = derTime(new Date('2051-01-01T00:00:00Z'));
const rsa = writeSignAlgorithm('rsa-sha256');
const extension = (oid: string, value: Uint8Array, ...critical: Uint8Array[]) => derSequence(derOid(oid), ...critical, derOctetString(value));
const keyUsage = extension(OIDS.keyUsage, Uint8Array.of(3, 2, 6, 0xc0), derBoolean(true));
const text = (tag: number, value: string) => derElement(tag, Buffer.from(value));

const certificate = (parts: Partial<Record<'version' | 'serial' | 'validity' | 'subject' | 'extensions' | 'tail', Uint8Array>> = {}) =>
  seal(derSequence(parts.version ?? derContext(0, derInteger(2)), parts.serial ?? derInteger(0x5a01n), rsa, name, parts.validity ?? derSequence(from, to), parts.subject ?? name, spki, parts.extensions ?? derContext(3, derSequence(keyUsage)), ...(parts.tail ? [parts.tail] : [])));
const request = (parts: Partial<Record<'version' | 'attributes', Uint8Array>> = {}) => seal(derSequence(parts.version ?? derInteger(0), name, spki, parts.attributes ?? derContext(0)));
const entry = (...more: Uint8Array[]) => derSequence(derInteger(0x5a01n), from, ...more);
const crl = (parts: { version?: Uint8Array; entries?: Uint8Array | null; extensions?: Uint8Array } = {}) =>
  seal(derSequence(parts.version ?? derInteger(1), rsa, name, from, derTime(new Date('2026-02-01T00:00:00Z')), ...(parts.entries === null ? [] : [parts.entries ?? derSequence(entry())]), parts.extensions ?? derContext(0, derSequence(extension(OIDS.crlNumber, derInteger(7))))));
const attribute = (oid: string, ...values: Uint8Array[]) => derSequence(derOid(oid), derSetOf(...values));
/** The outermost length in a form that is longer than needed. */
const longLength = (der: Uint8Array) => concatBytes(Uint8Array.of(0x30, 0x83, 0, der[2] ?? 0, der[3] ?? 0), der.subarray(4));

const vectors: Vector[] = [];
const add = (kind: Kind, label: string, der: Uint8Array, expect = 'ok', reason?: string) => vectors.push({ name: label, kind, der: toBase64(der), expect, ...(reason ? { reason } : {}) });

add('certificate', 'good', certificate());
add('certificate', 'trailing octet', concatBytes(certificate(), Uint8Array.of(0)), 'DER_MALFORMED', 'trailing octets');
add('certificate', 'cut off', certificate().subarray(0, -1), 'DER_MALFORMED', 'cut off in the content');
add('certificate', 'length not minimal', longLength(certificate()), 'DER_MALFORMED', 'length is not minimal');
add('certificate', 'indefinite length', concatBytes(Uint8Array.of(0x30, 0x80), certificate().subarray(4), Uint8Array.of(0, 0)), 'DER_MALFORMED', 'indefinite length');
add('certificate', 'version 1 written although default', certificate({ version: derContext(0, derInteger(0)) }), 'DER_MALFORMED', 'integer out of range');
add('certificate', 'version 2 with extensions', certificate({ version: derContext(0, derInteger(1)) }), 'CERTIFICATE_MALFORMED', 'extensions need version 3');
add('certificate', 'serial number zero', certificate({ serial: derInteger(0) }), 'CERTIFICATE_MALFORMED', 'serial number out of range');
add('certificate', 'serial number negative', certificate({ serial: derInteger(-5) }), 'CERTIFICATE_MALFORMED', 'serial number out of range');
add('certificate', 'serial number of 21 octets', certificate({ serial: derInteger(1n << 160n) }), 'CERTIFICATE_MALFORMED', 'serial number out of range');
add('certificate', 'serial number not minimal', certificate({ serial: Uint8Array.of(2, 2, 0, 1) }), 'DER_MALFORMED', 'integer is not minimal');
add('certificate', 'UTCTime without seconds', certificate({ validity: derSequence(text(0x17, '2601010000Z'), to) }), 'DER_MALFORMED', 'time form');
add('certificate', 'UTCTime with an offset', certificate({ validity: derSequence(text(0x17, '260101000000+0800'), to) }), 'DER_MALFORMED', 'time form');
add('certificate', '30 February', certificate({ validity: derSequence(text(0x17, '260230000000Z'), to) }), 'DER_MALFORMED', 'time does not exist');
add('certificate', 'GeneralizedTime with a fraction', certificate({ validity: derSequence(from, text(0x18, '20510101000000.5Z')) }), 'DER_MALFORMED', 'time form');
add('certificate', 'PrintableString with an asterisk', certificate({ subject: derSequence(derSetOf(derSequence(derOid(OIDS.commonName), text(0x13, '*')))) }), 'DER_MALFORMED', 'character outside PrintableString');
add('certificate', 'UTF8String that is not UTF-8', certificate({ subject: derSequence(derSetOf(derSequence(derOid(OIDS.commonName), derElement(0x0c, Uint8Array.of(0xc0, 0x80))))) }), 'DER_MALFORMED', 'string is not UTF-8');
add('certificate', 'SET OF out of order', certificate({ subject: derSequence(derElement(0x31, derSequence(derOid(OIDS.localityName), derUtf8String('b')), derSequence(derOid(OIDS.commonName), derUtf8String('a')))) }), 'DER_MALFORMED', 'SET OF is not in order');
add('certificate', 'extension twice', certificate({ extensions: derContext(3, derSequence(keyUsage, keyUsage)) }), 'CERTIFICATE_MALFORMED', 'extension stands twice');
add('certificate', 'critical FALSE written although default', certificate({ extensions: derContext(3, derSequence(extension('1.2.3', derNull(), derBoolean(false)))) }), 'CERTIFICATE_MALFORMED', 'default value is written');
add('certificate', 'critical TRUE as 01', certificate({ extensions: derContext(3, derSequence(extension('1.2.3', derNull(), Uint8Array.of(1, 1, 1)))) }), 'DER_MALFORMED', 'boolean is neither 00 nor FF');
add('certificate', 'empty list of extensions', certificate({ extensions: derContext(3, derSequence()) }), 'DER_MALFORMED', 'missing');
add('certificate', 'element after the extensions', certificate({ tail: derNull() }), 'DER_MALFORMED', 'unexpected element');
add('request', 'good', request());
add('request', 'good, with an extension request', request({ attributes: derContext(0, attribute(OIDS.extensionRequest, derSequence(keyUsage))) }));
add('request', 'version 1', request({ version: derInteger(1) }), 'DER_MALFORMED', 'integer out of range');
add('request', 'attributes missing', seal(derSequence(derInteger(0), name, spki)), 'CERTIFICATE_MALFORMED', 'attributes are missing');
add('request', 'attribute twice', request({ attributes: derContext(0, attribute('1.2.3', derNull()), attribute('1.2.3', derNull())) }), 'CERTIFICATE_MALFORMED', 'attribute stands twice');
add('request', 'attributes out of order', request({ attributes: derContext(0, attribute('1.2.4', derNull()), attribute('1.2.3', derNull())) }), 'CERTIFICATE_MALFORMED', 'attributes are not in order');
add('request', 'extension request with two values', request({ attributes: derContext(0, attribute(OIDS.extensionRequest, derSequence(keyUsage), derSequence(keyUsage, extension('1.2.3', derNull())))) }), 'DER_MALFORMED', 'unexpected element');
add('request', 'too large', request({ attributes: derContext(0, attribute('1.2.3', derOctetString(new Uint8Array(13_000)))) }), 'DER_MALFORMED', 'too large');
add('crl', 'good', crl());
add('crl', 'good, empty', crl({ entries: null }));
add('crl', 'empty list written', crl({ entries: derSequence() }), 'DER_MALFORMED', 'missing');
add('crl', 'version 1', crl({ version: derInteger(0) }), 'DER_MALFORMED', 'integer out of range');
add('crl', 'unknown critical entry extension', crl({ entries: derSequence(entry(derSequence(extension('1.2.3', derNull(), derBoolean(true))))) }), 'CERTIFICATE_MALFORMED', 'unknown critical entry extension');
add('crl', 'reason code 7', crl({ entries: derSequence(entry(derSequence(extension(OIDS.reasonCode, Uint8Array.of(0x0a, 1, 7))))) }), 'CERTIFICATE_MALFORMED', 'unknown code');
add('public-key', 'good', spki);
add('public-key', 'RSA without NULL', derSequence(derSequence(derOid(OIDS.rsaEncryption)), derElement(3, Uint8Array.of(0), derSequence(derInteger(5), derInteger(3)))), 'KEY_INVALID', 'RSA parameters are not NULL');
add('public-key', 'RSA modulus negative', derSequence(derSequence(derOid(OIDS.rsaEncryption), derNull()), derElement(3, Uint8Array.of(0), derSequence(derInteger(-5), derInteger(3)))), 'KEY_INVALID', 'RSA numbers are not positive');
add('public-key', 'SM2 point compressed', derSequence(derSequence(derOid(OIDS.ecPublicKey), derOid(OIDS.curveSm2)), derElement(3, Uint8Array.of(0), new Uint8Array(33).fill(2))), 'KEY_INVALID', 'point is not uncompressed or has the wrong length');
add('public-key', 'unused bits', derSequence(derSequence(derOid(OIDS.ecPublicKey), derOid(OIDS.curveSm2)), derElement(3, Uint8Array.of(4), new Uint8Array(65).fill(0x10))), 'DER_MALFORMED', 'bit string is not whole octets');
add('public-key', 'unknown algorithm', derSequence(derSequence(derOid('1.2.3'), derPrintableString('x')), derElement(3, Uint8Array.of(0, 1))), 'ALGORITHM_UNSUPPORTED');

writeFileSync(new URL('./x509-vectors.json', import.meta.url), `${JSON.stringify(vectors, null, 1)}\n`);
