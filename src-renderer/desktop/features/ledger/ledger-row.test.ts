import { describe, expect, it } from 'vitest';
import { openersByGroup, openingOf, utcOfBeijingText } from './ledger-row.ts';

const opener = (group: string, label: string) => ({ group, label, fingerprintHex: '00', fingerprintDigest: 'sm3' as const, issuer: '', serialHex: '01', notAfterUtc: '2027-01-01T00:00:00Z' });

describe('a row of the ledger', () => {
  it('ok: openers stand by group, groups in the order of the bid', () => {
    const groups = openersByGroup({ openers: [opener('bidder', '甲'), opener('tenderer', '丙'), opener('bidder', '乙')] });
    expect(groups.map(({ group, labels }) => [group, labels])).toEqual([['bidder', ['甲', '乙']], ['tenderer', ['丙']]]);
  });

  it('ok: whole days until the opening, none after it, none known', () => {
    const now = Date.parse('2026-11-20T01:00:00Z');
    expect(openingOf({ openingTimeUtc: '2026-11-22T02:00:00Z' }, now)).toEqual({ passed: false, days: 2 });
    expect(openingOf({ openingTimeUtc: '2026-11-20T00:59:59Z' }, now)).toEqual({ passed: true, days: 0 });
    expect(openingOf({ openingTimeUtc: null }, now)).toBeNull();
  });

  it('ok: a Beijing time becomes UTC', () => {
    expect(utcOfBeijingText('2026-12-01 09:30')).toBe('2026-12-01T01:30:00Z');
    expect(utcOfBeijingText(' 2026-12-01 00:30 ')).toBe('2026-11-30T16:30:00Z');
  });

  it.each(['', '2026-12-1 9:30', '2026-13-01 09:30', '2026-02-30 09:30', '2026-12-01 25:00', 'tomorrow'])('refuses: %j is no time', (text) => {
    expect(utcOfBeijingText(text)).toBeNull();
  });
});
