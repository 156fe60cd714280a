/** Layouts of the ledger's file. Never change an entry: add one. Times are UTC with milliseconds, so that they sort as text. */
export const LEDGER_LAYOUTS: readonly string[] = [
  `CREATE TABLE bid (
     seal_id TEXT PRIMARY KEY,
     bid_id TEXT NOT NULL,
     tender_id TEXT NOT NULL,
     lot TEXT NOT NULL,
     tender_name TEXT NOT NULL,
     bidder_name TEXT NOT NULL,
     file TEXT,
     opening_time_utc TEXT,
     sealed_at_utc TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('to-open', 'opened', 'withdrawn'))
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX bid_by_opening ON bid (state, opening_time_utc, seal_id);
   CREATE TABLE opener (
     seal_id TEXT NOT NULL REFERENCES bid (seal_id) ON DELETE CASCADE,
     position INTEGER NOT NULL,
     group_name TEXT NOT NULL,
     fingerprint_hex TEXT NOT NULL,
     fingerprint_digest TEXT NOT NULL,
     label TEXT NOT NULL,
     issuer TEXT NOT NULL,
     serial_hex TEXT NOT NULL,
     not_after_utc TEXT NOT NULL,
     PRIMARY KEY (seal_id, position)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE rehearsal (
     id INTEGER PRIMARY KEY,
     seal_id TEXT NOT NULL REFERENCES bid (seal_id) ON DELETE CASCADE,
     at_utc TEXT NOT NULL,
     opened INTEGER NOT NULL,
     keys TEXT NOT NULL,
     missing_groups TEXT NOT NULL
   ) STRICT;
   CREATE INDEX rehearsal_by_bid ON rehearsal (seal_id, at_utc);
   CREATE TABLE upload (
     id INTEGER PRIMARY KEY,
     seal_id TEXT NOT NULL REFERENCES bid (seal_id) ON DELETE CASCADE,
     at_utc TEXT NOT NULL,
     platform TEXT NOT NULL,
     receipt TEXT
   ) STRICT;
   CREATE INDEX upload_by_bid ON upload (seal_id, at_utc);
   CREATE TABLE known_certificate (
     sha256_hex TEXT PRIMARY KEY,
     sm3_hex TEXT NOT NULL,
     token_serial TEXT NOT NULL,
     purpose TEXT NOT NULL,
     label TEXT NOT NULL,
     serial_hex TEXT NOT NULL,
     not_after_utc TEXT NOT NULL,
     last_seen_utc TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  // Certificates themselves: a renewal with the same keys takes the old one off the key, and bids still name it.
  `CREATE TABLE seen_certificate (
     sha256_hex TEXT PRIMARY KEY,
     certificate_der BLOB NOT NULL,
     first_seen_utc TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  // Sealed for a tender package that a newer one has replaced since.
  `ALTER TABLE bid ADD COLUMN tender_replaced_at_utc TEXT;`,
  // Generations: each has its openers. A bid without rows here has one, whose header nobody asked for; its openers are those of number 0.
  `CREATE TABLE generation (
     seal_id TEXT NOT NULL REFERENCES bid (seal_id) ON DELETE CASCADE,
     number INTEGER NOT NULL,
     header_hex TEXT,
     rewraps INTEGER NOT NULL,
     made_at_utc TEXT NOT NULL,
     noted_at_utc TEXT NOT NULL,
     file TEXT,
     PRIMARY KEY (seal_id, number)
   ) STRICT, WITHOUT ROWID;
   ALTER TABLE opener ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE upload ADD COLUMN header_hex TEXT;
   ALTER TABLE bid ADD COLUMN opened_early_at_utc TEXT;`,
];
