/** What only ever grows: the audit log, messages to people, and calls that must happen once, in SQL. */
import type { AuditRecords } from '../audit/audit-port.ts';
import type { MessageRecords } from '../messages/message-port.ts';
import type { IdempotencyRecords } from '../once/idempotency-port.ts';
import type { Database } from './database.ts';
import { olderThan } from './page.ts';

export function auditRecords(db: Database): AuditRecords {
  return {
    head: async () => (await db.selectFrom('auditHead').selectAll().where('id', '=', 1).executeTakeFirst()) ?? null,
    async append(row, head) {
      await db.insertInto('auditLog').values(row).execute();
      const { id, ...changes } = head;
      await db.insertInto('auditHead').values({ id, ...changes }).onConflict((c) => c.column('id').doUpdateSet(changes)).execute();
    },
    page: (afterSequence, limit) => db.selectFrom('auditLog').selectAll().where('sequence', '>', afterSequence).orderBy('sequence').limit(limit).execute(),
  };
}

export function messageRecords(db: Database): MessageRecords {
  return {
    async insert(row) {
      await db.insertInto('messages').values(row).execute();
    },
    page: ({ recipient }, after, limit) =>
      db.selectFrom('messages').selectAll()
        .$if(recipient !== undefined, (query) => query.where('recipient', '=', recipient ?? ''))
        .$if(after !== null, (query) => query.where((eb) => olderThan(eb, 'createdAtMs', 'id', after ?? { createdAtMs: 0, id: '' })))
        .orderBy('createdAtMs', 'desc').orderBy('id', 'desc').limit(limit).execute(),
    async removeOlderThan(atMs) {
      await db.deleteFrom('messages').where('createdAtMs', '<', atMs).execute();
    },
  };
}

export function idempotencyRecords(db: Database): IdempotencyRecords {
  return {
    find: async (accountId, idempotencyKey) =>
      (await db.selectFrom('idempotencyKeys').selectAll().where('accountId', '=', accountId).where('idempotencyKey', '=', idempotencyKey).executeTakeFirst()) ?? null,
    async insert(row) {
      await db.insertInto('idempotencyKeys').values(row).execute();
    },
    async removeOlderThan(atMs) {
      await db.deleteFrom('idempotencyKeys').where('createdAtMs', '<', atMs).execute();
    },
  };
}
