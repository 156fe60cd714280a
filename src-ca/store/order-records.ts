/** Catalogue, orders and payments in SQL. */
import type { CatalogueRecords, OrderRecords, PaymentRecords, RefundRecords } from '../orders/order-port.ts';
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
    async insertItem(row) {
      await db.insertInto('catalogueItems').values(row).execute();
    },
    async setRules(projectId, rulesJson) {
      await db.updateTable('projects').set({ rulesJson }).where('id', '=', projectId).execute();
    },
  };
}

export function orderRecords(db: Database): OrderRecords {
  return {
    async insert(order) {
      await db.insertInto('orders').values(order).execute();
    },
    async insertLines(lines) {
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
    byIds: async (ids) => (ids.length === 0 ? [] : await db.selectFrom('orders').selectAll().where('id', 'in', [...ids]).execute()),
    lines: async (orderIds) =>
      (orderIds.length === 0 ? [] : await db.selectFrom('orderLines').innerJoin('requests', 'requests.id', 'orderLines.id').selectAll('orderLines')
        .select(['requests.subjectJson', 'requests.quantity', 'requests.writtenQuantity', 'requests.openQuantity'])
        .where('orderLines.orderId', 'in', [...orderIds]).orderBy('orderLines.orderId').orderBy('orderLines.position').execute()),
  };
}

export function paymentRecords(db: Database): PaymentRecords {
  return {
    async insert(row) {
      await db.insertInto('payments').values(row).execute();
    },
    byId: async (id) => (await db.selectFrom('payments').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
    openOfOrder: async (orderId) => (await db.selectFrom('payments').selectAll().where('orderId', '=', orderId).where('state', '=', 'open').executeTakeFirst()) ?? null,
    async decide(id, from, state, atMs) {
      const { numUpdatedRows } = await db.updateTable('payments').set({ state, decidedAtMs: atMs }).where('id', '=', id).where('state', 'in', [...from]).executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },
    paidOfOrder: async (orderId) => (await db.selectFrom('payments').selectAll().where('orderId', '=', orderId).where('state', '=', 'paid').executeTakeFirst()) ?? null,
    newest: (limit) =>
      db.selectFrom('payments').innerJoin('orders', 'orders.id', 'payments.orderId').selectAll('payments').select('orders.number as orderNumber')
        .select((eb) => eb.fn.coalesce(eb.selectFrom('refunds').select((sum) => sum.fn.sum<number>('amountFen').as('sum')).whereRef('refunds.paymentId', '=', 'payments.id'), eb.lit(0)).as('refundedFen'))
        .orderBy('payments.createdAtMs', 'desc').orderBy('payments.id', 'desc').limit(limit).execute(),
  };
}

export function refundRecords(db: Database): RefundRecords {
  return {
    async insert(row) {
      await db.insertInto('refunds').values(row).execute();
    },
    ofRequests: async (requestIds) => (requestIds.length === 0 ? [] : await db.selectFrom('refunds').selectAll().where('requestId', 'in', [...requestIds]).execute()),
    ofPayment: (paymentId) => db.selectFrom('refunds').selectAll().where('paymentId', '=', paymentId).execute(),
  };
}
