/** The end of a request that is not carried out: given up by the applicant, ended by staff or by the clock. What was paid for keys that are not written is given back in the same transaction. */
import type { Request } from '#shared/contract/rest/requests.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { Caller } from '../caller.ts';
import type { Clock } from '../clock.ts';
import type { ReachFaultPoint } from '../issuance/fault-points.ts';
import { callOnce, type OncePorts } from '../once/call-once.ts';
import type { OnceCall } from '../once/idempotency-port.ts';
import { endUnpaidOrder, type EndOrderScope } from '../orders/cancel-order.ts';
import { followRequests } from '../orders/follow-requests.ts';
import { refundRequest, type RefundPorts, type RefundScope } from '../payments/refund-request.ts';
import type { Transactions } from '../transactions.ts';
import { applicant, moveRequest, staff, SYSTEM, type MovePorts, type Mover } from './move-request.ts';
import { ownedRequest } from './read-requests.ts';
import type { RequestRow } from './request-port.ts';
import { nextRequestState, type RequestEvent } from './request-transitions.ts';
import { requestView, type RequestViewScope } from './request-view.ts';
import { refuseOwnReview } from './review-request.ts';

export type EndRequestScope = EndOrderScope & RefundScope;
export type EndRequestPorts = MovePorts & RefundPorts & { readonly reachFaultPoint: ReachFaultPoint };

type CancelPorts = OncePorts<EndRequestScope & RequestViewScope> & EndRequestPorts;

/** @throws NOT_FOUND, REQUEST_STATE, PROVIDER_UNAVAILABLE, IDEMPOTENCY_* */
export async function cancelRequest(ports: CancelPorts, caller: Caller, requestId: string, once: OnceCall): Promise<Request> {
  const ended = await callOnce(ports, once, async (scope: EndRequestScope & RequestViewScope) => {
    const row = await ownedRequest(scope.requests, caller, requestId);
    const event = row.state === 'writing' ? 'cancel-rest' : 'cancel';
    return await requestView(scope, await endRequest(scope, ports, row, { event, by: applicant(caller), nowMs: ports.clock().getTime() }));
  });
  ports.reachFaultPoint('request-end:committed');
  return ended;
}

type StaffCancelPorts = EndRequestPorts & { readonly transactions: Transactions<EndRequestScope & RequestViewScope>; readonly clock: Clock };

/**
 * An unlock or a recovery that its tool can never complete: the journal is lost, or the key takes no administrator PIN any more. The administrator PINs stay as they
 * are, the current and the next one: either may be on the key. What the tool still sends for it is refused.
 * @throws NOT_FOUND, REQUEST_STATE, REQUEST_OWN_REVIEW, PROVIDER_UNAVAILABLE
 */
export async function cancelRequestByStaff(ports: StaffCancelPorts, caller: Caller, requestId: string, reason: string): Promise<Request> {
  const ended = await ports.transactions.write(async (scope) => {
    const row = (await scope.requests.byId(requestId)) ?? refuse('NOT_FOUND', { what: 'request' });
    refuseOwnReview(row, caller);
    return await requestView(scope, await endRequest(scope, ports, row, { event: 'cancel-by-staff', by: staff(caller), nowMs: ports.clock().getTime(), reason: reason.trim() }));
  });
  ports.reachFaultPoint('request-end:committed');
  return ended;
}

interface End {
  readonly event: Extract<RequestEvent, 'cancel' | 'cancel-rest' | 'cancel-by-staff' | 'expire' | 'expire-rest'>;
  readonly by: Mover;
  readonly nowMs: number;
  readonly reason?: string;
}

/** @throws REQUEST_STATE, also while a key is being written, unless it is staff that ends it */
export async function endRequest(scope: EndRequestScope, ports: EndRequestPorts, row: RequestRow, end: End): Promise<RequestRow> {
  nextRequestState(row.kind, row.state, end.event, end.by.actor);
  if (row.openQuantity > 0 && end.event !== 'cancel-by-staff') throw new AppError('REQUEST_STATE', { state: row.state, openQuantity: row.openQuantity });
  const ended = row.state === 'awaiting-payment' ? await endWithOrder(scope, ports, row, end) : await endPaid(scope, ports, row, end);
  ports.reachFaultPoint('request-end:in-transaction');
  return ended;
}

/** An order is paid as a whole, so its requests end together. */
async function endWithOrder(scope: EndRequestScope, ports: EndRequestPorts, row: RequestRow, { event, by, nowMs }: End): Promise<RequestRow> {
  const order = row.orderId === null ? null : await scope.orders.byId(row.orderId);
  if (order !== null) await endUnpaidOrder(scope, ports, order, { event: event === 'cancel' ? 'cancel' : 'expire', by, nowMs });
  return (await scope.requests.byId(row.id)) ?? row;
}

async function endPaid(scope: EndRequestScope, ports: EndRequestPorts, row: RequestRow, end: End): Promise<RequestRow> {
  const refundFen = await refundRequest(scope, ports, row, end.nowMs);
  const ended = await moveRequest(scope, ports, row, { ...end, refundFen, changes: { openQuantity: 0 } });
  await followRequests(scope, row.orderId);
  return ended;
}

const EXPIRED_AT_ONCE = 500;

/**
 * The clock's work: requests whose time has come, the oldest first, each in a transaction of its own. One that cannot end now (no provider takes its
 * refund) does not hold up the others and is tried again the next time.
 * @returns how many have expired. @throws the first refusal, after the others have been done
 */
export async function expireRequests(ports: EndRequestPorts & { readonly transactions: Transactions<EndRequestScope>; readonly clock: Clock }): Promise<number> {
  const nowMs = ports.clock().getTime();
  const due = await ports.transactions.read(({ requests }) => requests.expired(nowMs, EXPIRED_AT_ONCE));
  const refused: unknown[] = [];
  let expired = 0;
  for (const { id } of due) {
    try {
      expired += await ports.transactions.write((scope) => expireOne(scope, ports, id, nowMs));
    } catch (thrown) {
      refused.push(thrown);
    }
  }
  if (refused.length > 0) throw refused[0];
  return expired;
}

/** Between the list and now it may have moved on. @returns 1 when it has expired, else 0 */
async function expireOne(scope: EndRequestScope, ports: EndRequestPorts, requestId: string, nowMs: number): Promise<number> {
  const row = await scope.requests.byId(requestId);
  if (row === null || row.expiresAtMs === null || row.expiresAtMs > nowMs) return 0;
  await endRequest(scope, ports, row, { event: row.state === 'writing' ? 'expire-rest' : 'expire', by: SYSTEM, nowMs });
  return 1;
}
