import { describe, expect, it } from 'vitest';
import type { SealedBidRecord } from '#shared/contract/desktop/ledger.ts';
import { generationsShown, openersByGroup, openingOf, uploadUnsaid, utcOfBeijingText } from './ledger-row.ts';

const opener = (group: string, label: string) => ({ group, label, fingerprintHex: '00', fingerprintDigest: 'sm3' as const, issuer: '', serialHex: '01', notAfterUtc: '2027-01-01T00:00:00Z' });

describe('a row of the ledger', () => {
  it('ok: openers stand by group, groups in the order of the bid', () => {
    const groups = openersByGroup({ openers: [opener('bidder', '甲'), opener('tenderer', '丙'), opener('bidder', '乙')] });
    expect(groups.map(({ group, labels }) => [group, labels])).toEqual([['bidder', ['甲', '乙']], ['tenderer', ['丙']]]);
  });

  it('ok: files of a re-wrapped bid, newest first, with where each went; it has to be said which one was uploaded, until it is', () => {
    const [first, second] = ['11'.repeat(32), '22'.repeat(32)];
    const generation = (headerHex: string, rewraps: number) => ({ headerHex, rewraps, madeAtUtc: `2026-11-0${rewraps + 1}T00:00:00Z`, notedAtUtc: `2026-11-0${rewraps + 1}T00:00:00Z`, file: `/${rewraps}.bid`, openers: [opener('bidder', '甲')] });
    const bid: SealedBidRecord = {
      sealId: '0f'.repeat(16), bidId: '', tenderId: '', lot: '', tenderName: 'T', bidderName: '', file: '/1.bid', openingTimeUtc: null, sealedAtUtc: '2026-11-01T00:00:00Z', openers: [opener('bidder', '甲')], state: 'to-open', rehearsals: [],
      uploads: [{ atUtc: '2026-11-01T12:00:00Z', platform: '平台', receipt: null, headerHex: first }], generations: [generation(first, 0), generation(second, 1)],
    };
    expect(generationsShown(bid).map(({ file, uploadedTo, counts }) => [file, uploadedTo, counts])).toEqual([['/1.bid', [], true], ['/0.bid', ['平台'], true]]);
    expect([uploadUnsaid(bid), uploadUnsaid({ ...bid, state: 'opened' })]).toEqual([true, false]);
    const said: SealedBidRecord = { ...bid, uploads: [...bid.uploads, { atUtc: '2026-11-03T00:00:00Z', platform: '平台', receipt: null, headerHex: second }] };
    expect([uploadUnsaid(said), generationsShown(said).map(({ counts }) => counts)]).toEqual([false, [true, false]]);
    const { generations: _gone, ...plain } = bid;
    expect([generationsShown(plain).map(({ file }) => file), uploadUnsaid(plain)]).toEqual([['/1.bid'], false]);
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
