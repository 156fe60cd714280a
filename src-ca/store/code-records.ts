/** Authorization codes and their uses in SQL. */
import type { CodeRecords } from '../codes/code-port.ts';
import type { Database } from './database.ts';

export function codeRecords(db: Database): CodeRecords {
  return {
    async insert(row) {
      await db.insertInto('authorizationCodes').values(row).execute();
    },
    newest: async (requestId, operation) =>
      (await db.selectFrom('authorizationCodes').selectAll().where('requestId', '=', requestId).where('operation', '=', operation)
        // The one that is not void first: two codes may carry the same millisecond.
        .orderBy((eb) => eb.case().when('voidedAtMs', 'is', null).then(0).else(1).end()).orderBy('createdAtMs', 'desc').limit(1).executeTakeFirst()) ?? null,
    newestOfRequests: async (requestIds) =>
      (requestIds.length === 0 ? [] : await db.selectFrom('authorizationCodes').selectAll().where('requestId', 'in', [...requestIds]).where('voidedAtMs', 'is', null).execute()),
    async voidAll(requestId, operation, atMs) {
      await db.updateTable('authorizationCodes').set({ voidedAtMs: atMs }).where('requestId', '=', requestId).where('operation', '=', operation).where('voidedAtMs', 'is', null).execute();
    },
    async takeTry(codeId) {
      const { numUpdatedRows } = await db.updateTable('authorizationCodes').set((eb) => ({ triesLeft: eb('triesLeft', '-', 1) })).where('id', '=', codeId).where('triesLeft', '>', 0).executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },
    async giveTryBack(codeId) {
      await db.updateTable('authorizationCodes').set((eb) => ({ triesLeft: eb('triesLeft', '+', 1) })).where('id', '=', codeId).execute();
    },
    async sentSince(requestId, sinceMs) {
      const { count, newestAtMs, oldestAtMs } = await db.selectFrom('authorizationCodes')
        .select((eb) => [eb.fn.countAll().as('count'), eb.fn.max('createdAtMs').as('newestAtMs'), eb.fn.min('createdAtMs').as('oldestAtMs')])
        .where('requestId', '=', requestId).where('createdAtMs', '>', sinceMs).executeTakeFirstOrThrow();
      return { count: Number(count), newestAtMs, oldestAtMs };
    },
    useForKey: async (requestId, tokenSerial) =>
      (await db.selectFrom('codeUses').selectAll().where('requestId', '=', requestId).where('tokenSerial', '=', tokenSerial).executeTakeFirst()) ?? null,
    async insertUse(row) {
      await db.insertInto('codeUses').values(row).execute();
    },
    async removeUse(useId) {
      await db.deleteFrom('codeUses').where('id', '=', useId).execute();
    },
    async removeUnused(endedBeforeMs) {
      await db.deleteFrom('authorizationCodes').where('expiresAtMs', '<', endedBeforeMs)
        .where(({ not, exists, selectFrom }) => not(exists(selectFrom('codeUses').select('id').whereRef('codeUses.codeId', '=', 'authorizationCodes.id')))).execute();
    },
  };
}
