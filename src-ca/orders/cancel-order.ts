/** Cancelling an order that is not paid: its requests are cancelled with it, and an open payment of it is given up. */
import type { Order } from '#shared/contract/rest/orders.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import type { Clock } from '../clock.ts';
import { applicant, moveRequest, type MovePorts, type Mover, type MoveScope } from '../requests/move-request.ts';
import type { Transactions } from '../transactions.ts';
import type { CatalogueRecords, OrderRecords, OrderRow, PaymentRecords } from './order-port.ts';
import { nextOrderState } from './order-states.ts';
import { orderView } from './order-view.ts';
import { ownedOrder } from './read-orders.ts';

export type EndOrderScope = MoveScope & { readonly orders: OrderRecords; readonly payments: PaymentRecords };

interface CancelOrderPorts extends MovePorts {
  readonly transactions: Transactions<EndOrderScope & { readonly catalogue: CatalogueRecords }>;
  readonly clock: Clock;
}

/** @throws NOT_FOUND, ORDER_STATE */
export async function cancelOrder(ports: CancelOrderPorts, caller: Caller, orderId: string): Promise<Order> {
  const nowMs = ports.clock().getTime();
  return await ports.transactions.write(async (scope) => {
    const order = await ownedOrder(scope.orders, caller, orderId);
    const ended = await endUnpaidOrder(scope, ports, order, { event: 'cancel', by: applicant(caller), nowMs });
    return orderView(ended, await scope.orders.lines([order.id]), await scope.catalogue.projects());
  });
}

/** Whatever ends an unpaid order ends all of it: it is paid as a whole. @throws ORDER_STATE */
export async function endUnpaidOrder(scope: EndOrderScope, ports: MovePorts, order: OrderRow, end: { readonly event: 'cancel' | 'expire'; readonly by: Mover; readonly nowMs: number }): Promise<OrderRow> {
  const state = nextOrderState(order.state, 'cancel');
  if (!(await scope.orders.move(order.id, order.state, state, {}))) refuse('ORDER_STATE', { state: order.state });
  const payment = await scope.payments.openOfOrder(order.id);
  if (payment !== null) await scope.payments.decide(payment.id, ['open'], 'refused', end.nowMs);
  for (const request of await scope.requests.ofOrder(order.id)) await moveRequest(scope, ports, request, end);
  await recordAudit(scope.audit, ports.auditSeal, { atMs: end.nowMs, actor: end.by.accountId ?? 'system', event: 'order.cancelled', target: order.id, details: {} });
  return { ...order, state };
}
