/** Days, warnings, and which pair on a key is in force. */
import { describe, expect, it } from 'vitest';
import type { TokenCertificate, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { CertificateRecord } from '#shared/contract/rest/certificates.ts';
import { daysLeft, expiryWarning } from './days-left.ts';
import { keyOverview } from './key-overview.ts';

const NOW = new Date('2026-11-20T08:00:00Z');
const utc = (days: number) => new Date(NOW.getTime() + days * 86_400_000).toISOString();

describe('days left', () => {
  it('ok: whole days, 0 on the last one, negative afterwards', () => {
    expect([utc(1), utc(0.99), utc(0), utc(-0.01), utc(-1), utc(365)].map((time) => daysLeft(time, NOW))).toEqual([1, 0, 0, -1, -1, 365]);
  });

  it('ok: warnings at 90, 30, 15 and 7 days, each from its day on', () => {
    expect([91, 90, 31, 30, 16, 15, 8, 7, 0, -1].map(expiryWarning)).toEqual([null, 90, 90, 30, 30, 15, 15, 7, 7, 0]);
  });
});

const certificate = (containerId: string, purpose: TokenCertificate['purpose'], sha: string, from: number, to: number, more: Partial<TokenCertificate> = {}): TokenCertificate => ({
  containerId, purpose, subjectCommonName: '甲公司', subject: 'CN=甲公司', issuer: 'CN=CA', issuerCommonName: 'CA', serialHex: '01', notBeforeUtc: utc(from), notAfterUtc: utc(to), sha256Hex: sha.repeat(64), keyAlgorithm: 'sm2', hasPrivateKey: null, certificateDer: '', ...more,
});
const token = (certificates: TokenCertificate[]): TokenSummary => ({
  ref: { driverId: 'd', serial: 'K1' }, modelId: null, label: '', manufacturer: '', hardwareModel: '', demo: false, pin: { status: 'ok', triesLeft: null, maxTries: null, mustChange: false }, certificates, freeBytes: null,
});
const record = (sha: string, state: CertificateRecord['state'], projectName = '浙江') => ({ sha256Hex: sha.repeat(64), state, projectName }) as CertificateRecord;
const overview = (certificates: TokenCertificate[], records: CertificateRecord[] | null = null) =>
  keyOverview({ token: token(certificates), records, bidsToOpen: [], sm3Of: (one) => `sm3 ${one.sha256Hex}`, now: NOW }).pairs.map(({ containerId, standing, warning, caState }) => [containerId, standing, warning, caState]);

describe('pairs on a key', () => {
  const old = [certificate('old', 'sign', 'a', -400, 5), certificate('old', 'encrypt', 'b', -400, 5)];
  const fresh = [certificate('new', 'sign', 'c', -1, 365), certificate('new', 'encrypt', 'd', -1, 365)];

  it('ok: of two pairs of one holder the newer is in force and the other history, which is not warned of', () => {
    expect(overview([...old, ...fresh])).toEqual([['new', 'current', null, null], ['old', 'history', null, null]]);
  });

  it('ok: alone it is in force, and warned of', () => {
    expect(overview(old)).toEqual([['old', 'current', 7, null]]);
    expect(overview([certificate('x', 'sign', 'a', -400, -2)])).toEqual([['x', 'current', 0, null]]);
  });

  it('ok: an encryption certificate without a signing one is history', () => {
    expect(overview([certificate('old', 'encrypt', 'b', -400, 5), ...fresh])).toEqual([['new', 'current', null, null], ['old', 'history', null, null]]);
  });

  it('ok: the word of the service counts more: both active in two projects, the newer one revoked', () => {
    expect(overview([...old, ...fresh], [record('a', 'active', '浙江'), record('c', 'active', '江苏')])).toEqual([['old', 'current', 7, 'active'], ['new', 'current', null, 'active']]);
    expect(overview([...old, ...fresh], [record('a', 'active'), record('c', 'revoked')])).toEqual([['old', 'current', 7, 'active'], ['new', 'history', null, 'revoked']]);
  });

  it('ok: the pair ends when the first of the two ends', () => {
    expect(overview([certificate('x', 'sign', 'a', -10, 300), certificate('x', 'encrypt', 'b', -10, 20)])).toEqual([['x', 'current', 30, null]]);
  });

  it('ok: counts the bids that name its encryption certificate, by either digest', () => {
    const bids = ['d'.repeat(64), `sm3 ${'d'.repeat(64)}`, 'e'.repeat(64)].map((fingerprintHex) => ({ openers: [{ fingerprintHex }], uploads: [] }) as never);
    expect(keyOverview({ token: token(fresh), records: null, bidsToOpen: bids, sm3Of: (one) => `sm3 ${one.sha256Hex}`, now: NOW }).pairs[0]?.bidsToOpen).toBe(2);
  });
});
