import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beijingDate, beijingTime } from './beijing-time.ts';
import { splitDistinguishedName } from './distinguished-name.ts';
import { groupSerial, groupSerialHex } from './group-serial.ts';
import { yuan } from './money.ts';
import { certificatePem } from './pem.ts';

describe('Beijing time', () => {
  it.each([
    ['2026-11-20T01:02:03Z', '2026-11-20 09:02'], ['2026-11-20T15:59:59Z', '2026-11-20 23:59'], ['2026-11-20T16:00:00Z', '2026-11-21 00:00'], ['2026-12-31T20:30:00.123Z', '2027-01-01 04:30'], ['2028-02-28T17:00:00Z', '2028-02-29 01:00'],
  ])('ok: %s is %s, wherever the computer stands', (utc, beijing) => {
    expect(beijingTime(utc)).toBe(beijing);
    expect(beijingDate(utc)).toBe(beijing.slice(0, 10));
  });

  it('ok: what is no time is shown as it is', () => {
    expect(beijingTime('soon')).toBe('soon');
  });
});

describe('serial numbers', () => {
  it.each([['8f3a2b1c9d0e4f56', '8f3a 2b1c 9d0e 4f56'], ['GM300020260700118', 'GM30 0020 2607 0011 8'], ['12', '12'], ['', '']])('ok: %s stands as %s', (serial, grouped) => {
    expect(groupSerial(serial)).toBe(grouped);
  });

  it('ok: grouping loses and adds nothing but spaces', () => {
    fc.assert(fc.property(fc.stringMatching(/^[\x21-\x7e]{1,64}$/), (serial) => {
      expect(groupSerial(serial).replaceAll(' ', '')).toBe(serial);
      expect(groupSerial(serial).split(' ').slice(0, -1).every((group) => group.length === 4)).toBe(true);
    }));
  });

  it('ok: serials of certificates keep their pairs', () => {
    expect(groupSerialHex('7c4a3f0001')).toBe('7C 4A3F 0001');
    expect(groupSerialHex('7c4a3f00')).toBe('7C4A 3F00');
  });
});

describe('money', () => {
  it.each([[35_000, '¥350.00'], [5, '¥0.05'], [0, '¥0.00'], [123_456_789, '¥1,234,567.89'], [100_000_000_000, '¥1,000,000,000.00']])('ok: %i fen is %s', (fen, text) => {
    expect(yuan(fen)).toBe(text);
  });
});

describe('distinguished names in plain words', () => {
  it('ok: splits attributes and keeps commas that are escaped', () => {
    expect(splitDistinguishedName('CN=Zhang\\, San+SERIALNUMBER=7,O=甲 \\+ 乙公司,C=CN')).toEqual([
      { type: 'CN', value: 'Zhang, San' }, { type: 'SERIALNUMBER', value: '7' }, { type: 'O', value: '甲 + 乙公司' }, { type: 'C', value: 'CN' },
    ]);
  });

  it('ok: reads bytes in hexadecimal as UTF-8', () => {
    expect(splitDistinguishedName('CN=\\E6\\A0\\87\\E9\\92\\A5 A')).toEqual([{ type: 'CN', value: '标钥 A' }]);
  });
});

describe('PEM', () => {
  it('ok: lines of 64 between the two marks (RFC 7468)', () => {
    const lines = certificatePem('A'.repeat(130)).split('\n');
    expect(lines).toEqual(['-----BEGIN CERTIFICATE-----', 'A'.repeat(64), 'A'.repeat(64), 'AA', '-----END CERTIFICATE-----', '']);
  });
});
