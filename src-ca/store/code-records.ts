/** Authorization codes and their uses in SQL. */
import type { CodeRecords } from '../codes/code-port.ts';
import type { Database } from './database.ts';

export function codeRecords(db: Database): CodeRecords {
  return {
    async insert(row) {
      await db.insertInto('authorizationCodes').values(row).execute();
    },
    newest: async (orderLineId, operation) =>
      (await db.selectFrom('authorizationCodes').selectAll().where('orderLineId', '=', orderLineId).where('operation', '=', operation)
        // The one that is not void first: two codes may carry the same millisecond.
        .orderBy((eb) => eb.case().when('voidedAtMs', 'is', null).then(0).else(1).end()).orderBy('createdAtMs', 'desc').limit(1).executeTakeFirst()) ?? null,
    newestOfLines: async (orderLineIds, operation) =>
      (orderLineIds.length === 0 ? [] : await db.selectFrom('authorizationCodes').selectAll().where('orderLineId', 'in', [...orderLineIds]).where('operation', '=', operation).where('voidedAtMs', 'is', null).execute()),
    async voidAll(orderLineId, operation, atMs) {
      await db.updateTable('authorizationCodes').set({ voidedAtMs: atMs }).where('orderLineId', '=', orderLineId).where('operation', '=', operation).where('voidedAtMs', 'is', null).execute();
    },
    async takeTry(codeId) {
      const { numUpdatedRows } = await db.updateTable('authorizationCodes').set((eb) => ({ triesLeft: eb('triesLeft', '-', 1) })).where('id', '=', codeId).where('triesLeft', '>', 0).executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },
    async giveTryBack(codeId) {
      await db.updateTable('authorizationCodes').set((eb) => ({ triesLeft: eb('triesLeft', '+', 1) })).where('id', '=', codeId).execute();
    },
    async sentSince(orderLineId, sinceMs) {
      const { count, newestAtMs, oldestAtMs } = await db.selectFrom('authorizationCodes')
        .select((eb) => [eb.fn.countAll().as('count'), eb.fn.max('createdAtMs').as('newestAtMs'), eb.fn.min('createdAtMs').as('oldestAtMs')])
        .where('orderLineId', '=', orderLineId).where('createdAtMs', '>', sinceMs).executeTakeFirstOrThrow();
      return { count: Number(count), newestAtMs, oldestAtMs };
    },
    useForKey: async (orderLineId, tokenSerial) =>
      (await db.selectFrom('codeUses').selectAll().where('orderLineId', '=', orderLineId).where('tokenSerial', '=', tokenSerial).executeTakeFirst()) ?? null,
    async insertUse(row) {
      await db.insertInto('codeUses').values(row).execute();
    },
    async removeUse(useId) {
      await db.deleteFrom('codeUses').where('id', '=', useId).execute();
    },
  };
}
