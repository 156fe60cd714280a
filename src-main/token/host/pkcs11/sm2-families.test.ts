import { describe, expect, it } from 'vitest';
import type { HostProfile } from '../../host-protocol.ts';
import type { Sm2Mechanisms } from '../../../ukey-models/ukey-model-profile.ts';
import { requireSm2Number, sm2NumbersFor } from './sm2-families.ts';

const SANSEC: Sm2Mechanisms = { family: 'profile', keyType: '0x80000004', generateKeyPair: '0x80008001', signDigest: '0x80008104', signSm3: '0x80008100', encrypt: '0x80008200', unwrapEnveloped: null, signatureForm: 'der' };
const profile = (sm2: Sm2Mechanisms | null): HostProfile => ({ modelId: 'test', maxPinTries: null, rsa: null, sm2, sgdSm2Sign: [], skfApplications: [], maxContainers: null, unlockStrategy: 'none', rescan: 'poll', hideUninitialised: false });
const unknownMake = profile({ ...SANSEC, signatureForm: 'unknown' });
const refusal = expect.objectContaining({ code: 'DRIVER_MECHANISM' });

describe('numbers of SM2', () => {
  it('ok: a known model has its own, as long as the key lists one of them', () => {
    expect(sm2NumbersFor(profile(SANSEC), [0x80008001])).toMatchObject({ family: 'profile', signDigest: 0x80008104 });
    expect(() => sm2NumbersFor(profile(SANSEC), [1, 2, 3])).toThrow(refusal);
    expect(() => sm2NumbersFor(profile(null), [0x80008001])).toThrow(refusal);
  });
  it('ok: an unknown make has the family of which the key lists most', () => {
    expect(sm2NumbersFor(unknownMake, [0x80008001, 0x80008000, 0x80008100, 0x80008200])).toMatchObject({ family: 'TASS', signDigest: 0x80008000 });
    expect(sm2NumbersFor(unknownMake, [0x80008001, 0x80008104, 0x80008100, 0x80008200])).toMatchObject({ signDigest: 0x80008104 });
    expect(sm2NumbersFor(unknownMake, [0x8005000a, 0x8005000b])).toMatchObject({ family: 'IBM EP11', keyType: 0x80050002 });
  });
  it('refuses: two families that fit alike, and a use that the key does not list', () => {
    expect(() => sm2NumbersFor(unknownMake, [0x80008001, 0x80008100])).toThrow(refusal);
    const numbers = sm2NumbersFor(profile(SANSEC), [0x80008001]);
    expect(requireSm2Number(numbers, 'generateKeyPair', [0x80008001])).toBe(0x80008001);
    expect(() => requireSm2Number(numbers, 'encrypt', [0x80008001])).toThrow(refusal);
    expect(() => requireSm2Number(numbers, 'unwrapEnveloped', [0x80008001])).toThrow(refusal);
  });
});
