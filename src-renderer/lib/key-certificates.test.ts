import { describe, expect, it } from 'vitest';
import type { TokenCertificate, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { certificatePairs, keyHolder, newPair, soonestEnd } from './key-certificates.ts';

const certificate = (containerId: string, purpose: 'sign' | 'encrypt', year: number, name = '甲公司'): TokenCertificate => ({
  containerId, purpose, subjectCommonName: name, subject: `CN=${name}`, issuer: 'CN=CA', issuerCommonName: 'CA', serialHex: '01', notBeforeUtc: `${year}-01-01T00:00:00Z`, notAfterUtc: `${year + 1}-01-01T00:00:00Z`,
  sha256Hex: `${containerId}${purpose}${year}`, keyAlgorithm: 'rsa-2048', hasPrivateKey: true, certificateDer: '',
});
const key = (...certificates: TokenCertificate[]): TokenSummary => ({
  ref: { driverId: 'd', serial: 's' }, modelId: null, label: '', manufacturer: '', hardwareModel: '', demo: false, pin: { status: 'ok', triesLeft: null, maxTries: null, mustChange: false }, certificates, freeBytes: null,
});

const OLD = [certificate('aa', 'encrypt', 2025, '旧名'), certificate('aa', 'sign', 2025, '旧名')];
const NEW = [certificate('bb', 'sign', 2026), certificate('bb', 'encrypt', 2026)];

describe('certificates of a key', () => {
  it('ok: pairs by container, newest first', () => {
    const pairs = certificatePairs([...OLD, ...NEW]);
    expect(pairs.map((pair) => pair.containerId)).toEqual(['bb', 'aa']);
    expect(pairs[1]?.sign?.purpose).toBe('sign');
  });
  it('ok: the holder stands in the newest signing certificate', () => {
    expect(keyHolder(key(...OLD, ...NEW))).toBe('甲公司');
    expect(keyHolder(key())).toBeNull();
  });
  it('ok: the pair that was not there before is the new one', () => {
    expect(newPair(key(...OLD, ...NEW), OLD.map((one) => one.sha256Hex))?.containerId).toBe('bb');
    expect(newPair(key(...OLD), OLD.map((one) => one.sha256Hex))).toBeNull();
    expect(newPair(key(...OLD, ...NEW), null)?.containerId).toBe('bb');
  });
  it('ok: what ends first counts, of the newest pair only', () => {
    const shorter = { ...certificate('bb', 'encrypt', 2026), notAfterUtc: '2026-06-01T00:00:00Z' };
    expect(soonestEnd(key(...OLD, NEW[0] as TokenCertificate, shorter), Date.parse('2026-05-02T00:00:00Z'))).toEqual({ level: 'medium', daysLeft: 30 });
    expect(soonestEnd(key(), 0)).toBeNull();
  });
});
