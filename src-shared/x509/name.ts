/**
 * Distinguished names (X.501, RFC 5280 §4.1.2.4): built, read, shown as text (RFC 4514), compared by their DER. Pure.
 * `Name ::= SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }`
 */
import { DerReader } from '../asn1/der-reader.ts';
import { derOid, derPrintableString, derSequence, derSetOf, derUtf8String, derIa5String } from '../asn1/der-writer.ts';
import { isStringTag } from '../asn1/der-values.ts';
import { OIDS } from '../asn1/oids.ts';
import { toHex } from '../bytes/hex.ts';
import { AppError } from '../errors/app-error.ts';

export interface NameAttribute {
  readonly oid: string;
  /** null when the value is not of a string type. */
  readonly text: string | null;
  readonly valueTag: number;
  readonly valueDer: Uint8Array;
}

export interface Name {
  readonly der: Uint8Array;
  /** In the order of the encoding, country first as a rule. */
  readonly relativeNames: readonly (readonly NameAttribute[])[];
}

interface AttributeRow {
  readonly oid: string;
  /** Keyword of RFC 4514 §3 or of common use. */
  readonly keyword: string;
  /** Upper bound in characters, RFC 5280 Appendix A. */
  readonly maxLength: number;
  readonly string: 'utf8' | 'printable' | 'ia5';
}

/** Attributes that we write. */
export const NAME_ATTRIBUTES = {
  countryName: { oid: OIDS.countryName, keyword: 'C', maxLength: 2, string: 'printable' },
  stateOrProvinceName: { oid: OIDS.stateOrProvinceName, keyword: 'ST', maxLength: 128, string: 'utf8' },
  localityName: { oid: OIDS.localityName, keyword: 'L', maxLength: 128, string: 'utf8' },
  organizationName: { oid: OIDS.organizationName, keyword: 'O', maxLength: 64, string: 'utf8' },
  organizationalUnitName: { oid: OIDS.organizationalUnitName, keyword: 'OU', maxLength: 64, string: 'utf8' },
  commonName: { oid: OIDS.commonName, keyword: 'CN', maxLength: 64, string: 'utf8' },
  serialNumber: { oid: OIDS.serialNumber, keyword: 'serialNumber', maxLength: 64, string: 'printable' },
  emailAddress: { oid: OIDS.emailAddress, keyword: 'emailAddress', maxLength: 255, string: 'ia5' },
} as const satisfies Record<string, AttributeRow>;
export type NameAttributeType = keyof typeof NAME_ATTRIBUTES;

/** Keywords for showing names; others are shown as dotted decimal. */
const KEYWORDS = new Map<string, string>([
  ...Object.values(NAME_ATTRIBUTES).map((row): [string, string] => [row.oid, row.keyword]),
  [OIDS.streetAddress, 'STREET'], [OIDS.domainComponent, 'DC'], [OIDS.userId, 'UID'], [OIDS.surname, 'SN'], [OIDS.givenName, 'GN'], [OIDS.title, 'title'], [OIDS.organizationIdentifier, 'organizationIdentifier'],
]);

// More is no name of a person or company but an attempt at something.
const MAX_RELATIVE_NAMES = 32;
// Control, format (bidirectional overrides, zero width), private use, unassigned, line separators: they make two names look alike or show wrongly.
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u2028\u2029]/u;

/** One attribute each, in the order given. @throws NAME_INVALID */
export function buildName(parts: readonly { readonly type: NameAttributeType; readonly value: string }[]): Uint8Array {
  if (parts.length === 0) throw new AppError('NAME_INVALID', { reason: 'empty' });
  return derSequence(...parts.map(({ type, value }) => derSetOf(derSequence(derOid(NAME_ATTRIBUTES[type].oid), writeValue(type, value)))));
}

function writeValue(type: NameAttributeType, value: string): Uint8Array {
  const row = NAME_ATTRIBUTES[type];
  const problem = findValueProblem(value, row.maxLength);
  if (problem) throw new AppError('NAME_INVALID', { attribute: type, reason: problem });
  if (row.string === 'utf8') return derUtf8String(value);
  const allowed = row.string === 'printable' ? /^[A-Za-z0-9 '()+,\-./:=?]+$/ : /^[\x20-\x7e]+$/;
  if (!allowed.test(value)) throw new AppError('NAME_INVALID', { attribute: type, reason: 'forbidden character' });
  return row.string === 'printable' ? derPrintableString(value) : derIa5String(value);
}

function findValueProblem(value: string, maxLength: number): string | null {
  if (value.length === 0) return 'empty';
  if ([...value].length > maxLength) return 'too long';
  if (FORBIDDEN.test(value)) return 'forbidden character';
  if (value !== value.trim()) return 'space at an end';
  if (value !== value.normalize('NFC')) return 'not in normal form C';
  return null;
}

/** @throws DER_MALFORMED, NAME_INVALID */
export function parseName(der: Uint8Array): Name {
  return readName(DerReader.open(der), 'name');
}

export function readName(reader: DerReader, what: string): Name {
  const element = reader.read(0x30, what);
  const sets = reader.enter(element);
  const relativeNames: NameAttribute[][] = [];
  while (!sets.atEnd) {
    if (relativeNames.length === MAX_RELATIVE_NAMES) throw new AppError('NAME_INVALID', { reason: 'too many parts' });
    const set = sets.readSet(what);
    const attributes: NameAttribute[] = [];
    do attributes.push(readAttribute(set, what));
    while (!set.atEnd);
    relativeNames.push(attributes);
  }
  return { der: element.bytes, relativeNames };
}

function readAttribute(set: DerReader, what: string): NameAttribute {
  const pair = set.readSequence(what);
  const oid = pair.readOid(what);
  const element = pair.readAny(what);
  pair.end(what);
  const text = isStringTag(element.tag) ? DerReader.open(element.bytes).readString(what).text : null;
  return { oid, text, valueTag: element.tag, valueDer: element.bytes };
}

/** First value of that attribute as text. @returns null when the name has none */
export function nameValue(name: Name, type: NameAttributeType): string | null {
  for (const relative of name.relativeNames) for (const attribute of relative) if (attribute.oid === NAME_ATTRIBUTES[type].oid) return attribute.text;
  return null;
}

/** RFC 4514: last part first, `CN=…,O=…,C=CN`. */
export function nameText(name: Name): string {
  return [...name.relativeNames].reverse().map((relative) => relative.map(attributeText).join('+')).join(',');
}

function attributeText(attribute: NameAttribute): string {
  const keyword = KEYWORDS.get(attribute.oid);
  // §2.4: without a keyword, or without a string form, the value is shown as its DER.
  if (!keyword || attribute.text === null) return `${keyword ?? attribute.oid}=#${toHex(attribute.valueDer)}`;
  return `${keyword}=${escapeValue(attribute.text)}`;
}

function escapeValue(text: string): string {
  return text
    .replace(/[\\"+,;<>=]/g, '\\$&')
    .replace(/^[ #]/, '\\$&')
    .replace(/(?<!\\) $/, '\\ ')
    .replaceAll('\0', '\\00');
}
