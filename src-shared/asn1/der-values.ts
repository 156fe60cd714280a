/**
 * Contents of the primitive types in DER: each function checks the content octets and gives their value. Rules of X.690 §8, §10 and §11.
 * `fail` throws DER_MALFORMED at the place of the element.
 */
import { bigIntFromBytes } from '../bytes/byte-strings.ts';
import { tryFromUtf8 } from '../bytes/utf8.ts';
import { TAG } from './tags.ts';

export type Fail = (reason: string) => never;

export interface BitString {
  /** Unused bits of the last octet, 0..7; they are zero. */
  readonly unusedBits: number;
  readonly bytes: Uint8Array;
}

/** Both forms of Time (RFC 5280 §4.1.2.5); which one it was matters to lints. */
export interface DerTime {
  readonly date: Date;
  readonly form: 'utc' | 'generalized';
}

// An object identifier of more octets is not one that we could know; the bound keeps the text short.
const MAX_OID_BYTES = 64;
const MAX_OID_ARC = 1n << 128n;

export function booleanValue(content: Uint8Array, fail: Fail): boolean {
  if (content.length !== 1) fail('boolean length');
  if (content[0] !== 0 && content[0] !== 0xff) fail('boolean is neither 00 nor FF');
  return content[0] === 0xff;
}

export function checkInteger(content: Uint8Array, fail: Fail): void {
  if (content.length === 0) fail('integer without octets');
  const first = content[0] ?? 0;
  const second = content[1] ?? 0;
  if (content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) fail('integer is not minimal');
}

export function integerValue(content: Uint8Array, fail: Fail): bigint {
  checkInteger(content, fail);
  const unsigned = bigIntFromBytes(content);
  return (content[0] ?? 0) >= 0x80 ? unsigned - (1n << BigInt(8 * content.length)) : unsigned;
}

export function bitStringValue(content: Uint8Array, fail: Fail): BitString {
  if (content.length === 0) fail('bit string without octets');
  const unusedBits = content[0] ?? 0;
  if (unusedBits > 7) fail('bit string with more than seven unused bits');
  const last = content.length > 1 ? (content[content.length - 1] ?? 0) : 0;
  if (content.length === 1 && unusedBits !== 0) fail('empty bit string with unused bits');
  if ((last & ((1 << unusedBits) - 1)) !== 0) fail('unused bits are not zero');
  return { unusedBits, bytes: content.subarray(1) };
}

export function checkNull(content: Uint8Array, fail: Fail): void {
  if (content.length !== 0) fail('null with content');
}

/** @returns dotted decimal */
export function oidValue(content: Uint8Array, fail: Fail): string {
  if (content.length === 0) fail('object identifier without octets');
  if (content.length > MAX_OID_BYTES) fail('object identifier too long');
  const arcs: bigint[] = [];
  let arc = 0n;
  let inside = false;
  for (const byte of content) {
    if (!inside && byte === 0x80) fail('object identifier is not minimal');
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    if (arc >= MAX_OID_ARC) fail('object identifier arc too large');
    inside = (byte & 0x80) !== 0;
    if (!inside) {
      arcs.push(arc);
      arc = 0n;
    }
  }
  if (inside) fail('object identifier is cut off');
  const first = arcs[0] ?? 0n;
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...arcs.slice(1)].join('.');
}

export function timeValue(tag: number, content: Uint8Array, fail: Fail): DerTime {
  const text = asciiText(content, fail);
  const form = tag === TAG.UTC_TIME ? 'utc' : 'generalized';
  // RFC 5280 §4.1.2.5: Zulu, with seconds, without fractions; both forms.
  const match = (form === 'utc' ? /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/ : /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/).exec(text) ?? fail('time form');
  const [years = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const year = form === 'generalized' ? years : years >= 50 ? 1900 + years : 2000 + years;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, 0);
  const exact = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour && date.getUTCMinutes() === minute && date.getUTCSeconds() === second;
  if (!exact) fail('time does not exist');
  return { date, form };
}

type StringReader = (content: Uint8Array, fail: Fail) => string;

const pattern = (allowed: RegExp, reason: string): StringReader => (content, fail) => {
  const text = asciiText(content, fail);
  if (!allowed.test(text)) fail(reason);
  return text;
};

/** String types by identifier octet. Teletex is read as Latin-1, as everyone does; we never write it. */
const STRING_READERS: Readonly<Record<number, StringReader>> = {
  [TAG.UTF8_STRING]: (content, fail) => tryFromUtf8(content) ?? fail('string is not UTF-8'),
  [TAG.NUMERIC_STRING]: pattern(/^[0-9 ]*$/, 'character outside NumericString'),
  [TAG.PRINTABLE_STRING]: pattern(/^[A-Za-z0-9 '()+,\-./:=?]*$/, 'character outside PrintableString'),
  [TAG.IA5_STRING]: (content, fail) => asciiText(content, fail),
  [TAG.VISIBLE_STRING]: pattern(/^[\x20-\x7e]*$/, 'character outside VisibleString'),
  [TAG.TELETEX_STRING]: (content) => latin1Text(content),
  [TAG.BMP_STRING]: bmpText,
  [TAG.UNIVERSAL_STRING]: universalText,
};

export const isStringTag = (tag: number): boolean => Object.hasOwn(STRING_READERS, tag);

export function stringValue(tag: number, content: Uint8Array, fail: Fail): string {
  const read = STRING_READERS[tag] ?? fail('not a string type');
  return read(content, fail);
}

function latin1Text(content: Uint8Array): string {
  const pieces: string[] = [];
  for (let i = 0; i < content.length; i += 4096) pieces.push(String.fromCharCode(...content.subarray(i, i + 4096)));
  return pieces.join('');
}

function asciiText(content: Uint8Array, fail: Fail): string {
  for (const byte of content) if (byte > 0x7f) fail('character outside ASCII');
  return latin1Text(content);
}

function bmpText(content: Uint8Array, fail: Fail): string {
  if (content.length % 2 !== 0) fail('BMPString length is odd');
  let text = '';
  for (let i = 0; i < content.length; i += 2) text += String.fromCharCode(((content[i] ?? 0) << 8) | (content[i + 1] ?? 0));
  if (/[\ud800-\udfff]/.test(text)) fail('BMPString with surrogates');
  return text;
}

function universalText(content: Uint8Array, fail: Fail): string {
  if (content.length % 4 !== 0) fail('UniversalString length');
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  let text = '';
  for (let i = 0; i < content.length; i += 4) {
    const point = view.getUint32(i);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) fail('UniversalString code point');
    text += String.fromCodePoint(point);
  }
  return text;
}
