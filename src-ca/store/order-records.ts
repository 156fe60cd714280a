/** Catalogue, orders and payments in SQL. */
import type { CatalogueRecords, OrderRecords, PaymentRecords } from '../orders/order-port.ts';
import type { Database } from './database.ts';
import { olderThan } from './page.ts';

export function catalogueRecords(db: Database): CatalogueRecords {
  return {
    projects: () => db.selectFrom('projects').selectAll().orderBy('position').orderBy('id').execute(),
    items: () => db.selectFrom('catalogueItems').selectAll().orderBy('position').orderBy('id').execute(),
    project: async (id) => (await db.selectFrom('projects').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
    async insertProject(row, items) {
      await db.insertInto('projects').values(row).execute();
      if (items.length > 0) await db.insertInto('catalogueItems').values([...items]).execute();
    },
  };
}

export function orderRecords(db: Database): OrderRecords {
  return {
    async insert(order, lines) {
      await db.insertInto('orders').values(order).execute();
      await db.insertInto('orderLines').values([...lines]).execute();
    },
    byId: async (id) => (await db.selectFrom('orders').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
    async move(id, from, to, changes) {
      const { numUpdatedRows } = await db.updateTable('orders').set({ state: to, ...changes }).where('id', '=', id).where('state', '=', from).executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },
    page: ({ accountId, state }, after, limit) =>
      db.selectFrom('orders').selectAll().where('accountId', '=', accountId)
        .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'paid'))
        .$if(after !== null, (query) => query.where((eb) => olderThan(eb, 'createdAtMs', 'id', after ?? { createdAtMs: 0, id: '' })))
        .orderBy('createdAtMs', 'desc').orderBy('id', 'desc').limit(limit).execute(),
    lines: async (orderIds) => (orderIds.length === 0 ? [] : await db.selectFrom('orderLines').selectAll().where('orderId', 'in', [...orderIds]).orderBy('orderId').orderBy('position').execute()),
    line: async (lineId) => (await db.selectFrom('orderLines').selectAll().where('id', '=', lineId).executeTakeFirst()) ?? null,
    async setToWrite(orderId, toWrite) {
      await db.updateTable('orderLines').set({ toWrite }).where('orderId', '=', orderId).execute();
    },
    toWritePage: (accountId, after, limit) =>
      db.selectFrom('orderLines').selectAll().where('accountId', '=', accountId).where('toWrite', '=', 1)
        .$if(after !== null, (query) => query.where((eb) => olderThan(eb, 'createdAtMs', 'id', after ?? { createdAtMs: 0, id: '' })))
        .orderBy('createdAtMs', 'desc').orderBy('id', 'desc').limit(limit).execute(),
    async takeOne(lineId) {
      const { numUpdatedRows } = await db.updateTable('orderLines').set((eb) => ({ openQuantity: eb('openQuantity', '+', 1) })).where('id', '=', lineId)
        .where((eb) => eb(eb('writtenQuantity', '+', eb.ref('openQuantity')), '<', eb.ref('quantity'))).executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },
    async giveOneBack(lineId) {
      await db.updateTable('orderLines').set((eb) => ({ openQuantity: eb('openQuantity', '-', 1) })).where('id', '=', lineId).execute();
    },
    async finishOne(lineId) {
      await db.updateTable('orderLines').set((eb) => ({ openQuantity: eb('openQuantity', '-', 1), writtenQuantity: eb('writtenQuantity', '+', 1) })).where('id', '=', lineId).execute();
      await db.updateTable('orderLines').set({ toWrite: 0 }).where('id', '=', lineId).whereRef('writtenQuantity', '=', 'quantity').execute();
    },
  };
}

export function paymentRecords(db: Database): PaymentRecords {
  return {
    async insert(row) {
      await db.insertInto('payments').values(row).execute();
    },
    byId: async (id) => (await db.selectFrom('payments').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
    openOfOrder: async (orderId) => (await db.selectFrom('payments').selectAll().where('orderId', '=', orderId).where('state', '=', 'open').executeTakeFirst()) ?? null,
    async decide(id, state, atMs) {
      const { numUpdatedRows } = await db.updateTable('payments').set({ state, decidedAtMs: atMs }).where('id', '=', id).where('state', '=', 'open').executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },
    newest: (limit) =>
      db.selectFrom('payments').innerJoin('orders', 'orders.id', 'payments.orderId').selectAll('payments').select('orders.number as orderNumber')
        .orderBy('payments.createdAtMs', 'desc').orderBy('payments.id', 'desc').limit(limit).execute(),
  };
}
