/** The table of requests against everything that could be tried: what is no row is refused, every road ends, money is never kept without a result. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REQUEST_KINDS, type RequestKind } from '#shared/contract/rest/orders.ts';
import { REQUEST_ACTORS, REQUEST_STATES, type RequestState } from '#shared/contract/rest/requests.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { expiryOf } from './request-expiry.ts';
import { ENDED_STATES, nextRequestState, OPEN_STATES, REQUEST_EVENTS, REQUEST_TRANSITIONS } from './request-transitions.ts';

const kind = fc.constantFrom(...REQUEST_KINDS);
const state = fc.constantFrom(null, ...REQUEST_STATES);
const event = fc.constantFrom(...REQUEST_EVENTS);
const actor = fc.constantFrom(...REQUEST_ACTORS);

const rowsFrom = (of: RequestKind, from: RequestState | null) => REQUEST_TRANSITIONS.filter((row) => row.kinds.includes(of) && row.from === from);

/** Every state that a kind can be in. */
function reachable(of: RequestKind): Set<RequestState> {
  const seen = new Set<RequestState>();
  const visit = (from: RequestState | null): void => {
    for (const { to } of rowsFrom(of, from)) {
      if (seen.has(to)) continue;
      seen.add(to);
      visit(to);
    }
  };
  visit(null);
  return seen;
}

describe('the table', () => {
  it('refuses: whatever is no row of it, of kind, state, event and actor', () => {
    fc.assert(
      fc.property(kind, state, event, actor, (of, from, what, who) => {
        const rows = REQUEST_TRANSITIONS.filter((row) => row.kinds.includes(of) && row.from === from && row.event === what && row.by.includes(who));
        expect(rows.length).toBeLessThanOrEqual(1);
        const [row] = rows;
        if (row !== undefined) expect(nextRequestState(of, from, what, who)).toBe(row.to);
        else expect(() => nextRequestState(of, from, what, who)).toThrow(AppError);
      }),
      { numRuns: 5000 },
    );
  });

  it('ok: any walk along it stays in its states, and can always come to an end', () => {
    fc.assert(
      fc.property(kind, fc.array(fc.nat(), { maxLength: 40 }), (of, choices) => {
        let at: RequestState | null = null;
        for (const choice of choices) {
          const rows = rowsFrom(of, at);
          const row = rows[choice % Math.max(1, rows.length)];
          if (row === undefined) break;
          at = row.to;
        }
        const ends = (from: RequestState | null, seen: readonly (RequestState | null)[]): boolean =>
          (from !== null && ENDED_STATES.includes(from)) || rowsFrom(of, from).some(({ to }) => !seen.includes(to) && ends(to, [...seen, to]));
        expect(ends(at, [at])).toBe(true);
      }),
    );
  });

  it('refuses: anything after the end, but money that comes late, which changes no state', () => {
    const after = REQUEST_TRANSITIONS.filter((row) => row.from !== null && ENDED_STATES.includes(row.from));
    expect(after.map(({ event: what, from, to, by }) => `${what} ${from} ${to} ${by.join()}`)).toEqual(['pay-late cancelled cancelled system', 'pay-late expired expired system']);
  });

  it('refuses: an approval by anybody but staff, a payment or code by anybody but the service', () => {
    const by = (what: string) => new Set(REQUEST_TRANSITIONS.filter((row) => row.event === what).flatMap((row) => row.by));
    for (const what of ['claim', 'release-claim', 'approve', 'reject']) expect([...by(what)], what).toEqual(['staff']);
    for (const what of ['ask-payment', 'pay', 'send-code', 'carry-out', 'expire', 'expire-rest', 'pay-late']) expect([...by(what)], what).toEqual(['system']);
  });

  it('ok: what one tool has begun and nobody else can complete, staff can end; refuses: of anything else', () => {
    const rows = REQUEST_TRANSITIONS.filter((row) => row.event === 'cancel-by-staff');
    expect(rows).toEqual([{ kinds: ['unlock', 'key-recovery'], from: 'writing', event: 'cancel-by-staff', by: ['staff'], to: 'cancelled' }]);
  });

  it('refuses: writing before a review, except of what was ordered from the price list', () => {
    for (const of of ['renewal', 'change', 'unlock', 'reissue', 'key-recovery', 'release'] as const) {
      const withoutReview = new Set<RequestState>();
      const visit = (from: RequestState | null): void => {
        for (const { to, event: what } of rowsFrom(of, from)) {
          if (what === 'approve' || withoutReview.has(to)) continue;
          withoutReview.add(to);
          visit(to);
        }
      };
      visit(null);
      for (const far of ['approved', 'paid', 'code-sent', 'writing', 'completed'] as const) expect(withoutReview.has(far), `${of} ${far}`).toBe(false);
    }
  });

  it('ok: whatever was paid leads to completion or to an end that gives it back, also by the clock alone', () => {
    for (const of of REQUEST_KINDS) {
      const states = reachable(of);
      for (const waiting of ['awaiting-payment', 'code-sent'] as const) {
        if (!states.has(waiting)) continue;
        expect(expiryOf({ kind: of, state: waiting, openQuantity: 0 }, 0), `${of} ${waiting}`).not.toBeNull();
        expect(rowsFrom(of, waiting).some(({ event: what, by }) => what === 'expire' && by.includes('system')), `${of} ${waiting}`).toBe(true);
      }
      if (states.has('paid')) expect(rowsFrom(of, 'paid').map(({ to }) => to)).toEqual(['code-sent']);
      if (states.has('writing')) expect(rowsFrom(of, 'writing').some(({ event: what }) => what === 'give-writing-up')).toBe(true);
    }
  });

  it('ok: a state with a time limit can expire, and one that waits for staff has none', () => {
    for (const of of REQUEST_KINDS) {
      for (const at of reachable(of)) {
        const limited = expiryOf({ kind: of, state: at, openQuantity: 0 }, 0) !== null;
        const expires = rowsFrom(of, at).some(({ event: what }) => what === 'expire' || what === 'expire-rest');
        // Of kinds with one key, writing always has that key begun, and then there is no limit.
        if (at === 'writing' && of !== 'new-issue') continue;
        expect(limited, `${of} ${at}`).toBe(expires);
      }
      for (const staffs of ['submitted', 'in-review'] as const) expect(expiryOf({ kind: of, state: staffs, openQuantity: 0 }, 0)).toBeNull();
    }
  });

  it('ok: every state is open, ended, or the applicant’s own', () => {
    for (const at of REQUEST_STATES) expect([OPEN_STATES.includes(at), ENDED_STATES.includes(at), at === 'draft' || at === 'rejected'].filter(Boolean), at).toHaveLength(1);
  });
});
