/** The table of pair states, walked as a whole: nothing ever leads out of `revoked`, and what is not in the table is refused. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CertificateState } from '#shared/contract/rest/certificates.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { nextPairState, PAIR_TRANSITIONS, type PairEvent } from './pair-states.ts';

const EVENTS: readonly PairEvent[] = ['suspend', 'release', 'revoke'];
const STATES = Object.keys(PAIR_TRANSITIONS) as CertificateState[];

describe('states of a pair', () => {
  it('refuses: every event that the table does not know, and names the state', () => {
    for (const state of STATES) {
      for (const event of EVENTS.filter((one) => PAIR_TRANSITIONS[state][one] === undefined)) {
        expect(() => nextPairState(state, event)).toThrowError(expect.objectContaining({ code: 'CERTIFICATE_STATE', details: { state, event } }) as Error);
      }
    }
  });

  it('ok: after any sequence, what was revoked once is revoked, and what is suspended can be released or revoked', () => {
    fc.assert(fc.property(fc.constantFrom(...STATES), fc.array(fc.constantFrom(...EVENTS), { maxLength: 30 }), (first, events) => {
      let [state, everRevoked]: [CertificateState, boolean] = [first, first === 'revoked'];
      for (const event of events) {
        try {
          state = nextPairState(state, event);
        } catch (thrown) {
          if (!(thrown instanceof AppError)) throw thrown;
        }
        everRevoked ||= state === 'revoked';
        expect(everRevoked).toBe(state === 'revoked');
        if (state === 'suspended') expect(Object.keys(PAIR_TRANSITIONS[state]).sort()).toEqual(['release', 'revoke']);
      }
    }));
  });
});
