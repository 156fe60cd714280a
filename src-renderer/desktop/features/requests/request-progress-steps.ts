/** The way of a request as a row of steps, worked out from its state. Pure. */
import type { Request, RequestState } from '#shared/contract/rest/requests.ts';

export type ProgressStep = 'fill-in' | 'review' | 'pay' | 'code' | 'write' | 'done';

const STEP_OF: Record<RequestState, ProgressStep> = {
  draft: 'fill-in', rejected: 'fill-in', withdrawn: 'fill-in', submitted: 'review', 'in-review': 'review', approved: 'review', 'awaiting-payment': 'pay', paid: 'code', 'code-sent': 'code', writing: 'write', completed: 'done', expired: 'code', cancelled: 'code',
};
const FAILED = new Set<RequestState>(['rejected', 'withdrawn', 'expired', 'cancelled']);
/** Kinds that leave the key as it is: they end at the service. */
const WITHOUT_WRITING = new Set<Request['kind']>(['revocation', 'suspension', 'release']);
/** Kinds that the holder's own word ends, without review. */
const WITHOUT_REVIEW = new Set<Request['kind']>(['revocation', 'suspension']);

export function progressOf(request: Pick<Request, 'kind' | 'state' | 'unitPriceFen'>): { readonly steps: readonly ProgressStep[]; readonly current: number; readonly failed: boolean } {
  const steps: ProgressStep[] = ['fill-in', ...(WITHOUT_REVIEW.has(request.kind) ? [] : ['review' as const]), ...(request.unitPriceFen > 0 ? ['pay' as const] : []), ...(request.kind === 'release' ? [] : ['code' as const]), ...(WITHOUT_WRITING.has(request.kind) ? [] : ['write' as const]), 'done'];
  return { steps, current: Math.max(0, steps.indexOf(STEP_OF[request.state])), failed: FAILED.has(request.state) };
}
