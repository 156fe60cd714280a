import { describe, expect, it } from 'vitest';
import type { PinState } from '#shared/contract/desktop/tokens.ts';
import { missingForStart } from './missing-for-start.ts';

const pin: PinState = { status: 'ok', triesLeft: 6, maxTries: 6, mustChange: false };
const ready = { request: { riskNoticeAcceptedAtUtc: '2026-11-20T01:00:00Z', recoveryApprovals: 2 }, kind: 'renewal' as const, token: { modelId: 'bidkey-soft', pin }, ledgerAnswered: true, besidesAgreed: true, escrowAgreed: true, code: '123456' };

describe('what keeps a deed from beginning', () => {
  it('ok: nothing, when everything is there', () => expect(missingForStart(ready)).toEqual([]));

  it('refuses: nothing said at all', () => {
    expect(missingForStart({ ...ready, request: { riskNoticeAcceptedAtUtc: null, recoveryApprovals: 0 }, token: null, ledgerAnswered: false, besidesAgreed: false, escrowAgreed: false, code: '' })).toEqual(['ledger', 'key', 'besides', 'escrow', 'riskNotice', 'code']);
  });

  it('ok: a locked key is no obstacle to its unlocking, and to nothing else', () => {
    const locked = { modelId: 'bidkey-soft', pin: { ...pin, status: 'locked' as const, triesLeft: 0 } };
    expect(missingForStart({ ...ready, kind: 'unlock', token: locked })).toEqual([]);
    expect(missingForStart({ ...ready, token: locked })).toEqual(['keyLocked']);
  });

  it('refuses: a recovery with one approval, a key of no known model', () => {
    expect(missingForStart({ ...ready, kind: 'key-recovery', request: { riskNoticeAcceptedAtUtc: null, recoveryApprovals: 1 } })).toEqual(['recovery']);
    expect(missingForStart({ ...ready, token: { modelId: null, pin } })).toEqual(['model']);
  });
});
