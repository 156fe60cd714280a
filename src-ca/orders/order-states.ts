/** The states of an order and what may happen in each: the whole table. Every change of `orders.state` goes through it. */
import type { OrderState } from '#shared/contract/rest/orders.ts';
import { AppError } from '#shared/errors/app-error.ts';

export type OrderEvent = 'pay' | 'cancel' | 'begin-writing' | 'give-writing-up' | 'finish-writing' | 'give-back';

/**
 * `begin-writing`: a key of the order is begun. `give-writing-up`: a begun key is given up and none is begun or written any more.
 * `finish-writing`: the last key of the last line is completed, or what is left was given back. `give-back`: every request of it was given up, or ended by staff, and paid back.
 */
export const ORDER_TRANSITIONS: Readonly<Record<OrderState, Partial<Record<OrderEvent, OrderState>>>> = {
  'awaiting-payment': { pay: 'paid', cancel: 'cancelled' },
  paid: { 'begin-writing': 'writing', 'give-back': 'cancelled' },
  writing: { 'begin-writing': 'writing', 'give-writing-up': 'paid', 'finish-writing': 'completed', 'give-back': 'cancelled' },
  completed: {},
  cancelled: {},
};

/** @throws ORDER_STATE when the state does not know the event */
export function nextOrderState(state: OrderState, event: OrderEvent): OrderState {
  const next = ORDER_TRANSITIONS[state][event];
  if (next === undefined) throw new AppError('ORDER_STATE', { state, event });
  return next;
}
