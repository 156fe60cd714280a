/** What may happen to an issued pair, as one table. Both certificates of a pair always change together; nothing leads out of `revoked`. */
import type { CertificateState } from '#shared/contract/rest/certificates.ts';
import { AppError } from '#shared/errors/app-error.ts';

export type PairEvent = 'suspend' | 'release' | 'revoke';

export const PAIR_TRANSITIONS: Readonly<Record<CertificateState, Partial<Record<PairEvent, CertificateState>>>> = {
  pending: { revoke: 'revoked' },
  active: { suspend: 'suspended', revoke: 'revoked' },
  suspended: { release: 'active', revoke: 'revoked' },
  revoked: {},
};

/** @throws CERTIFICATE_STATE when the state does not know the event */
export function nextPairState(state: CertificateState, event: PairEvent): CertificateState {
  const next = PAIR_TRANSITIONS[state][event];
  if (next === undefined) throw new AppError('CERTIFICATE_STATE', { state, event });
  return next;
}
