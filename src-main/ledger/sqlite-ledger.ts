/**
 * The ledger on SQLite. Rule: every row is checked against the schema of the contract when it is read; a row that breaks it means a damaged ledger,
 * which is set aside and never guessed at.
 */
import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { SealedBidRecord, type BidGeneration, type BidRehearsal, type BidUpload, type LedgerOpener } from '#shared/contract/desktop/ledger.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { openDatabase, setAside, type OpenDatabase } from '../database/open-database.ts';
import { LEDGER_LAYOUTS } from './ledger-layouts.ts';
import { generationsOf } from '#shared/ledger/bid-generations.ts';
import type { KnownCertificate, LedgerStore } from './ledger-store.ts';

type Row = Readonly<Record<string, string | number | null>>;

const recordCheck = TypeCompiler.Compile(SealedBidRecord);
/** Sorts behind every time. */
const NO_OPENING = '9999-12-31T23:59:59.999Z';
const OPENS_AT = `coalesce(opening_time_utc, '${NO_OPENING}')`;

/** @returns the ledger and, when the file found was damaged, where that file went */
export function openLedger(path: string, now: () => Date): { readonly store: LedgerStore; readonly setAsideAs: string | null } {
  const opened = openDatabase(path, LEDGER_LAYOUTS, now);
  const store = createStore(opened.database);
  try {
    store.toOpen();
    return { store, setAsideAs: opened.setAsideAs };
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    store.close();
    const setAsideAs = setAside(path, now());
    return { store: createStore(openDatabase(path, LEDGER_LAYOUTS, now).database), setAsideAs };
  }
}

function createStore(database: OpenDatabase): LedgerStore {
  const get = (sealId: string) => readBid(database, sealId);
  const must = (sealId: string) => get(sealId) ?? refuse('LEDGER_BID_UNKNOWN', { sealId });

  /** One transaction; answers the bid as it now stands on disk. */
  function change(sealId: string, statements: () => void): SealedBidRecord {
    return database.transaction(() => {
      statements();
      return must(sealId);
    }).immediate();
  }

  return {
    get,
    page({ state, limit, after }) {
      const cursor = after === undefined ? null : readCursor(after);
      const rows = database.prepare<unknown[], { seal_id: string; opens: string }>(
        `SELECT seal_id, ${OPENS_AT} AS opens FROM bid WHERE (? IS NULL OR state = ?) AND (? IS NULL OR (${OPENS_AT}, seal_id) > (?, ?)) ORDER BY opens, seal_id LIMIT ?`,
      ).all(state ?? null, state ?? null, cursor?.opens ?? null, cursor?.opens ?? null, cursor?.sealId ?? null, limit + 1);
      const shown = rows.slice(0, limit);
      const last = shown.at(-1);
      return { items: shown.map((row) => must(row.seal_id)), next: rows.length > limit && last ? `${last.opens}~${last.seal_id}` : null };
    },
    toOpen: () => database.prepare<[], { seal_id: string }>(`SELECT seal_id FROM bid WHERE state = 'to-open' ORDER BY ${OPENS_AT}, seal_id`).all().map((row) => must(row.seal_id)),
    put: (bid) => change(bid.sealId, () => writeBid(database, bid)),
    putAll: (bids) => void database.transaction(() => bids.forEach((bid) => {
      writeBid(database, bid);
      // What could not be read again must not be committed.
      must(bid.sealId);
    })).immediate(),
    addRehearsal: (sealId, rehearsal) => change(sealId, () => {
      must(sealId);
      writeRehearsal(database, sealId, rehearsal);
    }),
    addUpload: (sealId, upload) => change(sealId, () => {
      must(sealId);
      writeUpload(database, sealId, upload);
    }),
    setState: (sealId, state) => change(sealId, () => void database.prepare('UPDATE bid SET state = ? WHERE seal_id = ?').run(state, sealId)),
    remove: (sealId) => void database.prepare('DELETE FROM bid WHERE seal_id = ?').run(sealId),
    noteKey: (tokenSerial, certificates) => void database.transaction(() => {
      database.prepare('DELETE FROM known_certificate WHERE token_serial = ?').run(tokenSerial);
      for (const one of certificates) writeKnown(database, one);
    }).immediate(),
    knownCertificates: () => database.prepare<[], Row>('SELECT * FROM known_certificate ORDER BY sha256_hex').all().map(readKnown),
    keepCertificates: (certificates) => void database.transaction(() => {
      const keep = database.prepare('INSERT OR IGNORE INTO seen_certificate (sha256_hex, certificate_der, first_seen_utc) VALUES (?, ?, ?)');
      for (const { sha256Hex, certificateDer, seenUtc } of certificates) keep.run(sha256Hex, Buffer.from(certificateDer), seenUtc);
    }).immediate(),
    seenCertificates: () => readSeenCertificates(database),
    close: () => database.close(),
  };
}

function readSeenCertificates(database: OpenDatabase): Uint8Array[] {
  return database.prepare<[], { certificate_der: Buffer }>('SELECT certificate_der FROM seen_certificate ORDER BY first_seen_utc, sha256_hex').all().map((row) => new Uint8Array(row.certificate_der));
}

/** For commands that work without an engine, also beside one that runs. Empty when there is no ledger, or one that cannot be read. */
export function seenCertificatesOf(path: string): Uint8Array[] {
  if (!existsSync(path)) return [];
  try {
    const database = new Database(path, { readonly: true, fileMustExist: true });
    try {
      return readSeenCertificates(database);
    } finally {
      database.close();
    }
  } catch (thrown) {
    if (thrown instanceof Database.SqliteError) return [];
    throw thrown;
  }
}

/** Whole milliseconds, so that times sort as text. */
const inOrder = (utc: string) => new Date(utc).toISOString();
const inOrderOrNull = (utc: string | undefined) => (utc === undefined ? null : inOrder(utc));

function writeBid(database: OpenDatabase, bid: SealedBidRecord): void {
  const { openers: _newest, generations, rehearsals, uploads, openingTimeUtc, sealedAtUtc, tenderReplacedAtUtc, openedEarlyAtUtc, ...plain } = bid;
  database.prepare(
    `INSERT INTO bid (seal_id, bid_id, tender_id, lot, tender_name, bidder_name, file, opening_time_utc, sealed_at_utc, state, tender_replaced_at_utc, opened_early_at_utc)
     VALUES (@sealId, @bidId, @tenderId, @lot, @tenderName, @bidderName, @file, @opens, @sealed, @state, @replaced, @openedEarly)
     ON CONFLICT (seal_id) DO UPDATE SET bid_id = @bidId, tender_id = @tenderId, lot = @lot, tender_name = @tenderName, bidder_name = @bidderName, file = @file,
       opening_time_utc = @opens, sealed_at_utc = @sealed, state = @state, tender_replaced_at_utc = @replaced, opened_early_at_utc = @openedEarly`,
  ).run({ ...plain, opens: openingTimeUtc === null ? null : inOrder(openingTimeUtc), sealed: inOrder(sealedAtUtc), replaced: inOrderOrNull(tenderReplacedAtUtc), openedEarly: inOrderOrNull(openedEarlyAtUtc) });
  for (const table of ['opener', 'generation', 'rehearsal', 'upload']) database.prepare(`DELETE FROM ${table} WHERE seal_id = ?`).run(bid.sealId);
  if (generations) writeGenerations(database, bid.sealId, generations);
  writeOpeners(database, bid.sealId, generationsOf(bid));
  for (const rehearsal of rehearsals) writeRehearsal(database, bid.sealId, rehearsal);
  for (const upload of uploads) writeUpload(database, bid.sealId, upload);
}

function writeGenerations(database: OpenDatabase, sealId: string, generations: readonly BidGeneration[]): void {
  const add = database.prepare('INSERT INTO generation (seal_id, number, header_hex, rewraps, made_at_utc, noted_at_utc, file) VALUES (?, ?, ?, ?, ?, ?, ?)');
  generations.forEach(({ headerHex, rewraps, madeAtUtc, notedAtUtc, file }, number) => add.run(sealId, number, headerHex, rewraps, inOrder(madeAtUtc), inOrder(notedAtUtc), file));
}

/** Positions run on from one generation to the next. */
function writeOpeners(database: OpenDatabase, sealId: string, generations: readonly BidGeneration[]): void {
  const add = database.prepare(
    `INSERT INTO opener (seal_id, position, generation, group_name, fingerprint_hex, fingerprint_digest, label, issuer, serial_hex, not_after_utc)
     VALUES (@sealId, @position, @generation, @group, @fingerprintHex, @fingerprintDigest, @label, @issuer, @serialHex, @notAfterUtc)`,
  );
  generations.flatMap(({ openers }, generation) => openers.map((opener) => ({ ...opener, generation })))
    .forEach((opener, position) => add.run({ ...opener, notAfterUtc: inOrder(opener.notAfterUtc), sealId, position }));
}

function writeRehearsal(database: OpenDatabase, sealId: string, rehearsal: BidRehearsal): void {
  database.prepare('INSERT INTO rehearsal (seal_id, at_utc, opened, keys, missing_groups) VALUES (?, ?, ?, ?, ?)')
    .run(sealId, inOrder(rehearsal.atUtc), rehearsal.opened ? 1 : 0, JSON.stringify(rehearsal.keys), JSON.stringify(rehearsal.missingGroups));
}

function writeUpload(database: OpenDatabase, sealId: string, upload: BidUpload): void {
  database.prepare('INSERT INTO upload (seal_id, at_utc, platform, receipt, header_hex) VALUES (?, ?, ?, ?, ?)').run(sealId, inOrder(upload.atUtc), upload.platform, upload.receipt, upload.headerHex ?? null);
}

function writeKnown(database: OpenDatabase, one: KnownCertificate): void {
  database.prepare(
    `INSERT INTO known_certificate (sha256_hex, sm3_hex, token_serial, purpose, label, serial_hex, not_after_utc, last_seen_utc)
     VALUES (@sha256Hex, @sm3Hex, @tokenSerial, @purpose, @label, @serialHex, @notAfterUtc, @lastSeenUtc)
     ON CONFLICT (sha256_hex) DO UPDATE SET token_serial = @tokenSerial, purpose = @purpose, last_seen_utc = @lastSeenUtc`,
  ).run(one);
}

/** @returns null when there is no such bid. @throws LEDGER_DAMAGED */
function readBid(database: OpenDatabase, sealId: string): SealedBidRecord | null {
  const row = database.prepare<[string], Row>('SELECT * FROM bid WHERE seal_id = ?').get(sealId);
  if (!row) return null;
  const rowsOf = (table: string, order: string) => database.prepare<[string], Row>(`SELECT * FROM ${table} WHERE seal_id = ? ORDER BY ${order}`).all(sealId);
  const openers = rowsOf('opener', 'position').map((one) => ({ generation: one['generation'], opener: readOpener(one) }));
  const generations = rowsOf('generation', 'number').map((one) => ({
    headerHex: one['header_hex'], rewraps: one['rewraps'], madeAtUtc: one['made_at_utc'], notedAtUtc: one['noted_at_utc'], file: one['file'],
    openers: openers.filter(({ generation }) => generation === one['number']).map(({ opener }) => opener),
  }));
  const record: unknown = {
    sealId: row['seal_id'], bidId: row['bid_id'], tenderId: row['tender_id'], lot: row['lot'], tenderName: row['tender_name'], bidderName: row['bidder_name'], file: row['file'],
    openingTimeUtc: row['opening_time_utc'], sealedAtUtc: row['sealed_at_utc'], state: row['state'],
    openers: generations.at(-1)?.openers ?? openers.map(({ opener }) => opener),
    ...(generations.length === 0 ? {} : { generations }),
    rehearsals: rowsOf('rehearsal', 'at_utc, id').map((one) => ({ atUtc: one['at_utc'], opened: one['opened'] === 1, keys: parseColumn(one['keys']), missingGroups: parseColumn(one['missing_groups']) })),
    uploads: rowsOf('upload', 'at_utc, id').map((one) => ({ atUtc: one['at_utc'], platform: one['platform'], receipt: one['receipt'], ...(one['header_hex'] === null ? {} : { headerHex: one['header_hex'] }) })),
    ...(row['opened_early_at_utc'] === null ? {} : { openedEarlyAtUtc: row['opened_early_at_utc'] }),
    ...(row['tender_replaced_at_utc'] === null ? {} : { tenderReplacedAtUtc: row['tender_replaced_at_utc'] }),
  };
  if (!recordCheck.Check(record)) throw new AppError('LEDGER_DAMAGED', { sealId });
  return record;
}

const readOpener = (row: Row): Partial<Record<keyof LedgerOpener, unknown>> => ({
  group: row['group_name'], fingerprintHex: row['fingerprint_hex'], fingerprintDigest: row['fingerprint_digest'], label: row['label'], issuer: row['issuer'], serialHex: row['serial_hex'], notAfterUtc: row['not_after_utc'],
});

const PURPOSES: readonly KnownCertificate['purpose'][] = ['sign', 'encrypt', 'other'];
function readKnown(row: Row): KnownCertificate {
  return {
    sha256Hex: String(row['sha256_hex']), sm3Hex: String(row['sm3_hex']), tokenSerial: String(row['token_serial']), purpose: PURPOSES.find((one) => one === row['purpose']) ?? 'other',
    label: String(row['label']), serialHex: String(row['serial_hex']), notAfterUtc: String(row['not_after_utc']), lastSeenUtc: String(row['last_seen_utc']),
  };
}

function parseColumn(text: string | number | null | undefined): unknown {
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not JSON: the schema check refuses the row.
    return text;
  }
}

function readCursor(text: string): { readonly opens: string; readonly sealId: string } {
  const [, opens, sealId] = /^(\d{4}-\d\d-\d\dT[\d:.]{12}Z)~([0-9a-f]{32})$/.exec(text) ?? [];
  if (opens === undefined || sealId === undefined) return refuse('INPUT_INVALID', { fields: ['/after'] });
  return { opens, sealId };
}
