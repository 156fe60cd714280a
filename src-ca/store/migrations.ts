/** The migrations in order, in code. A migration that has been released is never changed; a new one is a new row. */
import { Migrator, sql, type Migration } from 'kysely';
import type { Database } from './database.ts';
import { firstTables } from './migrations/0001-first-tables.ts';
import { requestTables } from './migrations/0002-requests.ts';
import { afterIssuance } from './migrations/0003-after-issuance.ts';
import { ends } from './migrations/0004-ends.ts';

export const MIGRATIONS: Record<string, Migration> = {
  '0001-first-tables': firstTables,
  '0002-requests': requestTables,
  '0003-after-issuance': afterIssuance,
  '0004-ends': ends,
};

/**
 * Brings the database to the newest form, in one transaction (`database.ts`). Foreign keys are off meanwhile, so that a table can be made anew under
 * those that refer to it, and are all looked at before the transaction ends.
 * @throws the first error; nothing is left half done, also when the process is killed
 */
export async function migrate(database: Database, migrations: Record<string, Migration> = MIGRATIONS): Promise<void> {
  await sql`pragma foreign_keys = off`.execute(database);
  try {
    const migrator = new Migrator({ db: database, provider: { getMigrations: async () => ({ ...migrations, ...withCheckAtEnd(migrations) }) } });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
  } finally {
    await sql`pragma foreign_keys = on`.execute(database);
  }
}

/** The last migration, followed by a look at every reference. */
function withCheckAtEnd(migrations: Record<string, Migration>): Record<string, Migration> {
  const last = Object.entries(migrations).sort(([a], [b]) => (a < b ? -1 : 1)).at(-1);
  if (last === undefined) return {};
  const [name, migration] = last;
  return {
    [name]: {
      async up(db) {
        await migration.up(db);
        const { rows } = await sql<object>`pragma foreign_key_check`.execute(db);
        if (rows.length > 0) throw new Error(`${rows.length} references lead nowhere after the migration`);
      },
    },
  };
}
