/** Accounts, log-in failures and sessions in SQL. */
import type { AccountRecords, LoginFailureRecords, SessionRecords } from '../accounts/account-port.ts';
import type { Database } from './database.ts';

export function accountRecords(db: Database): AccountRecords {
  return {
    async insert(row) {
      const { numInsertedOrUpdatedRows } = await db.insertInto('accounts').values(row).onConflict((c) => c.column('loginNameKey').doNothing()).executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n;
    },
    byId: async (id) => (await db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
    byLoginNameKey: async (loginNameKey) => (await db.selectFrom('accounts').selectAll().where('loginNameKey', '=', loginNameKey).executeTakeFirst()) ?? null,
    async changePassword(id, before, passwordHash) {
      const { numUpdatedRows } = await db.updateTable('accounts').set({ passwordHash }).where('id', '=', id).where('passwordHash', '=', before).executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },
    any: async () => (await db.selectFrom('accounts').select('id').limit(1).executeTakeFirst()) !== undefined,
  };
}

export function loginFailureRecords(db: Database): LoginFailureRecords {
  return {
    find: async (loginNameHash) => (await db.selectFrom('loginFailures').selectAll().where('loginNameHash', '=', loginNameHash).executeTakeFirst()) ?? null,
    async save(row) {
      const { loginNameHash, ...changes } = row;
      await db.insertInto('loginFailures').values({ loginNameHash, ...changes }).onConflict((c) => c.column('loginNameHash').doUpdateSet(changes)).execute();
    },
    async clear(loginNameHash) {
      await db.deleteFrom('loginFailures').where('loginNameHash', '=', loginNameHash).execute();
    },
    async removeOlderThan(atMs) {
      await db.deleteFrom('loginFailures').where('lastFailureAtMs', '<', atMs).where('lockedUntilMs', '<', atMs).execute();
    },
  };
}

export function sessionRecords(db: Database): SessionRecords {
  return {
    async insert(session) {
      await db.insertInto('sessions').values(session).execute();
    },
    async insertToken(token) {
      await db.insertInto('sessionTokens').values(token).execute();
    },
    async byToken(tokenHash, kind) {
      const token = await db.selectFrom('sessionTokens').selectAll().where('tokenHash', '=', tokenHash).where('kind', '=', kind).executeTakeFirst();
      if (token === undefined) return null;
      const session = await db.selectFrom('sessions').selectAll().where('id', '=', token.sessionId).executeTakeFirstOrThrow();
      return { token, session };
    },
    async useToken(tokenHash, atMs) {
      const { numUpdatedRows } = await db.updateTable('sessionTokens').set({ usedAtMs: atMs }).where('tokenHash', '=', tokenHash).where('usedAtMs', 'is', null).executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },
    async end(sessionId, atMs) {
      await db.updateTable('sessions').set({ endedAtMs: atMs }).where('id', '=', sessionId).where('endedAtMs', 'is', null).execute();
    },
    endOfCertificates: async (certificateSha256s, atMs, accountId) =>
      (certificateSha256s.length === 0 ? [] : await db.updateTable('sessions').set({ endedAtMs: atMs }).where('certificateSha256', 'in', [...certificateSha256s]).where('endedAtMs', 'is', null)
        .$if(accountId !== undefined, (query) => query.where('accountId', '=', accountId ?? '')).returningAll().execute()),
    async endOthers(accountId, keptSessionId, atMs) {
      const { numUpdatedRows } = await db.updateTable('sessions').set({ endedAtMs: atMs }).where('accountId', '=', accountId).where('id', '<>', keptSessionId).where('endedAtMs', 'is', null).executeTakeFirstOrThrow();
      return Number(numUpdatedRows);
    },
    async removeExpired(beforeMs) {
      await db.deleteFrom('sessionTokens').where('expiresAtMs', '<', beforeMs).execute();
      await db.deleteFrom('sessions').where('createdAtMs', '<', beforeMs)
        .where(({ not, exists, selectFrom }) => not(exists(selectFrom('sessionTokens').select('tokenHash').whereRef('sessionTokens.sessionId', '=', 'sessions.id')))).execute();
    },
  };
}
