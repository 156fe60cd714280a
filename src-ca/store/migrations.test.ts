/** Migrations: all or nothing, so that a start that failed or was killed in the middle of one can be repeated. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqlite, type Database } from './database.ts';
import { migrate, MIGRATIONS } from './migrations.ts';

let folder: string;
let database: Database;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidkey-migrations-'));
  database = openSqlite(join(folder, 'ca.sqlite'));
});
afterEach(async () => {
  await database.destroy();
  rmSync(folder, { recursive: true });
});

it('ok: a migration that stopped in the middle leaves nothing, and the next start makes it whole', async () => {
  const stopping = { '0001-first-tables': { up: async (db: Parameters<(typeof MIGRATIONS)[string]['up']>[0]) => {
    await MIGRATIONS['0001-first-tables']?.up(db);
    throw new Error('stopped');
  } } };
  await expect(migrate(database, stopping)).rejects.toThrow('stopped');
  expect((await database.introspection.getTables()).map(({ name }) => name)).toEqual([]);
  await migrate(database);
  await migrate(database);
  expect((await database.introspection.getTables()).map(({ name }) => name)).toContain('accounts');
});
