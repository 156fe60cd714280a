/** Issuances, intents, pairs, escrowed keys, certificates and CRLs in SQL. */
import { sql, type SqlBool } from 'kysely';
import type { CertificateRecords, CrlRecords, IssuanceRecords } from '../issuance/issuance-port.ts';
import type { Database } from './database.ts';
import { likeContains, newerThan, olderThan } from './page.ts';

/** In the words of the partial index `certificates_on_lists`. */
const ON_LISTS = sql<SqlBool>`state in ('revoked', 'suspended')`;

export function issuanceRecords(db: Database): IssuanceRecords {
  return {
    async insert(row) {
      await db.insertInto('issuances').values(row).execute();
    },
    byId: async (id) => (await db.selectFrom('issuances').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
    newestOnToken: async (tokenSerial) => (await db.selectFrom('issuances').selectAll().where('tokenSerial', '=', tokenSerial).orderBy('startedAtMs', 'desc').limit(1).executeTakeFirst()) ?? null,
    openForToken: async (tokenSerial) => (await db.selectFrom('issuances').selectAll().where('tokenSerial', '=', tokenSerial).where('state', 'in', ['started', 'certified']).executeTakeFirst()) ?? null,
    openPage: ({ accountId, requestId, tokenSerial }, after, limit) =>
      db.selectFrom('issuances').selectAll().where('accountId', '=', accountId).where('state', 'in', ['started', 'certified'])
        .$if(requestId !== undefined, (query) => query.where('requestId', '=', requestId ?? ''))
        .$if(tokenSerial !== undefined, (query) => query.where('tokenSerial', '=', tokenSerial ?? ''))
        .$if(after !== null, (query) => query.where((eb) => olderThan(eb, 'startedAtMs', 'id', after ?? { createdAtMs: 0, id: '' })))
        .orderBy('startedAtMs', 'desc').orderBy('id', 'desc').limit(limit).execute(),
    async move(id, from, to, changes) {
      const { numUpdatedRows } = await db.updateTable('issuances').set({ state: to, ...changes }).where('id', '=', id).where('state', '=', from).executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },
    async insertIntent(row) {
      await db.insertInto('issuanceIntents').values(row).execute();
    },
    openIntents: (issuanceId) => db.selectFrom('issuanceIntents').selectAll().where('issuanceId', '=', issuanceId).where('state', '=', 'open').execute(),
    async closeIntent(intentId, state) {
      await db.updateTable('issuanceIntents').set({ state }).where('id', '=', intentId).where('state', '=', 'open').execute();
    },
    async insertPair(row) {
      await db.insertInto('issuedPairs').values(row).execute();
    },
    pair: async (issuanceId) => (await db.selectFrom('issuedPairs').selectAll().where('issuanceId', '=', issuanceId).executeTakeFirst()) ?? null,
    async insertEscrow(row) {
      await db.insertInto('escrowedKeys').values(row).execute();
    },
    escrowOf: async (encryptSerialHex) => (await db.selectFrom('escrowedKeys').selectAll().where('certificateSerialHex', '=', encryptSerialHex).executeTakeFirst()) ?? null,
  };
}

/** In the words of the partial index `certificates_one_live_pair`. */
const LIVE = sql<SqlBool>`state in ('active', 'suspended')`;

export function certificateRecords(db: Database): CertificateRecords {
  return {
    async insert(row) {
      await db.insertInto('certificates').values(row).execute();
    },
    bySerial: async (serialHex) => (await db.selectFrom('certificates').selectAll().where('serialHex', '=', serialHex).executeTakeFirst()) ?? null,
    byPublicKey: async (publicKeySha256) => (await db.selectFrom('certificates').selectAll().where('publicKeySha256', '=', publicKeySha256).executeTakeFirst()) ?? null,
    ofIssuance: (issuanceId) => db.selectFrom('certificates').selectAll().where('issuanceId', '=', issuanceId).execute(),
    livePair: async (pairKey) => (await db.selectFrom('certificates').selectAll().where('pairKey', '=', pairKey).where(LIVE).executeTakeFirst()) ?? null,
    onToken: (tokenSerial) => db.selectFrom('certificates').selectAll().where('tokenSerial', '=', tokenSerial).where('purpose', '=', 'sign').orderBy('createdAtMs', 'desc').execute(),
    encryptionOnToken: (tokenSerial) => db.selectFrom('certificates').selectAll().where('tokenSerial', '=', tokenSerial).where('purpose', '=', 'encrypt').orderBy('createdAtMs', 'desc').execute(),
    bySerials: async (serialHexes) => (serialHexes.length === 0 ? [] : await db.selectFrom('certificates').selectAll().where('serialHex', 'in', [...serialHexes]).execute()),
    async setState(issuanceId, from, to, changes) {
      const { numUpdatedRows } = await db.updateTable('certificates').set({ state: to, ...changes }).where('issuanceId', '=', issuanceId).where('state', '=', from).executeTakeFirstOrThrow();
      return Number(numUpdatedRows);
    },
    page: ({ accountId, serialHex, subject, tokenSerial, state }, after, limit) =>
      db.selectFrom('certificates').selectAll()
        .$if(accountId !== undefined, (query) => query.where('accountId', '=', accountId ?? ''))
        .$if(serialHex !== undefined, (query) => query.where('serialHex', '=', serialHex ?? ''))
        .$if(tokenSerial !== undefined, (query) => query.where('tokenSerial', '=', tokenSerial ?? ''))
        .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'active'))
        .$if(subject !== undefined, (query) => query.where(sql<SqlBool>`${sql.ref('subject')} like ${likeContains(subject ?? '')} escape '\\'`))
        .$if(after !== null, (query) => query.where((eb) => olderThan(eb, 'createdAtMs', 'serialHex', after ?? { createdAtMs: 0, id: '' })))
        .orderBy('createdAtMs', 'desc').orderBy('serialHex', 'desc').limit(limit).execute(),
    signOfAccount: (accountId) => db.selectFrom('certificates').selectAll().where('accountId', '=', accountId).where('purpose', '=', 'sign').orderBy('createdAtMs', 'desc').orderBy('serialHex', 'desc').execute(),
    revoked: (caId, after, limit) =>
      db.selectFrom('certificates').select(['serialHex', 'notAfterMs', 'revokedAtMs', 'revocationReason']).where('caId', '=', caId).where(ON_LISTS)
        .where((eb) => newerThan(eb, 'notAfterMs', 'serialHex', { createdAtMs: after.notAfterMs, id: after.serialHex })).orderBy('notAfterMs').orderBy('serialHex').limit(limit).execute(),
  };
}

export function crlRecords(db: Database): CrlRecords {
  return {
    newest: async (caId) => (await db.selectFrom('crls').selectAll().where('caId', '=', caId).orderBy('number', 'desc').limit(1).executeTakeFirst()) ?? null,
    async insert(row) {
      await db.insertInto('crls').values(row).execute();
    },
    async markStale(caId) {
      await db.updateTable('crls').set({ stale: 1 }).where('caId', '=', caId).where('stale', '=', 0).execute();
      await db.insertInto('revocationChanges').values({ caId, changes: 1 }).onConflict((c) => c.column('caId').doUpdateSet((eb) => ({ changes: eb('revocationChanges.changes', '+', 1) }))).execute();
    },
    async removeUpTo(caId, number) {
      await db.deleteFrom('crls').where('caId', '=', caId).where('number', '<=', number).execute();
    },
    changes: async (caId) => (await db.selectFrom('revocationChanges').select('changes').where('caId', '=', caId).executeTakeFirst())?.changes ?? 0,
  };
}
