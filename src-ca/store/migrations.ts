/** The migrations in order, in code. A migration that has been released is never changed; a new one is a new row. */
import { Migrator, type Migration } from 'kysely';
import type { Database } from './database.ts';
import { firstTables } from './migrations/0001-first-tables.ts';

const MIGRATIONS: Record<string, Migration> = {
  '0001-first-tables': firstTables,
};

/** Brings the database to the newest form. @throws the first error; nothing is left half done */
export async function migrate(database: Database): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => MIGRATIONS } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
