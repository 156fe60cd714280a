/** Starting the payment of an order. An order has at most one open payment: asking again leads to the same one. */
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import { newId } from '../identifiers.ts';
import { callOnce, type OncePorts } from '../once/call-once.ts';
import type { OnceCall } from '../once/idempotency-port.ts';
import type { OrderRecords, PaymentRecords } from '../orders/order-port.ts';
import { nextOrderState } from '../orders/order-states.ts';
import { ownedOrder } from '../orders/read-orders.ts';
import type { PaymentProvider } from './payment-port.ts';

interface Scope {
  readonly orders: OrderRecords;
  readonly payments: PaymentRecords;
  readonly audit: AuditRecords;
}

/** @throws NOT_FOUND, ORDER_STATE, PROVIDER_UNAVAILABLE, IDEMPOTENCY_* */
export async function startPayment(
  ports: OncePorts<Scope> & { readonly paymentProvider: PaymentProvider; readonly auditSeal: AuditSeal },
  caller: Caller,
  orderId: string,
  once: OnceCall,
): Promise<{ paymentId: string; checkoutUrl: string; amountFen: number }> {
  return await callOnce(ports, once, async ({ orders, payments, audit }: Scope) => {
    const order = await ownedOrder(orders, caller, orderId);
    nextOrderState(order.state, 'pay');
    const open = await payments.openOfOrder(order.id);
    if (open !== null) return { paymentId: open.id, checkoutUrl: open.checkoutUrl, amountFen: open.amountFen };
    const paymentId = newId();
    const nowMs = ports.clock().getTime();
    const checkoutUrl = ports.paymentProvider.checkoutUrl({ paymentId, orderNumber: order.number, amountFen: order.totalFen });
    await payments.insert({ id: paymentId, orderId: order.id, amountFen: order.totalFen, state: 'open', checkoutUrl, createdAtMs: nowMs, decidedAtMs: null });
    await recordAudit(audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'payment.started', target: paymentId, details: { orderId: order.id, amountFen: order.totalFen } });
    return { paymentId, checkoutUrl, amountFen: order.totalFen };
  });
}
