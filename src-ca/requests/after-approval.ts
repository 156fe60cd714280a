/** What follows an approval in the same transaction, by kind: an order and its payment, the code, or the deed itself. */
import { assert } from '#shared/errors/assert.ts';
import type { AuditRecords } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { SendCodePorts } from '../codes/send-code.ts';
import { newId, newOrderNumber } from '../identifiers.ts';
import type { OrderRecords, OrderRow } from '../orders/order-port.ts';
import { changePair, type ChangePairScope } from '../revocation/change-pair.ts';
import { sendCodeOfRecovery } from './approve-recovery.ts';
import { moveRequest, SYSTEM, type MoveScope } from './move-request.ts';
import { unitPriceFen, type RequestRow } from './request-port.ts';
import { sendRequestCode } from './send-request-code.ts';

export type AfterApprovalScope = MoveScope & ChangePairScope & { readonly orders: OrderRecords; readonly audit: AuditRecords };
export type AfterApprovalPorts = SendCodePorts & { readonly crlPublisher: { changed(caId: string): void } };

/** @returns the request as it stands then */
export async function afterApproval(scope: AfterApprovalScope, ports: AfterApprovalPorts, row: RequestRow, nowMs: number): Promise<RequestRow> {
  if (row.kind === 'release') return await releasePair(scope, ports, row, nowMs);
  // Old keys come out of escrow only when two staff members have agreed; they may have done so before the review ended.
  if (row.kind === 'key-recovery') return await sendCodeOfRecovery(scope, ports, row, (await scope.requests.recoveryApprovals([row.id])).length, nowMs);
  if (row.kind === 'reissue' && row.oldKeyHandling === 'revoke-at-once') await revokeOldPair(scope, ports, row, nowMs);
  const totalFen = unitPriceFen(row) * row.quantity;
  if (totalFen > 0) return await askPayment(scope, ports, row, totalFen, nowMs);
  return await sendRequestCode(scope, ports, await withFreeOrder(scope, ports, row, nowMs), nowMs);
}

async function askPayment(scope: AfterApprovalScope, ports: AfterApprovalPorts, row: RequestRow, totalFen: number, nowMs: number): Promise<RequestRow> {
  const order = await insertOrder(scope, ports, row, { state: 'awaiting-payment', totalFen, paidAtMs: null }, nowMs);
  return await moveRequest(scope, ports, row, { event: 'ask-payment', by: SYSTEM, nowMs, changes: { orderId: order.id } });
}

/** What costs nothing is as good as paid: the validity counts from now. */
async function withFreeOrder(scope: AfterApprovalScope, ports: AfterApprovalPorts, row: RequestRow, nowMs: number): Promise<RequestRow> {
  const order = row.itemId === null ? null : await insertOrder(scope, ports, row, { state: 'paid', totalFen: 0, paidAtMs: nowMs }, nowMs);
  const paid: RequestRow = { ...row, paidAtMs: nowMs, orderId: order?.id ?? null, version: row.version + 1 };
  const changed = await scope.requests.change(row, { paidAtMs: paid.paidAtMs, orderId: paid.orderId, version: paid.version });
  assert(changed, 'nobody else moves a request inside this transaction');
  return paid;
}

async function insertOrder(scope: AfterApprovalScope, ports: AfterApprovalPorts, row: RequestRow, facts: Pick<OrderRow, 'state' | 'totalFen' | 'paidAtMs'>, nowMs: number): Promise<OrderRow> {
  assert(row.itemId !== null && row.itemJson !== null, 'what has a price has an item');
  const order: OrderRow = { id: newId(), number: newOrderNumber(new Date(nowMs)), accountId: row.accountId, projectId: row.projectId, createdAtMs: nowMs, ...facts };
  await scope.orders.insert(order);
  await scope.orders.insertLines([{ id: row.id, orderId: order.id, accountId: row.accountId, position: 0, itemId: row.itemId, itemJson: row.itemJson, createdAtMs: nowMs }]);
  await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: 'system', event: 'order.created', target: order.id, details: { number: order.number, totalFen: order.totalFen, requestId: row.id } });
  return order;
}

/** The holder wanted the lost key's certificates ended before the new key is written. */
async function revokeOldPair(scope: AfterApprovalScope, ports: AfterApprovalPorts, row: RequestRow, nowMs: number): Promise<void> {
  const old = row.certificateSerialHex === null ? null : await scope.certificates.bySerial(row.certificateSerialHex);
  assert(old, 'a reissue is about a certificate');
  if (old.state === 'revoked') return;
  await changePair(scope, ports.auditSeal, old, { event: 'revoke', reason: row.revocationReason ?? 'keyCompromise' }, { actor: 'system', way: row.kind, requestId: row.id, nowMs });
  ports.crlPublisher.changed(old.caId);
}

async function releasePair(scope: AfterApprovalScope, ports: AfterApprovalPorts, row: RequestRow, nowMs: number): Promise<RequestRow> {
  const certificate = row.certificateSerialHex === null ? null : await scope.certificates.bySerial(row.certificateSerialHex);
  assert(certificate, 'a release is about a certificate');
  await changePair(scope, ports.auditSeal, certificate, { event: 'release' }, { actor: 'system', way: row.kind, requestId: row.id, nowMs });
  ports.crlPublisher.changed(certificate.caId);
  return await moveRequest(scope, ports, row, { event: 'carry-out', by: SYSTEM, nowMs });
}
