import { describe, expect, it } from 'vitest';
import { progressOf } from './request-progress-steps.ts';

describe('progress of a request', () => {
  it('ok: a renewal that costs something is paid before its code comes', () => {
    const { steps, current } = progressOf({ kind: 'renewal', state: 'awaiting-payment', unitPriceFen: 100 });
    expect(steps).toEqual(['fill-in', 'review', 'pay', 'code', 'write', 'done']);
    expect(steps[current]).toBe('pay');
  });

  it('ok: what costs nothing is not paid, what leaves the key alone is not written, what the holder may end needs no review', () => {
    expect(progressOf({ kind: 'revocation', state: 'completed', unitPriceFen: 0 })).toEqual({ steps: ['fill-in', 'code', 'done'], current: 2, failed: false });
    expect(progressOf({ kind: 'release', state: 'in-review', unitPriceFen: 0 })).toEqual({ steps: ['fill-in', 'review', 'done'], current: 1, failed: false });
  });

  it('ok: a rejected request stands where it is filled in again', () => {
    expect(progressOf({ kind: 'change', state: 'rejected', unitPriceFen: 100 })).toMatchObject({ current: 0, failed: true });
  });
});
