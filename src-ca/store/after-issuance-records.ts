/** Challenges, bindings, foreign CAs, administrator PINs and escrow recoveries in SQL. */
import { sql, type SqlBool } from 'kysely';
import type { AdministratorPinRecords } from '../administrator-pins/administrator-pin-port.ts';
import type { BindingRecords, TrustedCaRecords } from '../bindings/binding-port.ts';
import type { ChallengeRecords } from '../challenges/challenge-port.ts';
import type { RecoveryRecords } from '../recovery/recovery-port.ts';
import type { Database } from './database.ts';

export function challengeRecords(db: Database): ChallengeRecords {
  return {
    async insert(row) {
      await db.insertInto('keyChallenges').values(row).execute();
    },
    byId: async (id) => (await db.selectFrom('keyChallenges').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
    async use(id, atMs) {
      const { numUpdatedRows } = await db.updateTable('keyChallenges').set({ usedAtMs: atMs }).where('id', '=', id).where('usedAtMs', 'is', null).executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },
    clock: async () => (await db.selectFrom('challengeClock').selectAll().executeTakeFirst()) ?? null,
    async setClock(row) {
      const { id, ...changes } = row;
      await db.insertInto('challengeClock').values({ id, ...changes }).onConflict((c) => c.column('id').doUpdateSet(changes)).execute();
    },
    async removeExpired(beforeMs) {
      await db.deleteFrom('keyChallenges').where('expiresAtMs', '<', beforeMs).execute();
    },
  };
}

export function bindingRecords(db: Database): BindingRecords {
  return {
    async insert(row) {
      const { numInsertedOrUpdatedRows } = await db.insertInto('bindings').values(row).onConflict((c) => c.columns(['certificateSha256', 'accountId']).where('state', '=', sql.lit('bound')).doNothing()).executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n;
    },
    byId: async (id) => (await db.selectFrom('bindings').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
    ofCertificate: (certificateSha256) => db.selectFrom('bindings').selectAll().where('certificateSha256', '=', certificateSha256).orderBy('boundAtMs').orderBy('id').execute(),
    ofAccount: (accountId) => db.selectFrom('bindings').selectAll().where('accountId', '=', accountId).orderBy('boundAtMs', 'desc').orderBy('id').execute(),
    ofTrustedCa: (trustedCaId) => db.selectFrom('bindings').selectAll().where('trustedCaId', '=', trustedCaId).where(sql<SqlBool>`state = 'bound'`).orderBy('id').execute(),
    async unbind(id, atMs) {
      const { numUpdatedRows } = await db.updateTable('bindings').set({ state: 'unbound', unboundAtMs: atMs }).where('id', '=', id).where('state', '=', 'bound').executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },
    async markLogin(id, atMs) {
      await db.updateTable('bindings').set({ lastLoginAtMs: atMs }).where('id', '=', id).execute();
    },
  };
}

export function trustedCaRecords(db: Database): TrustedCaRecords {
  return {
    all: () => db.selectFrom('trustedCas').selectAll().orderBy('id').execute(),
    byId: async (id) => (await db.selectFrom('trustedCas').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
    async save(row) {
      const { id, ...changes } = row;
      await db.insertInto('trustedCas').values({ id, ...changes }).onConflict((c) => c.column('id').doUpdateSet(changes)).execute();
    },
    crls: (trustedCaId) => db.selectFrom('trustedCaCrls').selectAll().where('trustedCaId', '=', trustedCaId).execute(),
    async saveCrl(row) {
      const { trustedCaId, issuerSha256, ...changes } = row;
      await db.insertInto('trustedCaCrls').values({ trustedCaId, issuerSha256, ...changes }).onConflict((c) => c.columns(['trustedCaId', 'issuerSha256']).doUpdateSet(changes)).execute();
    },
  };
}

export function administratorPinRecords(db: Database): AdministratorPinRecords {
  return {
    byToken: async (tokenSerial) => (await db.selectFrom('administratorPins').selectAll().where('tokenSerial', '=', tokenSerial).executeTakeFirst()) ?? null,
    async save(row) {
      const { tokenSerial, createdAtMs, ...changes } = row;
      await db.insertInto('administratorPins').values({ tokenSerial, createdAtMs, ...changes }).onConflict((c) => c.column('tokenSerial').doUpdateSet(changes)).execute();
    },
    async insertRelease(row) {
      await db.insertInto('administratorPinReleases').values(row).execute();
    },
    release: async (requestId) => (await db.selectFrom('administratorPinReleases').selectAll().where('requestId', '=', requestId).executeTakeFirst()) ?? null,
    async countDelivery(requestId) {
      await db.updateTable('administratorPinReleases').set((eb) => ({ deliveries: eb('deliveries', '+', 1) })).where('requestId', '=', requestId).execute();
    },
    async finishRelease(requestId) {
      await db.updateTable('administratorPinReleases').set({ state: 'done' }).where('requestId', '=', requestId).execute();
    },
  };
}

export function recoveryRecords(db: Database): RecoveryRecords {
  return {
    async insertDelivery(row) {
      await db.insertInto('restoredKeys').values(row).execute();
    },
    async deliveries(requestId, serialHex) {
      const { count } = await db.selectFrom('restoredKeys').select((eb) => eb.fn.countAll().as('count')).where('requestId', '=', requestId).where('serialHex', '=', serialHex).executeTakeFirstOrThrow();
      return Number(count);
    },
    async insertRecovery(row) {
      await db.insertInto('keyRecoveries').values(row).execute();
    },
    recovery: async (requestId) => (await db.selectFrom('keyRecoveries').selectAll().where('requestId', '=', requestId).executeTakeFirst()) ?? null,
    async completeRecovery(requestId, atMs) {
      await db.updateTable('keyRecoveries').set({ completedAtMs: atMs }).where('requestId', '=', requestId).where('completedAtMs', 'is', null).execute();
    },
  };
}
