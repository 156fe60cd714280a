/** The migrations in order, in code. A migration that has been released is never changed; a new one is a new row. */
import { Migrator, type Migration } from 'kysely';
import type { Database } from './database.ts';
import { firstTables } from './migrations/0001-first-tables.ts';

export const MIGRATIONS: Record<string, Migration> = {
  '0001-first-tables': firstTables,
};

/** Brings the database to the newest form, in one transaction (`database.ts`). @throws the first error; nothing is left half done, also when the process is killed */
export async function migrate(database: Database, migrations: Record<string, Migration> = MIGRATIONS): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
