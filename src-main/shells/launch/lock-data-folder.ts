/**
 * One BidKey per data folder: two journals on one file would each believe to be alone. The lock is an exclusive transaction on a small SQLite
 * file: the system gives it back when the process dies, however it dies, on every platform.
 */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { AppError } from '#shared/errors/app-error.ts';

export interface DataFolderLock {
  release(): void;
}

/** @throws DATA_FOLDER_LOCKED */
export function lockDataFolder(dataFolder: string): DataFolderLock {
  const database = new Database(join(dataFolder, 'bidkey.lock'), { timeout: 200 });
  try {
    // Without a journal on disk there is nothing to recover: the file holds no data.
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
  } catch (thrown) {
    database.close();
    if (thrown instanceof Database.SqliteError && thrown.code.startsWith('SQLITE_BUSY')) throw new AppError('DATA_FOLDER_LOCKED', { dataFolder }, thrown);
    throw thrown;
  }
  return { release: () => database.close() };
}
