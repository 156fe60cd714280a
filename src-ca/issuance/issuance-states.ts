/** The states of an issuance and what may happen in each: the whole table. Every change of `issuances.state` goes through it. */
import type { IssuanceState } from '#shared/contract/rest/issuances.ts';
import { AppError } from '#shared/errors/app-error.ts';

export type IssuanceEvent = 'certify' | 'complete' | 'cancel';

export const ISSUANCE_TRANSITIONS: Readonly<Record<IssuanceState, Partial<Record<IssuanceEvent, IssuanceState>>>> = {
  started: { certify: 'certified', cancel: 'cancelled' },
  certified: { complete: 'completed', cancel: 'cancelled' },
  completed: {},
  cancelled: {},
};

/** @throws ISSUANCE_STATE when the state does not know the event */
export function nextIssuanceState(state: IssuanceState, event: IssuanceEvent): IssuanceState {
  const next = ISSUANCE_TRANSITIONS[state][event];
  if (next === undefined) throw new AppError('ISSUANCE_STATE', { state, event });
  return next;
}
