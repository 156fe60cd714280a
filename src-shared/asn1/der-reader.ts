/**
 * Strict DER reader (X.690 §10–11): a cursor over the elements of one constructed value. Lengths are definite and minimal, depth and size are
 * bounded, views are taken instead of copies. Pure. Every refusal is DER_MALFORMED with details.reason, details.offset (octets from the start
 * of the outermost value) and details.what.
 */
import { compareBytes } from '../bytes/byte-strings.ts';
import { AppError } from '../errors/app-error.ts';
import { bitStringValue, booleanValue, checkInteger, checkNull, integerValue, isStringTag, oidValue, stringValue, timeValue, type BitString, type DerTime, type Fail } from './der-values.ts';
import { atOnce, type Slices } from './slices.ts';
import { CONSTRUCTED, TAG, contextConstructed, contextPrimitive } from './tags.ts';

/** Certificates and requests are far smaller; CRLs and CMS pass a bound of their own. */
export const DEFAULT_MAX_DER_BYTES = 1 << 20;
// Certificates reach depth 8, CMS with certificates and attributes about 16.
const MAX_DEPTH = 32;
/** Checked between two pauses; about three milliseconds. */
const SLICE_BYTES = 64 * 1024;

export interface DerElement {
  /** Identifier octet. */
  readonly tag: number;
  /** The whole element: identifier, length, content. */
  readonly bytes: Uint8Array;
  readonly content: Uint8Array;
  /** Octets from the start of the outermost value to the content. */
  readonly contentOffset: number;
}

interface Header {
  readonly tag: number;
  readonly headerLength: number;
  readonly contentLength: number;
}

export class DerReader {
  readonly #bytes: Uint8Array;
  /** Where `#bytes` stands in the outermost value. */
  readonly #base: number;
  readonly #depth: number;
  #at = 0;

  private constructor(bytes: Uint8Array, base: number, depth: number) {
    this.#bytes = bytes;
    this.#base = base;
    this.#depth = depth;
  }

  /**
   * A cursor before the one outermost element of `der`; everything inside is checked for canonical form first, so nothing hides in parts
   * that a parser skips. @throws DER_MALFORMED
   */
  static open(der: Uint8Array, maxBytes = DEFAULT_MAX_DER_BYTES): DerReader {
    return atOnce(DerReader.openInSlices(der, maxBytes));
  }

  /** The same, with pauses inside what is large. @throws DER_MALFORMED */
  static *openInSlices(der: Uint8Array, maxBytes = DEFAULT_MAX_DER_BYTES): Slices<DerReader> {
    if (der.length > maxBytes) malformed('too large', 0, 'value');
    const reader = new DerReader(der, 0, 0);
    if (der.length > SLICE_BYTES) yield* reader.#checkLarge();
    else reader.#checkOne();
    if (reader.#at !== der.length) malformed('trailing octets', reader.#at, 'value');
    reader.#at = 0;
    return reader;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  get offset(): number {
    return this.#base + this.#at;
  }

  /** Identifier octet of the next element. @returns null at the end */
  peekTag(): number | null {
    return this.#bytes[this.#at] ?? null;
  }

  /** The next element, whatever it is. */
  readAny(what: string): DerElement {
    const start = this.#at;
    const header = this.#readHeader(what);
    const contentStart = start + header.headerLength;
    const end = contentStart + header.contentLength;
    this.#at = end;
    return { tag: header.tag, bytes: this.#bytes.subarray(start, end), content: this.#bytes.subarray(contentStart, end), contentOffset: this.#base + contentStart };
  }

  read(tag: number, what: string): DerElement {
    const found = this.peekTag();
    if (found !== tag) malformed(found === null ? 'missing' : 'wrong tag', this.offset, what);
    return this.readAny(what);
  }

  /** @returns null when the next element has another tag */
  readOptional(tag: number, what: string): DerElement | null {
    return this.peekTag() === tag ? this.readAny(what) : null;
  }

  /** A cursor over the content of a constructed element. */
  enter(element: DerElement): DerReader {
    if (this.#depth >= MAX_DEPTH) malformed('nested too deeply', element.contentOffset, 'value');
    return new DerReader(element.content, element.contentOffset, this.#depth + 1);
  }

  readSequence(what: string): DerReader {
    return this.enter(this.read(TAG.SEQUENCE, what));
  }

  readSet(what: string): DerReader {
    return this.enter(this.read(TAG.SET, what));
  }

  /** Content of [n], or null when absent: the element inside an EXPLICIT tag, or the parts of an IMPLICIT constructed type. */
  readOptionalContext(n: number, what: string): DerReader | null {
    const element = this.readOptional(contextConstructed(n), what);
    return element && this.enter(element);
  }

  /** Content octets of [n] IMPLICIT of a primitive type, or null when absent. */
  readOptionalContextPrimitive(n: number, what: string): DerElement | null {
    return this.readOptional(contextPrimitive(n), what);
  }

  /** Nothing may follow. */
  end(what: string): void {
    if (!this.atEnd) malformed('unexpected element', this.offset, what);
  }

  readBoolean(what: string): boolean {
    return this.#value(TAG.BOOLEAN, what, booleanValue);
  }

  readInteger(what: string): bigint {
    return this.#value(TAG.INTEGER, what, integerValue);
  }

  /** An INTEGER between the bounds, both included. */
  readSmallInteger(what: string, min: number, max: number): number {
    const at = this.offset;
    const value = this.readInteger(what);
    if (value < BigInt(min) || value > BigInt(max)) malformed('integer out of range', at, what);
    return Number(value);
  }

  /** Content octets of an INTEGER: minimal two's complement. */
  readIntegerBytes(what: string): Uint8Array {
    return this.#value(TAG.INTEGER, what, (content, fail) => (checkInteger(content, fail), content));
  }

  readEnumerated(what: string): number {
    const at = this.offset;
    const value = this.#value(TAG.ENUMERATED, what, integerValue);
    if (value < 0n || value > 255n) malformed('enumerated out of range', at, what);
    return Number(value);
  }

  readOid(what: string): string {
    return this.#value(TAG.OID, what, oidValue);
  }

  readNull(what: string): void {
    this.#value(TAG.NULL, what, checkNull);
  }

  readOctetString(what: string): Uint8Array {
    return this.read(TAG.OCTET_STRING, what).content;
  }

  readBitString(what: string): BitString {
    return this.#value(TAG.BIT_STRING, what, bitStringValue);
  }

  /** A BIT STRING that holds octets. */
  readBitStringBytes(what: string): Uint8Array {
    const at = this.offset;
    const value = this.readBitString(what);
    if (value.unusedBits !== 0) malformed('bit string is not whole octets', at, what);
    return value.bytes;
  }

  /** UTCTime or GeneralizedTime in the form of RFC 5280 §4.1.2.5. */
  readTime(what: string): DerTime {
    const tag = this.peekTag();
    if (tag !== TAG.UTC_TIME && tag !== TAG.GENERALIZED_TIME) malformed('not a time', this.offset, what);
    return this.#value(tag ?? 0, what, (content, fail) => timeValue(tag ?? 0, content, fail));
  }

  /** Any string type; its characters are checked. */
  readString(what: string): { readonly tag: number; readonly text: string } {
    const element = this.readAny(what);
    return { tag: element.tag, text: stringValue(element.tag, element.content, failAt(element.contentOffset, what)) };
  }

  #value<T>(tag: number, what: string, read: (content: Uint8Array, fail: Fail) => T): T {
    const element = this.read(tag, what);
    return read(element.content, failAt(element.contentOffset, what));
  }

  #readHeader(what: string): Header {
    const tag = this.#bytes[this.#at];
    if (tag === undefined) malformed('missing', this.offset, what);
    if ((tag & 0x1f) === 0x1f) malformed('tag number above 30', this.offset, what);
    const first = this.#bytes[this.#at + 1];
    if (first === undefined) malformed('cut off in the length', this.offset, what);
    let headerLength = 2;
    let contentLength = first;
    if (first >= 0x80) {
      const count = first & 0x7f;
      if (count === 0) malformed('indefinite length', this.offset, what);
      if (count > 4) malformed('length too long', this.offset, what);
      headerLength += count;
      contentLength = 0;
      for (let i = 0; i < count; i++) {
        const digit = this.#bytes[this.#at + 2 + i];
        if (digit === undefined) malformed('cut off in the length', this.offset, what);
        contentLength = contentLength * 256 + digit;
      }
      if (contentLength < 0x80 || contentLength < 256 ** (count - 1)) malformed('length is not minimal', this.offset, what);
    }
    // Checked before anything is taken, so that a claimed length never makes us allocate.
    if (contentLength > this.#bytes.length - this.#at - headerLength) malformed('cut off in the content', this.offset, what);
    return { tag, headerLength, contentLength };
  }

  #checkOne(): void {
    const element = this.readAny('element');
    if ((element.tag & CONSTRUCTED) === 0) return checkPrimitive(element);
    checkConstructed(element);
    const inside = this.enter(element);
    let before: Uint8Array | null = null;
    while (!inside.atEnd) {
      const start = inside.#at;
      inside.#checkOne();
      before = inside.#checkOrder(element.tag, before, start);
    }
  }

  /** As `#checkOne`, with a pause whenever a slice has been checked; what is small inside is checked without one. */
  *#checkLarge(): Slices<void> {
    const element = this.readAny('element');
    if ((element.tag & CONSTRUCTED) === 0) return checkPrimitive(element);
    checkConstructed(element);
    const inside = this.enter(element);
    let before: Uint8Array | null = null;
    let pausedAt = 0;
    while (!inside.atEnd) {
      const start = inside.#at;
      const { headerLength, contentLength } = inside.#readHeader('element');
      if (headerLength + contentLength > SLICE_BYTES) yield* inside.#checkLarge();
      else inside.#checkOne();
      before = inside.#checkOrder(element.tag, before, start);
      if (inside.#at - pausedAt < SLICE_BYTES) continue;
      pausedAt = inside.#at;
      yield;
    }
  }

  /** @param start of the member of a constructed value that was read last. @returns it, for the next one */
  #checkOrder(tag: number, before: Uint8Array | null, start: number): Uint8Array | null {
    if (tag !== TAG.SET) return null;
    const member = this.#bytes.subarray(start, this.#at);
    if (before && compareBytes(before, member) > 0) malformed('SET OF is not in order', this.#base + start, 'element');
    return member;
  }
}

function checkConstructed({ tag, contentOffset }: DerElement): void {
  if (tag < 0x40 && tag !== TAG.SEQUENCE && tag !== TAG.SET) malformed('constructed form of a primitive type', contentOffset, 'element');
}

type PrimitiveCheck = (content: Uint8Array, fail: Fail) => unknown;

const PRIMITIVE_CHECKS: Readonly<Record<number, PrimitiveCheck>> = {
  [TAG.BOOLEAN]: booleanValue,
  [TAG.INTEGER]: checkInteger,
  [TAG.ENUMERATED]: checkInteger,
  [TAG.BIT_STRING]: bitStringValue,
  [TAG.OCTET_STRING]: () => undefined,
  [TAG.NULL]: checkNull,
  [TAG.OID]: oidValue,
  [TAG.UTC_TIME]: (content, fail) => timeValue(TAG.UTC_TIME, content, fail),
  [TAG.GENERALIZED_TIME]: checkGeneralizedTime,
};

/** GeneralizedTime of other standards than RFC 5280 may have fractions (X.690 §11.7; time stamps of RFC 3161 do). */
function checkGeneralizedTime(content: Uint8Array, fail: Fail): void {
  const text = stringValue(TAG.VISIBLE_STRING, content, fail);
  if (!/^\d{14}(?:\.\d*[1-9])?Z$/.test(text)) fail('time form');
}

function checkPrimitive(element: DerElement): void {
  if (element.tag >= 0x40) return; // context, application, private: their form is not known here
  const fail = failAt(element.contentOffset, 'element');
  if (isStringTag(element.tag)) return void stringValue(element.tag, element.content, fail);
  const check = PRIMITIVE_CHECKS[element.tag] ?? fail('unknown or primitive form of a constructed type');
  check(element.content, fail);
}

function malformed(reason: string, offset: number, what: string): never {
  throw new AppError('DER_MALFORMED', { reason, offset, what });
}

function failAt(offset: number, what: string): Fail {
  return (reason) => malformed(reason, offset, what);
}
