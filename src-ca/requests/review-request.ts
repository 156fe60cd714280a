/** The review by CA staff: claim, release, approve, reject. Nobody reviews a request of their own, and a claimed request is reviewed by who claimed it. */
import type { Request } from '#shared/contract/rest/requests.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { Caller } from '../caller.ts';
import { DAY_MS, type Clock } from '../clock.ts';
import type { SendCodePorts } from '../codes/send-code.ts';
import type { ReachFaultPoint } from '../issuance/fault-points.ts';
import type { CertificateRecords } from '../issuance/issuance-port.ts';
import type { Transactions } from '../transactions.ts';
import { afterApproval, type AfterApprovalScope } from './after-approval.ts';
import { checkCertificateFor } from './certificate-of-request.ts';
import { moveRequest, staff, type Move } from './move-request.ts';
import type { RequestRow } from './request-port.ts';
import { nextRequestState } from './request-transitions.ts';
import { requestView, type RequestViewScope } from './request-view.ts';

type Scope = AfterApprovalScope & RequestViewScope & { readonly certificates: CertificateRecords };

export type ReviewPorts = { readonly transactions: Transactions<Scope>; readonly clock: Clock; readonly crlPublisher: { changed(caId: string): void }; readonly reachFaultPoint: ReachFaultPoint } & SendCodePorts;

/** Somebody else's claim that is older may be released by anybody: a reviewer may have gone home. */
const CLAIM_KEPT_MS = DAY_MS;

/** @throws NOT_FOUND, REQUEST_STATE, REQUEST_OWN_REVIEW, REQUEST_CLAIMED */
export async function claimRequest(ports: ReviewPorts, caller: Caller, requestId: string): Promise<Request> {
  return await review(ports, caller, requestId, async (scope, row, nowMs) => {
    if (row.state === 'in-review') throw new AppError('REQUEST_CLAIMED', row.claimedByStaffId === caller.accountId ? { mine: true } : {});
    return await moveRequest(scope, ports, row, { event: 'claim', by: staff(caller), nowMs, changes: { claimedByStaffId: caller.accountId } });
  });
}

/** @throws NOT_FOUND, REQUEST_STATE, REQUEST_OWN_REVIEW, REQUEST_CLAIMED */
export async function releaseClaim(ports: ReviewPorts, caller: Caller, requestId: string): Promise<Request> {
  return await review(ports, caller, requestId, async (scope, row, nowMs) => {
    if (nowMs - row.stateSinceMs < CLAIM_KEPT_MS) refuseOthersClaim(row, caller);
    return await moveRequest(scope, ports, row, { event: 'release-claim', by: staff(caller), nowMs, changes: { claimedByStaffId: null } });
  });
}

/** Leads on to payment, code or completion in the same transaction. @throws NOT_FOUND, REQUEST_STATE, REQUEST_OWN_REVIEW, REQUEST_CLAIMED, REQUEST_CERTIFICATE_STATE */
export async function approveRequest(ports: ReviewPorts, caller: Caller, requestId: string): Promise<Request> {
  const approved = await review(ports, caller, requestId, async (scope, row, nowMs) => {
    refuseOthersClaim(row, caller);
    await checkCertificateFor(scope.certificates, row, nowMs);
    const moved = await moveRequest(scope, ports, row, { event: 'approve', by: staff(caller), nowMs });
    await scope.requests.markMaterialsApproved(row.id);
    return await afterApproval(scope, ports, moved, nowMs);
  });
  ports.reachFaultPoint('approval:committed');
  return approved;
}

/** @throws NOT_FOUND, REQUEST_STATE, REQUEST_OWN_REVIEW, REQUEST_CLAIMED */
export async function rejectRequest(ports: ReviewPorts, caller: Caller, requestId: string, reason: string): Promise<Request> {
  return await review(ports, caller, requestId, async (scope, row, nowMs) => {
    refuseOthersClaim(row, caller);
    const move: Move = { event: 'reject', by: staff(caller), nowMs, reason: reason.trim(), changes: { rejectionReason: reason.trim(), claimedByStaffId: null } };
    return await moveRequest(scope, ports, row, move);
  });
}

async function review(ports: ReviewPorts, caller: Caller, requestId: string, step: (scope: Scope, row: RequestRow, nowMs: number) => Promise<RequestRow>): Promise<Request> {
  return await ports.transactions.write(async (scope) => {
    const row = (await scope.requests.byId(requestId)) ?? refuse('NOT_FOUND', { what: 'request' });
    refuseOwnReview(row, caller);
    const moved = await step(scope, row, ports.clock().getTime());
    ports.reachFaultPoint('review:in-transaction');
    return await requestView(scope, moved);
  });
}

/** @throws REQUEST_OWN_REVIEW */
export function refuseOwnReview(row: RequestRow, caller: Caller): void {
  if (row.accountId === caller.accountId) throw new AppError('REQUEST_OWN_REVIEW');
}

/** Only of a request that is in review; every other state answers for itself. @throws REQUEST_STATE, REQUEST_CLAIMED */
function refuseOthersClaim(row: RequestRow, caller: Caller): void {
  nextRequestState(row.kind, row.state, 'release-claim', 'staff');
  if (row.claimedByStaffId !== caller.accountId) throw new AppError('REQUEST_CLAIMED');
}
