/** DER writer: one function per ASN.1 type, content in, element out. Pure. Values that cannot be written are mistakes of ours, not of input. */
import { bytesFromBigInt, compareBytes, concatBytes, joinBytes } from '../bytes/byte-strings.ts';
import { toUtf8 } from '../bytes/utf8.ts';
import { assert } from '../errors/assert.ts';
import { TAG, contextConstructed, contextPrimitive } from './tags.ts';

export function derElement(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const content of contents) length += content.length;
  return concatBytes(Uint8Array.of(tag), lengthOctets(length), ...contents);
}

function lengthOctets(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const octets = bytesFromBigInt(BigInt(length));
  return concatBytes(Uint8Array.of(0x80 | octets.length), octets);
}

export const derSequence = (...parts: readonly Uint8Array[]): Uint8Array => derElement(TAG.SEQUENCE, ...parts);

/** SEQUENCE OF, of any number of members. */
export const derSequenceOf = (members: readonly Uint8Array[]): Uint8Array => derElement(TAG.SEQUENCE, joinBytes(members));

/** SET OF: the members in the order of X.690 §11.6. */
export const derSetOf = (...members: readonly Uint8Array[]): Uint8Array => derElement(TAG.SET, ...[...members].sort(compareBytes));

/** [n] EXPLICIT, or [n] IMPLICIT of a constructed type whose parts are given. */
export const derContext = (n: number, ...parts: readonly Uint8Array[]): Uint8Array => derElement(contextConstructed(n), ...parts);

/** [n] IMPLICIT of a primitive type. */
export const derContextPrimitive = (n: number, content: Uint8Array): Uint8Array => derElement(contextPrimitive(n), content);

export const derBoolean = (value: boolean): Uint8Array => derElement(TAG.BOOLEAN, Uint8Array.of(value ? 0xff : 0));

export const derNull = (): Uint8Array => derElement(TAG.NULL);

export const derInteger = (value: bigint | number): Uint8Array => derElement(TAG.INTEGER, integerOctets(BigInt(value)));

export const derEnumerated = (value: number): Uint8Array => derElement(TAG.ENUMERATED, integerOctets(BigInt(value)));

/** A non-negative number given as big-endian octets, leading zeros allowed. */
export function derUnsignedInteger(bigEndian: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bigEndian.length - 1 && bigEndian[start] === 0) start++;
  const least = bigEndian.subarray(start);
  const needsSignOctet = least.length === 0 || (least[0] ?? 0) >= 0x80;
  return needsSignOctet ? derElement(TAG.INTEGER, Uint8Array.of(0), least) : derElement(TAG.INTEGER, least);
}

function integerOctets(value: bigint): Uint8Array {
  let bits = 8;
  while (value < -(1n << BigInt(bits - 1)) || value >= 1n << BigInt(bits - 1)) bits += 8;
  return bytesFromBigInt(BigInt.asUintN(bits, value), bits / 8);
}

export const derOctetString = (content: Uint8Array): Uint8Array => derElement(TAG.OCTET_STRING, content);

/** A BIT STRING of whole octets. */
export const derBitString = (bytes: Uint8Array): Uint8Array => derElement(TAG.BIT_STRING, Uint8Array.of(0), bytes);

/** A named bit list: trailing zero bits are cut (X.690 §11.2.2). Bit 0 is the first of the list. */
export function derNamedBits(setBits: readonly number[]): Uint8Array {
  if (setBits.length === 0) return derElement(TAG.BIT_STRING, Uint8Array.of(0));
  const highest = Math.max(...setBits);
  const bytes = new Uint8Array((highest >> 3) + 1);
  for (const bit of setBits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return derElement(TAG.BIT_STRING, Uint8Array.of(7 - (highest & 7)), bytes);
}

/** @param dotted decimal arcs, for example `2.5.4.3` */
export function derOid(dotted: string): Uint8Array {
  assert(/^[0-2](?:\.(?:0|[1-9]\d*))+$/.test(dotted), `object identifier ${dotted}`);
  const [root = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt);
  assert(root === 2n || second < 40n, `object identifier ${dotted}`);
  return derElement(TAG.OID, ...[root * 40n + second, ...rest].map(arcOctets));
}

function arcOctets(arc: bigint): Uint8Array {
  const octets = [Number(arc & 0x7fn)];
  for (let left = arc >> 7n; left > 0n; left >>= 7n) octets.unshift(Number(left & 0x7fn) | 0x80);
  return Uint8Array.from(octets);
}

export const derUtf8String = (text: string): Uint8Array => derElement(TAG.UTF8_STRING, toUtf8(text));

export function derPrintableString(text: string): Uint8Array {
  assert(/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text), 'characters of PrintableString');
  return derElement(TAG.PRINTABLE_STRING, toUtf8(text));
}

export function derIa5String(text: string): Uint8Array {
  return derElement(TAG.IA5_STRING, ia5Octets(text));
}

/** Content octets of an IA5String, for IMPLICIT tags. */
export function ia5Octets(text: string): Uint8Array {
  const octets = toUtf8(text);
  assert(octets.length === text.length, 'characters of IA5String');
  return octets;
}

/** Time of RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050; whole seconds. */
export function derTime(date: Date): Uint8Array {
  const year = date.getUTCFullYear();
  assert(year >= 1950 && year <= 9999, 'year of a time');
  const digits = date.toISOString().replace(/\.\d+Z$/, 'Z').replace(/[-:T]/g, '');
  return year < 2050 ? derElement(TAG.UTC_TIME, toUtf8(digits.slice(2))) : derElement(TAG.GENERALIZED_TIME, toUtf8(digits));
}
