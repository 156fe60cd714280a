/** Cancelling an order that is not paid; an open payment of it is given up with it. */
import type { Order } from '#shared/contract/rest/orders.ts';
import { refuse } from '#shared/errors/app-error.ts';
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import type { Clock } from '../clock.ts';
import type { Transactions } from '../transactions.ts';
import type { CatalogueRecords, OrderRecords, PaymentRecords } from './order-port.ts';
import { nextOrderState } from './order-states.ts';
import { orderView } from './order-view.ts';
import { ownedOrder } from './read-orders.ts';

interface CancelOrderPorts {
  readonly transactions: Transactions<{ orders: OrderRecords; payments: PaymentRecords; catalogue: CatalogueRecords; audit: AuditRecords }>;
  readonly auditSeal: AuditSeal;
  readonly clock: Clock;
}

/** @throws NOT_FOUND, ORDER_STATE */
export async function cancelOrder(ports: CancelOrderPorts, caller: Caller, orderId: string): Promise<Order> {
  const nowMs = ports.clock().getTime();
  return await ports.transactions.write(async ({ orders, payments, catalogue, audit }) => {
    const order = await ownedOrder(orders, caller, orderId);
    const state = nextOrderState(order.state, 'cancel');
    if (!(await orders.move(order.id, order.state, state, {}))) refuse('ORDER_STATE', { state: order.state });
    const payment = await payments.openOfOrder(order.id);
    if (payment !== null) await payments.decide(payment.id, 'refused', nowMs);
    await recordAudit(audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'order.cancelled', target: order.id, details: {} });
    return orderView({ ...order, state }, await orders.lines([order.id]), await catalogue.projects());
  });
}
