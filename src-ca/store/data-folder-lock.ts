/** One service per data folder. The lock is SQLite's own file lock: the system takes it back when the process ends, however it ends, so it can never go stale. */
import Sqlite from 'better-sqlite3';
import { join } from 'node:path';
import { AppError } from '#shared/errors/app-error.ts';

export interface DataFolderLock {
  release(): void;
}

/** @throws DATA_FOLDER_LOCKED */
export function lockDataFolder(dataFolder: string): DataFolderLock {
  const file = new Sqlite(join(dataFolder, 'lock.sqlite'), { timeout: 0 });
  try {
    file.exec('BEGIN EXCLUSIVE');
  } catch (thrown) {
    file.close();
    if (thrown instanceof Sqlite.SqliteError && thrown.code.startsWith('SQLITE_BUSY')) throw new AppError('DATA_FOLDER_LOCKED', {}, thrown);
    throw thrown;
  }
  return { release: () => file.close() };
}
