/** Money back: what was paid for the keys of a request that are not written. Once for a request, in the transaction that ends it. */
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { newId } from '../identifiers.ts';
import type { PaymentRecords, RefundRecords } from '../orders/order-port.ts';
import { unitPriceFen, type RequestRow } from '../requests/request-port.ts';
import type { PaymentProvider } from './payment-port.ts';

export interface RefundScope {
  readonly payments: PaymentRecords;
  readonly refunds: RefundRecords;
  readonly audit: AuditRecords;
}

export interface RefundPorts {
  readonly paymentProvider: PaymentProvider;
  readonly auditSeal: AuditSeal;
}

/** @returns the sum, 0 when nothing was paid. @throws PROVIDER_UNAVAILABLE */
export async function refundRequest(scope: RefundScope, ports: RefundPorts, row: RequestRow, nowMs: number): Promise<number> {
  const amountFen = unitPriceFen(row) * (row.quantity - row.writtenQuantity);
  const payment = row.orderId === null ? null : await scope.payments.paidOfOrder(row.orderId);
  if (payment === null || amountFen === 0) return 0;
  await ports.paymentProvider.refund(scope.refunds, { id: newId(), paymentId: payment.id, requestId: row.id, amountFen, createdAtMs: nowMs });
  await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: 'system', event: 'payment.refunded', target: payment.id, details: { requestId: row.id, amountFen } });
  return amountFen;
}
