/**
 * The journal's file: opened so that a commit survives a power cut, brought to the present layout, and checked. Rule: a damaged journal is
 * never repaired or overwritten; it is set aside under another name and reported.
 */
import { existsSync, renameSync } from 'node:fs';
import Database from 'better-sqlite3';

export type JournalDatabase = Database.Database;

export interface OpenedJournal {
  readonly database: JournalDatabase;
  /** Where a damaged file went; null when all is well. */
  readonly setAsideAs: string | null;
}

/** Layout number n is reached by running the statements of entry n - 1. Never change an entry: add one. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE deed (
     id TEXT PRIMARY KEY,
     kind TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('running', 'interrupted', 'completed', 'cancelled')),
     step TEXT NOT NULL,
     account_id TEXT NOT NULL,
     driver_id TEXT NOT NULL,
     token_serial TEXT NOT NULL,
     token_model_id TEXT NOT NULL,
     order_line_id TEXT NOT NULL,
     order_number TEXT NOT NULL,
     company_name TEXT NOT NULL,
     project_name TEXT NOT NULL,
     key_algorithm TEXT NOT NULL,
     container_id TEXT NOT NULL,
     start_idempotency_key TEXT NOT NULL,
     code_needed INTEGER,
     issuance_id TEXT,
     csr_der BLOB,
     sign_certificate_sha256 TEXT,
     encryption_certificate_sha256 TEXT,
     remaining_quantity INTEGER,
     failure TEXT,
     started_at_utc TEXT NOT NULL,
     updated_at_utc TEXT NOT NULL
   ) STRICT;
   CREATE INDEX deed_by_state ON deed (state);
   CREATE TABLE deed_step (
     deed_id TEXT NOT NULL REFERENCES deed (id),
     position INTEGER NOT NULL,
     name TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
     attempts INTEGER NOT NULL DEFAULT 0,
     begun_at_utc TEXT,
     ended_at_utc TEXT,
     PRIMARY KEY (deed_id, position)
   ) STRICT, WITHOUT ROWID;`,
];

/** @param now names the file that a damaged journal is set aside as */
export function openJournalFile(path: string, now: () => Date): OpenedJournal {
  const sound = openIfSound(path);
  if (sound) return { database: sound, setAsideAs: null };
  const setAsideAs = setAside(path, now());
  const fresh = openIfSound(path);
  if (!fresh) throw new Error('a new journal file cannot be opened');
  return { database: fresh, setAsideAs };
}

/** @returns null when the file is there and damaged, or made by a newer BidKey */
function openIfSound(path: string): JournalDatabase | null {
  const existed = existsSync(path);
  let database: JournalDatabase | null = null;
  try {
    database = new Database(path);
    // FULL: a commit is on the disk before it returns; in WAL mode NORMAL would lose the last commits in a power cut.
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    const check = database.pragma('quick_check', { simple: true });
    if (check !== 'ok') throw new Error(`quick_check: ${String(check)}`);
    migrate(database);
    return database;
  } catch (thrown) {
    database?.close();
    if (!existed) throw thrown;
    return null;
  }
}

function migrate(database: JournalDatabase): void {
  const layout = Number(database.pragma('user_version', { simple: true }));
  if (layout > MIGRATIONS.length) throw new Error('the journal was made by a newer BidKey');
  for (let next = layout; next < MIGRATIONS.length; next += 1) {
    database.transaction(() => {
      database.exec(MIGRATIONS[next] ?? '');
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
