/** What a deed does to bids, case by case. */
import { describe, expect, it } from 'vitest';
import type { LedgerDeed, LedgerOpener, SealedBidRecord } from '#shared/contract/desktop/ledger.ts';
import { assessBids, type AssessmentFacts } from './assess-bids.ts';
import type { KnownCertificate } from './ledger-store.ts';

const NOW = new Date('2026-11-20T08:00:00Z');
const utc = (days: number) => new Date(NOW.getTime() + days * 86_400_000).toISOString();
const hex = (digit: string) => digit.repeat(64);

const certificate = (digit: string, tokenSerial: string): KnownCertificate => ({
  sha256Hex: hex(digit), sm3Hex: hex(digit === '9' ? '8' : String(Number(digit) + 1)), tokenSerial, purpose: 'encrypt', label: '甲公司', serialHex: '01', notAfterUtc: utc(300), lastSeenUtc: utc(-1),
});
const mine = certificate('1', 'K1');
const other = certificate('5', 'K2');
const opener = (of: KnownCertificate, changes: Partial<LedgerOpener> = {}): LedgerOpener => ({
  group: 'bidder', fingerprintHex: of.sha256Hex, fingerprintDigest: 'sha-256', label: of.label, issuer: 'CN=CA', serialHex: of.serialHex, notAfterUtc: of.notAfterUtc, ...changes,
});
const bid = (openers: readonly LedgerOpener[], changes: Partial<SealedBidRecord> = {}): SealedBidRecord => ({
  sealId: 'a'.repeat(32), bidId: 'b', tenderId: 't', lot: '', tenderName: '某某项目', bidderName: '甲公司', file: null, openingTimeUtc: utc(10), sealedAtUtc: utc(-1), openers: [...openers], state: 'to-open', rehearsals: [], uploads: [], ...changes,
});
const facts = (deed: LedgerDeed, changes: Partial<AssessmentFacts> = {}): AssessmentFacts => ({
  deed, keyPolicy: 'new-keys', removesContents: false, roomForPair: true, own: [mine], known: [mine, other], escrow: new Map(), now: NOW, ...changes,
});
const groupOf = (deed: LedgerDeed, openers: readonly LedgerOpener[], changes: Partial<AssessmentFacts> = {}, ofBid: Partial<SealedBidRecord> = {}) => {
  const [assessed] = assessBids([bid(openers, ofBid)], facts(deed, changes));
  return { lost: assessed?.lost, keptBy: assessed?.groups[0]?.keptBy.map(({ by }) => by), doubts: assessed?.groups[0]?.doubts.map(({ reason }) => reason) };
};

describe('bids and a deed on a key', () => {
  it('ok: a bid that other certificates open is no matter of this key', () => {
    expect(assessBids([bid([opener(other)])], facts('renewal'))).toEqual([]);
  });

  it('ok: an opened or withdrawn bid is no matter any more', () => {
    expect(assessBids([bid([opener(mine)], { state: 'opened' }), bid([opener(mine)], { state: 'withdrawn' })], facts('reissue'))).toEqual([]);
  });

  it('ok: a renewal keeps the old encryption key as history key, also where nobody knows how much room there is', () => {
    expect(groupOf('renewal', [opener(mine)])).toEqual({ lost: false, keptBy: ['history-key'], doubts: ['escrow-unknown'] });
    expect(groupOf('renewal', [opener(mine)], { roomForPair: null })).toMatchObject({ lost: false, keptBy: ['history-key'] });
  });

  it('refuses: a full key keeps no history; only escrow or another key opens the bid', () => {
    expect(groupOf('renewal', [opener(mine)], { roomForPair: false })).toEqual({ lost: true, keptBy: [], doubts: ['no-room-for-history', 'escrow-unknown'] });
    expect(groupOf('renewal', [opener(mine)], { roomForPair: false, escrow: new Map([[mine.sha256Hex, 'kept']]) })).toEqual({ lost: false, keptBy: ['escrow'], doubts: ['no-room-for-history'] });
    expect(groupOf('change', [opener(mine), opener(other)], { roomForPair: false })).toMatchObject({ lost: false, keptBy: ['other-key'] });
  });

  it('ok: the same keys stay the same keys', () => {
    expect(groupOf('renewal', [opener(mine)], { keyPolicy: 'same-keys', roomForPair: false })).toMatchObject({ lost: false, keptBy: ['same-key'] });
    for (const deed of ['unlock', 'suspension', 'revocation', 'key-recovery'] as const) expect(groupOf(deed, [opener(mine)])).toMatchObject({ lost: false, keptBy: ['same-key'] });
  });

  it('refuses: a key that is emptied opens nothing', () => {
    expect(groupOf('revocation', [opener(mine)], { removesContents: true })).toMatchObject({ lost: true, doubts: ['contents-removed', 'escrow-unknown'] });
    expect(groupOf('renewal', [opener(mine)], { removesContents: true })).toMatchObject({ lost: true });
  });

  it('ok: a reissue opens by escrow until the opening; other deeds only when it comes in time', () => {
    const escrow = new Map([[mine.sha256Hex, 'kept' as const]]);
    expect(groupOf('reissue', [opener(mine)], { escrow }, { openingTimeUtc: utc(1) })).toEqual({ lost: false, keptBy: ['escrow'], doubts: [] });
    expect(groupOf('renewal', [opener(mine)], { escrow, roomForPair: false }, { openingTimeUtc: utc(2.9) })).toMatchObject({ lost: true, doubts: ['no-room-for-history', 'escrow-too-late'] });
    expect(groupOf('reissue', [opener(mine)], { escrow }, { openingTimeUtc: null })).toMatchObject({ lost: true, doubts: ['escrow-too-late'] });
  });

  it('refuses: escrow that is not there, and escrow that nobody could ask about, are both no help', () => {
    expect(groupOf('reissue', [opener(mine)], { escrow: new Map([[mine.sha256Hex, 'not-kept']]) })).toEqual({ lost: true, keptBy: [], doubts: ['escrow-not-kept'] });
    expect(groupOf('reissue', [opener(mine)])).toEqual({ lost: true, keptBy: [], doubts: ['escrow-unknown'] });
  });

  it('refuses: another opener that was never seen here, or whose certificate ends before the opening', () => {
    expect(groupOf('reissue', [opener(mine), opener(certificate('7', 'K9'))])).toMatchObject({ lost: true, doubts: ['escrow-unknown', 'other-key-never-seen'] });
    expect(groupOf('reissue', [opener(mine), opener(other, { notAfterUtc: utc(9) })])).toMatchObject({ lost: true, doubts: ['escrow-unknown', 'other-certificate-expired'] });
  });

  it('ok: only the groups of this key count, and a bid is lost when one of them is', () => {
    const [assessed] = assessBids([bid([opener(mine), opener(other, { group: 'tenderer' })])], facts('renewal'));
    expect(assessed?.groups.map(({ group }) => group)).toEqual(['bidder']);
    const second = { ...certificate('3', 'K1') };
    const two = [opener(mine), opener(other), opener(second, { group: 'tenderer' })];
    expect(assessBids([bid(two)], facts('reissue', { own: [mine, second] }))[0]).toMatchObject({ lost: true, groups: [{ group: 'bidder', keptBy: [{ by: 'other-key' }] }, { group: 'tenderer', keptBy: [] }] });
  });

  it('ok: bids of the SM suite name certificates by SM3', () => {
    expect(groupOf('renewal', [opener(mine, { fingerprintHex: mine.sm3Hex, fingerprintDigest: 'sm3' })])).toMatchObject({ keptBy: ['history-key'] });
    expect(assessBids([bid([opener(mine, { fingerprintHex: mine.sm3Hex })])], facts('renewal'))).toEqual([]);
  });

  it('ok: an opening that has passed without a word still counts, and is marked', () => {
    expect(assessBids([bid([opener(mine)], { openingTimeUtc: utc(-1) })], facts('renewal'))[0]).toMatchObject({ openingPassed: true, lost: false });
  });
});
