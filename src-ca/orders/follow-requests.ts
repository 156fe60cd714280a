/** A paid order follows its requests: it is in writing while one of them is, completed when all have ended and one with a key, cancelled when all were given back. */
import { assert } from '#shared/errors/assert.ts';
import type { OrderState } from '#shared/contract/rest/orders.ts';
import type { RequestRecords, RequestRow } from '../requests/request-port.ts';
import { ENDED_STATES } from '../requests/request-transitions.ts';
import type { OrderRecords } from './order-port.ts';
import { nextOrderState, ORDER_TRANSITIONS, type OrderEvent } from './order-states.ts';

/** To be called after a request of the order has moved. A request without an order has none that follows. */
export async function followRequests(scope: { readonly orders: OrderRecords; readonly requests: RequestRecords }, orderId: string | null): Promise<void> {
  const order = orderId === null ? null : await scope.orders.byId(orderId);
  if (order === null || (order.state !== 'paid' && order.state !== 'writing')) return;
  const target = stateOf(await scope.requests.ofOrder(order.id));
  if (target === order.state) return;
  const events = Object.keys(ORDER_TRANSITIONS[order.state]) as OrderEvent[];
  const event = events.find((one) => ORDER_TRANSITIONS[order.state][one] === target);
  assert(event, 'an order follows its requests along its own table');
  await scope.orders.move(order.id, order.state, nextOrderState(order.state, event), {});
}

function stateOf(requests: readonly RequestRow[]): OrderState {
  const completed = requests.some(({ state }) => state === 'completed');
  if (requests.every(({ state }) => ENDED_STATES.includes(state))) return completed ? 'completed' : 'cancelled';
  return completed || requests.some(({ state }) => state === 'writing') ? 'writing' : 'paid';
}
