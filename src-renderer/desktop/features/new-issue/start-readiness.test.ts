import { describe, expect, it } from 'vitest';
import type { PinState, TokenCertificate, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { missingForStart } from './start-readiness.ts';

const pin = (changes: Partial<PinState> = {}): PinState => ({ status: 'ok', triesLeft: 6, maxTries: 6, mustChange: false, ...changes });
const key = (changes: Partial<TokenSummary> = {}): TokenSummary => ({ ref: { driverId: 'd', serial: 's' }, modelId: 'm', label: '', manufacturer: '', hardwareModel: '', demo: false, pin: pin(), certificates: [], freeBytes: null, ...changes });
const held = (sha256Hex: string) => ({ sha256Hex }) as TokenCertificate;
const ready = { remaining: 1, modelId: 'm', token: key(), candidates: 1, agreed: new Set<string>(), code: '598983' };

describe('what is missing before a writing may begin', () => {
  it('ok: nothing', () => expect(missingForStart(ready)).toEqual([]));
  it('ok: everything, in the order of the form', () => expect(missingForStart({ ...ready, modelId: null, token: null, code: '' })).toEqual(['model', 'code']));
  it.each([
    [{ remaining: 0 }, ['quantity']],
    [{ token: null, candidates: 0 }, ['key']],
    [{ token: null, candidates: 2 }, ['keyChoice']],
    [{ code: '59898' }, ['code']],
    [{ token: key({ pin: pin({ status: 'locked', triesLeft: 0 }) }) }, ['keyLocked']],
    [{ token: key({ pin: pin({ status: 'not-initialised' }) }) }, ['keyNotInitialised']],
    [{ token: key({ pin: pin({ mustChange: true }) }) }, ['pinMustChange']],
    [{ token: key({ certificates: [held('aa'), held('bb')] }), agreed: new Set(['aa']) }, ['consent']],
  ])('refuses: %j', (changes, missing) => expect(missingForStart({ ...ready, ...changes })).toEqual(missing));
  it('ok: each certificate on the key was agreed to', () => expect(missingForStart({ ...ready, token: key({ certificates: [held('aa')] }), agreed: new Set(['aa']) })).toEqual([]));
});
