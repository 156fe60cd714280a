/**
 * Opens a SQLite file of the desktop tool so that a commit survives a power cut, brings it to the present layout, and checks it. Rule: a damaged
 * file is never repaired or overwritten; it is set aside under another name and reported.
 */
import { existsSync, renameSync } from 'node:fs';
import Database from 'better-sqlite3';

export type OpenDatabase = Database.Database;

export interface OpenedDatabase {
  readonly database: OpenDatabase;
  /** Where a damaged file went; null when all is well. */
  readonly setAsideAs: string | null;
}

/**
 * @param layouts layout number n is reached by running the statements of entry n - 1; never change an entry, add one
 * @param now names the file that a damaged one is set aside as
 */
export function openDatabase(path: string, layouts: readonly string[], now: () => Date): OpenedDatabase {
  const sound = openIfSound(path, layouts);
  if (sound) return { database: sound, setAsideAs: null };
  const setAsideAs = setAside(path, now());
  const fresh = openIfSound(path, layouts);
  if (!fresh) throw new Error('a new database file cannot be opened');
  return { database: fresh, setAsideAs };
}

/** @returns null when the file is there and damaged, or made by a newer BidKey */
function openIfSound(path: string, layouts: readonly string[]): OpenDatabase | null {
  const existed = existsSync(path);
  let database: OpenDatabase | null = null;
  try {
    database = new Database(path);
    // FULL: a commit is on the disk before it returns; in WAL mode NORMAL would lose the last commits in a power cut.
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    const check = database.pragma('quick_check', { simple: true });
    if (check !== 'ok') throw new Error(`quick_check: ${String(check)}`);
    bringToLayout(database, layouts);
    return database;
  } catch (thrown) {
    database?.close();
    if (!existed) throw thrown;
    return null;
  }
}

function bringToLayout(database: OpenDatabase, layouts: readonly string[]): void {
  const layout = Number(database.pragma('user_version', { simple: true }));
  if (layout > layouts.length) throw new Error('the file was made by a newer BidKey');
  for (let next = layout; next < layouts.length; next += 1) {
    database.transaction(() => {
      database.exec(layouts[next] ?? '');
      database.pragma(`user_version = ${next + 1}`);
    })();
  }
}

/** Moves the file and its companions away together, so that it can still be read by someone who knows SQLite. */
export function setAside(path: string, at: Date): string {
  const target = `${path}.damaged-${at.toISOString().replace(/[:.]/g, '-')}`;
  for (const companion of ['', '-wal', '-shm']) {
    if (existsSync(path + companion)) renameSync(path + companion, target + companion);
  }
  return target;
}
