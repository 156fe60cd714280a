/** Rehearsals a day and an hour before the opening. */
import { describe, expect, it } from 'vitest';
import type { SealedBidRecord } from '#shared/contract/desktop/ledger.ts';
import { msUntilNextReminder, remindersOf } from './reminders.ts';

const HOUR = 3_600_000;
const OPENING = Date.parse('2026-11-20T08:00:00.000Z');
const before = (ms: number) => new Date(OPENING - ms);
const bid = (changes: Partial<SealedBidRecord> = {}): SealedBidRecord => ({
  sealId: 'a'.repeat(32), bidId: '', tenderId: '', lot: '', tenderName: '项目', bidderName: '', file: null, openingTimeUtc: before(0).toISOString(), sealedAtUtc: before(100 * HOUR).toISOString(), state: 'to-open', rehearsals: [], uploads: [],
  openers: [{ group: 'bidder', fingerprintHex: '00'.repeat(32), fingerprintDigest: 'sm3', label: '', issuer: '', serialHex: '1', notAfterUtc: before(-9999 * HOUR).toISOString() }], ...changes,
});
const rehearsed = (ms: number, opened = true) => ({ atUtc: before(ms).toISOString(), opened, keys: [], missingGroups: [] });
const states = (bids: SealedBidRecord[], ms: number) => remindersOf(bids, before(ms)).map(({ kind, state }) => `${kind} ${state}`);

describe('reminders', () => {
  it('ok: both are upcoming, then the first is due, then only the last counts, then none', () => {
    expect(states([bid()], 48 * HOUR)).toEqual(['day-before upcoming', 'hour-before upcoming']);
    expect(states([bid()], 24 * HOUR)).toEqual(['day-before due', 'hour-before upcoming']);
    expect(states([bid()], HOUR + 1)).toEqual(['day-before due', 'hour-before upcoming']);
    expect(states([bid()], HOUR)).toEqual(['hour-before due']);
    expect(states([bid()], 0)).toEqual([]);
  });

  it('ok: a rehearsal since then that opened it is what was wanted; refuses: an earlier one, and one that failed', () => {
    expect(states([bid({ rehearsals: [rehearsed(20 * HOUR)] })], 10 * HOUR)).toEqual(['day-before done', 'hour-before upcoming']);
    expect(states([bid({ rehearsals: [rehearsed(25 * HOUR), rehearsed(20 * HOUR, false)] })], 10 * HOUR)).toEqual(['day-before due', 'hour-before upcoming']);
    expect(states([bid({ rehearsals: [rehearsed(20 * HOUR)] })], HOUR / 2)).toEqual(['hour-before due']);
  });

  it('ok: no opening time, opened, withdrawn: nothing to remind of', () => {
    expect(states([bid({ openingTimeUtc: null }), bid({ state: 'opened' }), bid({ state: 'withdrawn' })], 2 * HOUR)).toEqual([]);
  });

  it('ok: tells when to look again', () => {
    const at = before(30 * HOUR);
    expect(msUntilNextReminder(remindersOf([bid()], at), at)).toBe(6 * HOUR);
    expect(msUntilNextReminder([], at)).toBe(null);
  });
});
