import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bigIntFromBytes, bytesFromBigInt, compareBytes, concatBytes, equalBytes, equalBytesConstantTime, wipeBytes } from './byte-strings.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { fromHex, toHex } from './hex.ts';
import { fromUtf8, toUtf8, tryFromUtf8 } from './utf8.ts';

const invalid = expect.objectContaining({ code: 'INPUT_INVALID' });

describe('hex and base64', () => {
  it('ok: agree with Buffer both ways', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      expect(fromHex(toHex(bytes))).toEqual(bytes);
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    }));
  });
  it.each(['0', '0g', ' 00', '0x00'])('refuses: hex %j', (text) => expect(() => fromHex(text)).toThrow(invalid));
  it.each(['QQ=', 'QQ', 'QR==', 'QUF=', 'Q Q=', 'Q===', '=QQQ', 'QQ==QQ==', 'QUJD\n', 'é===', '-_-_'])('refuses: base64 %j', (text) => expect(() => fromBase64(text)).toThrow(invalid));
});

describe('byte strings', () => {
  it('ok: joins, compares and wipes', () => {
    expect(concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3));
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(equalBytesConstantTime(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(equalBytesConstantTime(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(equalBytesConstantTime(Uint8Array.of(1), Uint8Array.of(1, 2))).toBe(false);
    const secret = Uint8Array.of(9, 9);
    wipeBytes(secret);
    expect(secret).toEqual(Uint8Array.of(0, 0));
  });
  it('ok: the order is that of Buffer.compare', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 6 }), fc.uint8Array({ maxLength: 6 }), (a, b) => void expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b))));
  });
  it('ok: numbers come back', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 1n << 600n }), (value) => void expect(bigIntFromBytes(bytesFromBigInt(value))).toBe(value)));
    expect(bytesFromBigInt(1n, 4)).toEqual(Uint8Array.of(0, 0, 0, 1));
    expect(() => bytesFromBigInt(256n, 1)).toThrow(RangeError);
  });
});

describe('UTF-8', () => {
  it('ok: text comes back, a byte order mark included', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => void expect(fromUtf8(toUtf8(text))).toBe(text)));
    expect(fromUtf8(toUtf8('\ufeff标钥'))).toBe('\ufeff标钥');
  });
  it('refuses: overlong, surrogate and cut sequences', () => {
    for (const hex of ['c080', 'eda080', 'e6a0', 'ff', 'f4908080']) expect(tryFromUtf8(fromHex(hex))).toBeNull();
    expect(() => fromUtf8(Uint8Array.of(0xff))).toThrow(invalid);
    expect(() => toUtf8('\ud800')).toThrow(invalid);
  });
});
