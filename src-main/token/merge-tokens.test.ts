import { describe, expect, it } from 'vitest';
import type { TokenCertificate, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { mergeTokens } from './merge-tokens.ts';

const certificate = (sha256Hex: string): TokenCertificate => ({ containerId: 'id:', purpose: 'other', subjectCommonName: '', subject: '', issuer: '', issuerCommonName: '', serialHex: '01', notBeforeUtc: '', notAfterUtc: '', sha256Hex, keyAlgorithm: 'sm2', hasPrivateKey: null, certificateDer: '' });
const token = (driverId: string, serial: string, certificates: string[] = [], label = 'key'): TokenSummary => ({
  ref: { driverId, serial }, modelId: null, label, manufacturer: 'm', hardwareModel: 'h', demo: false, freeBytes: null, certificates: certificates.map(certificate),
  pin: { status: 'ok', triesLeft: null, maxTries: null, mustChange: false },
});
const drivers = (tokens: TokenSummary[]) => mergeTokens(tokens).map((merged) => merged.ref.driverId);

describe('one list of the keys of several drivers', () => {
  it('ok: the same serial and certificates, in any order, is one key', () => expect(drivers([token('a', '1', ['x', 'y']), token('b', '1', ['y', 'x'])])).toEqual(['a']));
  it('ok: the same serial and other certificates are two keys', () => expect(drivers([token('a', '1', ['x']), token('b', '1', ['y'])])).toEqual(['a', 'b']));
  it('ok: blank keys are one only if they look alike', () => {
    expect(drivers([token('a', '1'), token('b', '1')])).toEqual(['a']);
    expect(drivers([token('a', '1'), token('b', '1', [], 'another label')])).toEqual(['a', 'b']);
  });
  it('ok: two keys of one driver with one serial both stay', () => expect(drivers([token('a', '1'), token('a', '1')])).toEqual(['a', 'a']));
});
