/** My orders: one, and a page of them. */
import type { Order, OrderState } from '#shared/contract/rest/orders.ts';
import { refuse } from '#shared/errors/app-error.ts';
import type { Caller } from '../caller.ts';
import { pageOf, type CursorCodec } from '../cursors/cursor.ts';
import type { Transactions } from '../transactions.ts';
import type { CatalogueRecords, OrderRecords, OrderRow } from './order-port.ts';
import { orderView } from './order-view.ts';

interface ReadOrdersPorts {
  readonly transactions: Transactions<{ orders: OrderRecords; catalogue: CatalogueRecords }>;
  readonly cursors: CursorCodec;
}

/** @throws NOT_FOUND, also when the order is another account's */
export async function ownedOrder(orders: OrderRecords, caller: Caller, orderId: string): Promise<OrderRow> {
  const order = await orders.byId(orderId);
  return order !== null && order.accountId === caller.accountId ? order : refuse('NOT_FOUND', { what: 'order' });
}

/** @throws NOT_FOUND */
export async function getOrder(ports: Pick<ReadOrdersPorts, 'transactions'>, caller: Caller, orderId: string): Promise<Order> {
  return await ports.transactions.read(async ({ orders, catalogue }) => {
    const order = await ownedOrder(orders, caller, orderId);
    return orderView(order, await orders.lines([order.id]), await catalogue.projects());
  });
}

/** Newest first. @throws CURSOR_INVALID */
export async function listOrders(ports: ReadOrdersPorts, caller: Caller, query: { limit: number; after: string | undefined; state: OrderState | undefined }): Promise<{ items: Order[]; next: string | null }> {
  const list = `orders:${caller.accountId}:${query.state ?? ''}`;
  const after = query.after === undefined ? null : ports.cursors.read(list, query.after);
  return await ports.transactions.read(async ({ orders, catalogue }) => {
    const rows = await orders.page({ accountId: caller.accountId, ...(query.state === undefined ? {} : { state: query.state }) }, after, query.limit + 1);
    const shown = rows.slice(0, query.limit);
    const lines = await orders.lines(shown.map(({ id }) => id));
    const projects = await catalogue.projects();
    return pageOf(rows, query.limit, { cursors: ports.cursors, list, positionOf: ({ createdAtMs, id }) => ({ createdAtMs, id }) }, shown.map((row) => orderView(row, lines, projects)));
  });
}
