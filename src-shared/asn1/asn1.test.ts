import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../bytes/hex.ts';
import { AppError } from '../errors/app-error.ts';
import { DerReader } from './der-reader.ts';
import { derBitString, derBoolean, derContext, derInteger, derNamedBits, derNull, derOctetString, derOid, derPrintableString, derSequence, derSetOf, derTime, derUnsignedInteger, derUtf8String } from './der-writer.ts';
import { OIDS, oidName } from './oids.ts';

const open = (hex: string) => DerReader.open(fromHex(hex));
const refusal = (reason: string) => expect.objectContaining({ code: 'DER_MALFORMED', details: expect.objectContaining({ reason }) });

describe('DER round trips', () => {
  it('ok: integers of any sign and size', () => {
    fc.assert(fc.property(fc.bigInt({ min: -(1n << 300n), max: 1n << 300n }), (value) => void expect(DerReader.open(derInteger(value)).readInteger('n')).toBe(value)));
  });
  it('ok: unsigned octets', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void expect(DerReader.open(derUnsignedInteger(bytes)).readInteger('n')).toBe(BigInt(`0x0${toHex(bytes)}`))));
  });
  it('ok: object identifiers', () => {
    const arc = fc.bigInt({ min: 0n, max: 1n << 100n });
    const oid = fc.tuple(fc.constantFrom(0, 1, 2), fc.integer({ min: 0, max: 39 }), fc.array(arc, { maxLength: 4 })).map(([root, second, rest]) => [root, second, ...rest].join('.'));
    fc.assert(fc.property(oid, (dotted) => void expect(DerReader.open(derOid(dotted)).readOid('oid')).toBe(dotted)));
    for (const dotted of Object.values(OIDS)) expect(DerReader.open(derOid(dotted)).readOid('oid')).toBe(dotted);
    expect(oidName('2.5.4.3')).toBe('commonName');
    expect(oidName('1.2.3')).toBeNull();
  });
  it('ok: strings, octets, bits, booleans, null', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.uint8Array({ maxLength: 70_000 }), fc.boolean(), (text, bytes, flag) => {
      const inside = DerReader.open(derSequence(derUtf8String(text), derOctetString(bytes), derBitString(bytes), derBoolean(flag), derNull(), derContext(3, derInteger(7)))).readSequence('all');
      expect(inside.readString('text').text).toBe(text);
      expect(inside.readOctetString('octets')).toEqual(bytes);
      expect(inside.readBitStringBytes('bits')).toEqual(bytes);
      expect(inside.readBoolean('flag')).toBe(flag);
      inside.readNull('null');
      expect(inside.readOptionalContext(2, 'absent')).toBeNull();
      expect(inside.readOptionalContext(3, 'seven')?.readSmallInteger('seven', 0, 9)).toBe(7);
      inside.end('all');
    }), { numRuns: 30 });
  });
  it('ok: times change their form in 2050', () => {
    fc.assert(fc.property(fc.date({ min: new Date('1950-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }), (date) => {
      date.setUTCMilliseconds(0);
      const read = DerReader.open(derTime(date)).readTime('time');
      expect(read.date).toEqual(date);
      expect(read.form).toBe(date.getUTCFullYear() < 2050 ? 'utc' : 'generalized');
    }));
  });
  it('ok: SET OF is written in order and named bits without trailing zeros', () => {
    expect(toHex(derSetOf(derInteger(300), derInteger(2), derInteger(1)))).toBe('310a' + '020101' + '020102' + '0202012c');
    expect(toHex(derNamedBits([0, 1]))).toBe('030206c0');
    expect(toHex(derNamedBits([8]))).toBe('0303070080');
    expect(toHex(derNamedBits([]))).toBe('030100');
  });
});

describe('DER refusals', () => {
  it.each([
    ['', 'missing'],
    ['30', 'cut off in the length'],
    ['3081', 'cut off in the length'],
    ['308000', 'indefinite length'],
    ['30800000', 'indefinite length'],
    ['308100', 'length is not minimal'],
    ['04820001aa', 'length is not minimal'],
    ['04850000000001aa', 'length too long'],
    ['0484ffffffff', 'cut off in the content'],
    ['300302', 'cut off in the content'],
    ['3000' + '00', 'trailing octets'],
    ['1f8101' + '00', 'tag number above 30'],
    ['0200', 'integer without octets'],
    ['02020001', 'integer is not minimal'],
    ['0202ff80', 'integer is not minimal'],
    ['010101', 'boolean is neither 00 nor FF'],
    ['0102ffff', 'boolean length'],
    ['0300', 'bit string without octets'],
    ['030108', 'bit string with more than seven unused bits'],
    ['030101', 'empty bit string with unused bits'],
    ['03020101', 'unused bits are not zero'],
    ['2303030100', 'constructed form of a primitive type'],
    ['240404020001', 'constructed form of a primitive type'],
    ['050100', 'null with content'],
    ['0600', 'object identifier without octets'],
    ['0602 8001'.replace(' ', ''), 'object identifier is not minimal'],
    ['060181', 'object identifier is cut off'],
    ['0614' + 'ff'.repeat(19) + '7f', 'object identifier arc too large'],
    ['0641' + '01'.repeat(65), 'object identifier too long'],
    ['0c02c080', 'string is not UTF-8'],
    ['13012a', 'character outside PrintableString'],
    ['1601ff', 'character outside ASCII'],
    ['1e0141', 'BMPString length is odd'],
    ['1e02d800', 'BMPString with surrogates'],
    ['1c0400110000', 'UniversalString code point'],
    ['170b' + toHex(Buffer.from('2501010000Z')), 'time form'],
    ['170d' + toHex(Buffer.from('250230000000Z')), 'time does not exist'],
    ['1711' + toHex(Buffer.from('250101000000+0800')), 'time form'],
    ['1810' + toHex(Buffer.from('20250101000000.Z')), 'time form'],
    ['31060201020201' + '01', 'SET OF is not in order'],
    ['1003020100', 'unknown or primitive form of a constructed type'],
    ['0901' + '00', 'unknown or primitive form of a constructed type'],
    ['0000', 'unknown or primitive form of a constructed type'],
  ])('refuses: %s (%s)', (hex, reason) => expect(() => open(hex)).toThrow(refusal(reason)));

  it('refuses: nesting without end', () => {
    let der = derNull();
    for (let i = 0; i < 40; i++) der = derSequence(der);
    expect(() => DerReader.open(der)).toThrow(refusal('nested too deeply'));
  });
  it('refuses: more than the bound', () => expect(() => DerReader.open(new Uint8Array(65), 64)).toThrow(refusal('too large')));
  it('refuses: a tag, range or end that a parser does not expect, naming place and thing', () => {
    const sequence = () => DerReader.open(derSequence(derInteger(5), derPrintableString('x'))).readSequence('thing');
    expect(() => sequence().readOid('id')).toThrow(refusal('wrong tag'));
    expect(() => sequence().readSmallInteger('n', 0, 4)).toThrow(refusal('integer out of range'));
    expect(() => sequence().end('thing')).toThrow(expect.objectContaining({ details: { reason: 'unexpected element', offset: 2, what: 'thing' } }));
    expect(() => sequence().readTime('when')).toThrow(refusal('not a time'));
    const at = sequence();
    at.readInteger('n');
    at.readString('s');
    expect(() => at.readInteger('more')).toThrow(expect.objectContaining({ details: { reason: 'missing', offset: 8, what: 'more' } }));
  });
});

describe('hostile bytes', () => {
  const survive = (bytes: Uint8Array) => {
    try {
      DerReader.open(bytes);
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(AppError);
      expect((thrown as AppError).code).toBe('DER_MALFORMED');
    }
  };
  it('ok: random bytes get an answer or DER_MALFORMED, nothing else', () => fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), survive), { numRuns: 2000 }));
  it('ok: damaged DER gets an answer or DER_MALFORMED, nothing else', () => {
    const good = derSequence(derInteger(1n << 70n), derSetOf(derSequence(derOid('2.5.4.3'), derUtf8String('标钥'))), derTime(new Date('2026-01-01T00:00:00Z')), derContext(0, derNamedBits([5])));
    fc.assert(fc.property(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(good.length), (at, value, cut) => {
      const damaged = good.slice();
      damaged[at] = value;
      survive(damaged);
      survive(damaged.subarray(0, cut));
    }), { numRuns: 2000 });
  });
});
