/** Giving an issuance up: its certificates are revoked, its use of the code and of the quantity comes back. Never after completion. */
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import type { Clock } from '../clock.ts';
import type { CodeRecords } from '../codes/code-port.ts';
import type { OrderRecords } from '../orders/order-port.ts';
import { nextOrderState } from '../orders/order-states.ts';
import type { Transactions } from '../transactions.ts';
import type { ReachFaultPoint } from './fault-points.ts';
import type { CrlRecords, IssuanceRow } from './issuance-port.ts';
import { nextIssuanceState } from './issuance-states.ts';
import { issuanceView, type IssuanceViewScope } from './issuance-view.ts';
import { ownedIssuance } from './read-issuances.ts';

interface Scope extends IssuanceViewScope {
  readonly codes: CodeRecords;
  readonly crls: CrlRecords;
  readonly audit: AuditRecords;
}

export interface CancelIssuancePorts {
  readonly transactions: Transactions<Scope>;
  readonly auditSeal: AuditSeal;
  readonly clock: Clock;
  readonly reachFaultPoint: ReachFaultPoint;
}

/** Again after cancellation: the same answer, and nothing more happens. @throws NOT_FOUND, ISSUANCE_STATE */
export async function cancelIssuance(ports: CancelIssuancePorts, caller: Caller, issuanceId: string): Promise<Issuance> {
  const cancelled = await ports.transactions.write(async (scope) => {
    const nowMs = ports.clock().getTime();
    const issuance = await ownedIssuance(scope.issuances, caller, issuanceId);
    if (issuance.state !== 'cancelled') await giveUp(scope, ports, issuance, nowMs);
    ports.reachFaultPoint('cancellation:in-transaction');
    const now = await scope.issuances.byId(issuance.id);
    assert(now, 'issuances are never deleted');
    return await issuanceView(scope, now);
  });
  ports.reachFaultPoint('cancellation:committed');
  return cancelled;
}

async function giveUp(scope: Scope, ports: CancelIssuancePorts, issuance: IssuanceRow, nowMs: number): Promise<void> {
  const state = nextIssuanceState(issuance.state, 'cancel');
  if (!(await scope.issuances.move(issuance.id, issuance.state, state, { cancelledAtMs: nowMs }))) throw new AppError('ISSUANCE_STATE', { state: issuance.state });
  const revoked = await scope.certificates.setState(issuance.id, 'pending', 'revoked', { revokedAtMs: nowMs, revocationReason: 'cessationOfOperation' });
  if (revoked > 0) await scope.crls.markStale(issuance.caId);
  for (const intent of await scope.issuances.openIntents(issuance.id)) await scope.issuances.closeIntent(intent.id, 'abandoned');
  await scope.codes.removeUse(issuance.codeUseId);
  await scope.orders.giveOneBack(issuance.orderLineId);
  await returnOrderWhenUntouched(scope.orders, issuance.orderId);
  await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: issuance.accountId, event: 'issuance.cancelled', target: issuance.id, details: { revokedCertificates: revoked } });
}

async function returnOrderWhenUntouched(orders: OrderRecords, orderId: string): Promise<void> {
  const lines = await orders.lines([orderId]);
  if (lines.some((line) => line.openQuantity + line.writtenQuantity > 0)) return;
  await orders.move(orderId, 'writing', nextOrderState('writing', 'give-writing-up'), {});
}
