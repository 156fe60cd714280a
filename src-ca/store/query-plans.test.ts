/** Lists stay on their indexes: the first page and the last page of a hundred thousand rows are the same walk. Plans are asked of SQLite itself. */
import Sqlite from 'better-sqlite3';
import type { CompiledQuery } from 'kysely';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Records } from '../records.ts';
import { openSqlite, type Database } from './database.ts';
import { migrate } from './migrations.ts';
import { recordsOf } from './store.ts';

let folder: string;
let database: Database;
let plain: Sqlite.Database;
let last: CompiledQuery | null = null;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bidkey-plans-'));
  database = openSqlite(join(folder, 'ca.sqlite'), (query) => {
    last = query;
  });
  await migrate(database);
  plain = new Sqlite(join(folder, 'ca.sqlite'));
});
afterAll(async () => {
  plain.close();
  await database.destroy();
  await rm(folder, { recursive: true, force: true });
});

async function planOf(ask: (records: Records) => Promise<unknown>): Promise<string> {
  await ask(recordsOf(database));
  const rows = plain.prepare(`explain query plan ${last?.sql ?? ''}`).all(...(last?.parameters ?? [])) as { detail: string }[];
  return rows.map(({ detail }) => detail).join('\n');
}

const after = { createdAtMs: 1_000, id: 'abcdefgh' };

describe('pages', () => {
  it.each([
    ['orders, first page', (records: Records) => records.orders.page({ accountId: 'a' }, null, 21), 'orders_page'],
    ['orders, any later page', (records: Records) => records.orders.page({ accountId: 'a' }, after, 21), 'orders_page'],
    ['orders of one state, later page', (records: Records) => records.orders.page({ accountId: 'a', state: 'paid' }, after, 21), 'orders_state_page'],
    ['lines to write, later page', (records: Records) => records.orders.toWritePage('a', after, 21), 'order_lines_to_write'],
    ['certificates of an account, later page', (records: Records) => records.certificates.page({ accountId: 'a' }, after, 21), 'certificates_page'],
    ['certificates of all accounts, later page', (records: Records) => records.certificates.page({}, after, 21), 'certificates_all_page'],
    ['messages, later page', (records: Records) => records.messages.page({}, after, 21), 'messages_page'],
    ['messages to one recipient, later page', (records: Records) => records.messages.page({ recipient: '1' }, after, 21), 'messages_recipient_page'],
  ])('ok: %s', async (_, ask, index) => {
    const plan = await planOf(ask);
    expect(plan).toMatch(new RegExp(`USING (COVERING )?INDEX ${index}\\b`));
    expect(plan).not.toContain('TEMP B-TREE');
    if (_.includes('later')) expect(plan).toMatch(/\(created_at_ms,(id|serial_hex)\)<\(\?,\?\)/);
  });

  it('ok: audit entries by their number', async () => {
    expect(await planOf((records) => records.audit.page(50_000, 20))).toContain('USING INTEGER PRIMARY KEY (rowid>?)');
  });
});

describe('what the database itself refuses', () => {
  const refused = (statement: string) => {
    try {
      plain.exec(statement);
      return 'taken';
    } catch (thrown) {
      return thrown instanceof Sqlite.SqliteError ? thrown.code : String(thrown);
    }
  };

  it('refuses: a wrong type, a reference to nothing, a line written more often than it was paid', () => {
    plain.pragma('foreign_keys = ON');
    plain.exec(`insert into accounts (id, login_name, login_name_key, password_hash, kind, role, display_name, phone, created_at_ms) values ('acc', 'n', 'n', 'h', 'person', 'subscriber', 'd', '1', 1);
      insert into projects values ('p', 'n', 'rsa-2048', 1, 1); insert into catalogue_items values ('i', 'p', 's', 'person', 'new-issue', 1, 1, 1);
      insert into orders (id, number, account_id, project_id, state, total_fen, created_at_ms) values ('o', 'N', 'acc', 'p', 'paid', 1, 1);
      insert into order_lines (id, order_id, account_id, item_id, item_json, subject_json, position, quantity, written_quantity, open_quantity, to_write, created_at_ms) values ('l', 'o', 'acc', 'i', '{}', '{}', 0, 1, 0, 0, 1, 1)`);
    expect(refused(`update orders set total_fen = 'much' where id = 'o'`)).toBe('SQLITE_CONSTRAINT_DATATYPE');
    expect(refused(`update orders set account_id = 'nobody' where id = 'o'`)).toBe('SQLITE_CONSTRAINT_FOREIGNKEY');
    expect(refused(`update orders set state = 'free' where id = 'o'`)).toBe('SQLITE_CONSTRAINT_CHECK');
    expect(refused(`update order_lines set open_quantity = 1, written_quantity = 1 where id = 'l'`)).toBe('SQLITE_CONSTRAINT_CHECK');
    expect(refused(`update order_lines set open_quantity = -1 where id = 'l'`)).toBe('SQLITE_CONSTRAINT_CHECK');
  });
});
