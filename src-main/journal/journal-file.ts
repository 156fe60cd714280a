/** The journal's file: its layouts. How it is opened, and what becomes of a damaged one: ../database/open-database.ts. */
import { openDatabase, setAside, type OpenDatabase, type OpenedDatabase } from '../database/open-database.ts';

export type JournalDatabase = OpenDatabase;
export type OpenedJournal = OpenedDatabase;
export { setAside };

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
  // More kinds of deeds: a plan names the steps, and what only some plans remember stands in one JSON object.
  `ALTER TABLE deed RENAME COLUMN order_line_id TO request_id;
   ALTER TABLE deed ADD COLUMN plan TEXT NOT NULL DEFAULT 'new-issue';
   ALTER TABLE deed ADD COLUMN request_number TEXT NOT NULL DEFAULT '';
   ALTER TABLE deed ADD COLUMN plan_facts TEXT NOT NULL DEFAULT '{}';`,
];

/** @param now names the file that a damaged journal is set aside as */
export const openJournalFile = (path: string, now: () => Date): OpenedJournal => openDatabase(path, MIGRATIONS, now);
