/** Requests, their history, materials and recovery approvals in SQL. */
import { sql, type SqlBool } from 'kysely';
import type { RequestRecords } from '../requests/request-port.ts';
import type { Database } from './database.ts';
import { newerThan, olderThan } from './page.ts';

/** In the words of the partial index `requests_to_write`: with parameters in their place, it could not be used. */
const TO_WRITE = sql<SqlBool>`kind = 'new-issue' and state in ('code-sent', 'writing')`;

/** In the words of the partial index `request_materials_not_approved`. */
const NOT_APPROVED = sql<SqlBool>`request_materials.approved = 0`;
/** Ends without a result; of what was carried out the materials are kept. */
const ENDED_WITHOUT_RESULT = ['withdrawn', 'expired', 'cancelled'] as const;

export function requestRecords(db: Database): RequestRecords {
  return {
    async insert(row) {
      await db.insertInto('requests').values(row).execute();
    },
    byId: async (id) => (await db.selectFrom('requests').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
    ofOrder: (orderId) => db.selectFrom('requests').selectAll().where('orderId', '=', orderId).orderBy('id').execute(),
    async change({ id, version, state }, changes) {
      const { numUpdatedRows } = await db.updateTable('requests').set(changes).where('id', '=', id).where('version', '=', version).where('state', '=', state).executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },
    page: ({ accountId, kind, state, tokenSerial }, after, limit) =>
      db.selectFrom('requests').selectAll().where('accountId', '=', accountId)
        .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'draft'))
        .$if(kind !== undefined, (query) => query.where('kind', '=', kind ?? 'new-issue'))
        .$if(tokenSerial !== undefined, (query) => query.where('tokenSerial', '=', tokenSerial ?? ''))
        .$if(after !== null, (query) => query.where((eb) => olderThan(eb, 'createdAtMs', 'id', after ?? { createdAtMs: 0, id: '' })))
        .orderBy('createdAtMs', 'desc').orderBy('id', 'desc').limit(limit).execute(),
    toWritePage: (accountId, after, limit) =>
      db.selectFrom('requests').selectAll().where('accountId', '=', accountId).where(TO_WRITE)
        .$if(after !== null, (query) => query.where((eb) => olderThan(eb, 'createdAtMs', 'id', after ?? { createdAtMs: 0, id: '' })))
        .orderBy('createdAtMs', 'desc').orderBy('id', 'desc').limit(limit).execute(),
    reviewPage: ({ state, kind }, after, limit) =>
      db.selectFrom('requests').selectAll().where('state', '=', state)
        .$if(kind !== undefined, (query) => query.where('kind', '=', kind ?? 'new-issue'))
        .$if(after !== null, (query) => query.where((eb) => newerThan(eb, 'createdAtMs', 'id', after ?? { createdAtMs: 0, id: '' })))
        .orderBy('createdAtMs').orderBy('id').limit(limit).execute(),
    inSlot: async (openSlot) => (await db.selectFrom('requests').selectAll().where('openSlot', '=', openSlot).executeTakeFirst()) ?? null,
    completedAbout: async (certificateSerialHex, kinds) =>
      (await db.selectFrom('requests').selectAll().where('certificateSerialHex', '=', certificateSerialHex).where('kind', 'in', [...kinds]).where('state', '=', 'completed').limit(1).executeTakeFirst()) ?? null,
    expired: (atMs, limit) => db.selectFrom('requests').selectAll().where('expiresAtMs', '<=', atMs).orderBy('expiresAtMs').limit(limit).execute(),
    async insertEvent(row) {
      await db.insertInto('requestEvents').values(row).execute();
    },
    events: async (requestIds) => (requestIds.length === 0 ? [] : await db.selectFrom('requestEvents').selectAll().where('requestId', 'in', [...requestIds]).orderBy('requestId').orderBy('version').execute()),
    async insertMaterial(row) {
      await db.insertInto('requestMaterials').values(row).execute();
    },
    async removeMaterial(id) {
      await db.deleteFrom('requestMaterials').where('id', '=', id).execute();
    },
    materials: async (requestIds) => (requestIds.length === 0 ? [] : await db.selectFrom('requestMaterials').selectAll().where('requestId', 'in', [...requestIds]).orderBy('requestId').orderBy('addedAtMs').orderBy('id').execute()),
    async markMaterialsApproved(requestId) {
      await db.updateTable('requestMaterials').set({ approved: 1 }).where('requestId', '=', requestId).execute();
    },
    materialsOfEnded: (endedBeforeMs, limit) =>
      db.selectFrom('requestMaterials').innerJoin('requests', 'requests.id', 'requestMaterials.requestId').selectAll('requestMaterials')
        .where(NOT_APPROVED).where('requests.state', 'in', [...ENDED_WITHOUT_RESULT]).where('requests.stateSinceMs', '<', endedBeforeMs)
        .orderBy('requestMaterials.requestId').limit(limit).execute(),
    knownMaterials: async (ids) => (ids.length === 0 ? [] : (await db.selectFrom('requestMaterials').select('id').where('id', 'in', [...ids]).execute()).map(({ id }) => id)),
    async insertRecoveryApproval(row) {
      const { numInsertedOrUpdatedRows } = await db.insertInto('recoveryApprovals').values(row).onConflict((c) => c.columns(['requestId', 'staffId']).doNothing()).executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n;
    },
    async removeRecoveryApprovals(requestId) {
      await db.deleteFrom('recoveryApprovals').where('requestId', '=', requestId).execute();
    },
    recoveryApprovals: async (requestIds) => (requestIds.length === 0 ? [] : await db.selectFrom('recoveryApprovals').select(['requestId', 'staffId']).where('requestId', 'in', [...requestIds]).execute()),
  };
}
