/** Giving an issuance up: its certificates are revoked, its use of the code and of the quantity comes back, and a pair that it was to replace stays as it is. Never after completion. */
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import type { Clock } from '../clock.ts';
import { followRequests } from '../orders/follow-requests.ts';
import type { OrderRecords } from '../orders/order-port.ts';
import { moveRequest, tool, type MovePorts, type MoveScope } from '../requests/move-request.ts';
import type { Transactions } from '../transactions.ts';
import type { ReachFaultPoint } from './fault-points.ts';
import type { CrlRecords, IssuanceRow } from './issuance-port.ts';
import { nextIssuanceState } from './issuance-states.ts';
import { issuanceView, type IssuanceViewScope } from './issuance-view.ts';
import { ownedIssuance } from './read-issuances.ts';

type Scope = IssuanceViewScope & MoveScope & { readonly orders: OrderRecords; readonly crls: CrlRecords };

export interface CancelIssuancePorts extends MovePorts {
  readonly transactions: Transactions<Scope>;
  readonly clock: Clock;
  readonly reachFaultPoint: ReachFaultPoint;
}

/** Again after cancellation: the same answer, and nothing more happens. @throws NOT_FOUND, ISSUANCE_STATE */
export async function cancelIssuance(ports: CancelIssuancePorts, caller: Caller, issuanceId: string): Promise<Issuance> {
  const cancelled = await ports.transactions.write(async (scope) => {
    const nowMs = ports.clock().getTime();
    const issuance = await ownedIssuance(scope.issuances, caller, issuanceId);
    if (issuance.state !== 'cancelled') await giveUp(scope, ports, caller, issuance, nowMs);
    ports.reachFaultPoint('cancellation:in-transaction');
    const now = await scope.issuances.byId(issuance.id);
    assert(now, 'issuances are never deleted');
    return await issuanceView(scope, now);
  });
  ports.reachFaultPoint('cancellation:committed');
  return cancelled;
}

async function giveUp(scope: Scope, ports: CancelIssuancePorts, caller: Caller, issuance: IssuanceRow, nowMs: number): Promise<void> {
  const state = nextIssuanceState(issuance.state, 'cancel');
  if (!(await scope.issuances.move(issuance.id, issuance.state, state, { cancelledAtMs: nowMs }))) throw new AppError('ISSUANCE_STATE', { state: issuance.state });
  const revoked = await scope.certificates.setState(issuance.id, 'pending', 'revoked', { revokedAtMs: nowMs, revocationReason: 'cessationOfOperation' });
  if (revoked > 0) await scope.crls.markStale(issuance.caId);
  for (const intent of await scope.issuances.openIntents(issuance.id)) await scope.issuances.closeIntent(intent.id, 'abandoned');
  await scope.codes.removeUse(issuance.codeUseId);
  const request = await scope.requests.byId(issuance.requestId);
  assert(request, 'every issuance belongs to a request');
  const openQuantity = request.openQuantity - 1;
  const event = openQuantity + request.writtenQuantity === 0 ? 'give-writing-up' : 'give-up-one';
  await moveRequest(scope, ports, request, { event, by: tool(caller), nowMs, changes: { openQuantity }, tokenSerial: issuance.tokenSerial });
  await followRequests(scope, request.orderId);
  await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: issuance.accountId, event: 'issuance.cancelled', target: issuance.id, details: { revokedCertificates: revoked } });
}
