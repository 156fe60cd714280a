/**
 * The writing journal on SQLite: what was begun on which key, and how far it came. Rule: every row is checked against its schema when it
 * is read; a row that breaks it means a damaged journal, never a guess.
 */
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { stepsOfPlan } from '#shared/contract/desktop/deed-plans.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import { DeedRecord, type DeedFacts, type DeedJournal } from './deed-record.ts';
import { openJournalFile, setAside, type JournalDatabase, type OpenedJournal } from './journal-file.ts';

interface DeedRow {
  [column: string]: string | number | Uint8Array | null;
}

const recordCheck = TypeCompiler.Compile(DeedRecord);

/** Field of a record → column, for the facts that change. */
const FACT_COLUMNS: Readonly<Record<keyof DeedFacts, string>> = {
  driverId: 'driver_id', containerId: 'container_id', startIdempotencyKey: 'start_idempotency_key', codeNeeded: 'code_needed', issuanceId: 'issuance_id', csrDer: 'csr_der',
  signCertificateSha256Hex: 'sign_certificate_sha256', encryptionCertificateSha256Hex: 'encryption_certificate_sha256', remainingQuantity: 'remaining_quantity',
  planFacts: 'plan_facts',
};

/** @returns the journal and, when the file found was damaged, where that file went */
export function openJournal(path: string, now: () => Date): { readonly journal: DeedJournal; readonly setAsideAs: string | null } {
  const opened = openJournalFile(path, now);
  const journal = createJournal(opened.database, now);
  try {
    journal.listUnfinished();
    return { journal, setAsideAs: opened.setAsideAs };
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    journal.close();
    const setAsideAs = setAside(path, now());
    const fresh: OpenedJournal = openJournalFile(path, now);
    return { journal: createJournal(fresh.database, now), setAsideAs };
  }
}

function createJournal(database: JournalDatabase, now: () => Date): DeedJournal {
  const nowUtc = () => now().toISOString();
  const read = (deedId: string) => readDeed(database, deedId);
  const must = (deedId: string) => {
    const record = read(deedId);
    assert(record, `deed ${deedId} is in the journal`);
    return record;
  };

  /** One transaction around a change; answers the deed as it now stands on disk. */
  function change(deedId: string, statements: () => void): DeedRecord {
    return database.transaction(() => {
      statements();
      return must(deedId);
    }).immediate();
  }

  function writeFacts(deedId: string, facts: DeedFacts): void {
    for (const [field, value] of Object.entries(facts) as [keyof DeedFacts, DeedFacts[keyof DeedFacts]][]) {
      if (value === undefined) continue;
      database.prepare(`UPDATE deed SET ${FACT_COLUMNS[field]} = ? WHERE id = ?`).run(toColumn(value), deedId);
    }
    database.prepare('UPDATE deed SET updated_at_utc = ? WHERE id = ?').run(nowUtc(), deedId);
  }

  const setDeed = (deedId: string, state: string, step: string | null) =>
    database.prepare('UPDATE deed SET state = ?, step = coalesce(?, step), failure = NULL WHERE id = ?').run(state, step, deedId);

  return {
    get: read,
    listUnfinished() {
      const rows = database.prepare<[], { id: string }>(`SELECT id FROM deed WHERE state IN ('running', 'interrupted') ORDER BY started_at_utc, id`).all();
      return rows.map((row) => must(row.id));
    },
    create: (deed) => change(deed.id, () => {
      const at = nowUtc();
      database.prepare(
        `INSERT INTO deed (id, kind, plan, state, step, account_id, driver_id, token_serial, token_model_id, request_id, request_number, order_number, company_name, project_name, key_algorithm, container_id, start_idempotency_key, plan_facts, started_at_utc, updated_at_utc)
         VALUES (@id, @kind, @plan, 'running', @step, @accountId, @driverId, @tokenSerial, @tokenModelId, @requestId, @requestNumber, @orderNumber, @companyName, @projectName, @keyAlgorithm, @containerId, @startIdempotencyKey, @planFacts, @at, @at)`,
      ).run({ ...deed, planFacts: JSON.stringify(deed.planFacts), step: stepsOfPlan(deed.plan)[0], at });
      const addStep = database.prepare(`INSERT INTO deed_step (deed_id, position, name, state) VALUES (?, ?, ?, 'waiting')`);
      stepsOfPlan(deed.plan).forEach((name, position) => addStep.run(deed.id, position, name));
    }),
    note: (deedId, facts) => change(deedId, () => writeFacts(deedId, facts)),
    beginStep: (deedId, step) => change(deedId, () => {
      database.prepare(`UPDATE deed_step SET state = 'running', attempts = attempts + 1, begun_at_utc = ?, ended_at_utc = NULL WHERE deed_id = ? AND name = ?`).run(nowUtc(), deedId, step);
      setDeed(deedId, 'running', step);
      writeFacts(deedId, {});
    }),
    endStep: (deedId, step, facts) => change(deedId, () => {
      database.prepare(`UPDATE deed_step SET state = 'done', ended_at_utc = ? WHERE deed_id = ? AND name = ?`).run(nowUtc(), deedId, step);
      const steps = stepsOfPlan(must(deedId).plan);
      const next = steps[steps.indexOf(step) + 1];
      setDeed(deedId, next === undefined ? 'completed' : 'running', next ?? null);
      writeFacts(deedId, facts);
    }),
    rewind: (deedId, step, facts) => change(deedId, () => {
      database.prepare(`UPDATE deed_step SET state = 'waiting', ended_at_utc = NULL WHERE deed_id = ? AND position >= ?`).run(deedId, stepsOfPlan(must(deedId).plan).indexOf(step));
      setDeed(deedId, 'running', step);
      writeFacts(deedId, facts);
    }),
    interrupt: (deedId, failure) => change(deedId, () => {
      database.prepare(`UPDATE deed_step SET state = 'failed', ended_at_utc = ? WHERE deed_id = ? AND state = 'running'`).run(nowUtc(), deedId);
      setDeed(deedId, 'interrupted', null);
      database.prepare('UPDATE deed SET failure = ? WHERE id = ?').run(JSON.stringify(failure), deedId);
      writeFacts(deedId, {});
    }),
    resume: (deedId) => change(deedId, () => {
      setDeed(deedId, 'running', null);
      writeFacts(deedId, {});
    }),
    finish: (deedId, state, facts) => change(deedId, () => {
      if (state === 'completed') database.prepare(`UPDATE deed_step SET state = 'done', ended_at_utc = coalesce(ended_at_utc, ?) WHERE deed_id = ?`).run(nowUtc(), deedId);
      setDeed(deedId, state, null);
      writeFacts(deedId, facts);
    }),
    close: () => database.close(),
  };
}

/** @returns null when there is no such deed. @throws JOURNAL_DAMAGED */
function readDeed(database: JournalDatabase, deedId: string): DeedRecord | null {
  const row = database.prepare<[string], DeedRow>('SELECT * FROM deed WHERE id = ?').get(deedId);
  if (!row) return null;
  const steps = database.prepare<[string], DeedRow>('SELECT name, state, attempts FROM deed_step WHERE deed_id = ? ORDER BY position').all(deedId);
  const record: unknown = {
    id: row['id'], kind: row['kind'], plan: row['plan'], state: row['state'], step: row['step'], steps,
    accountId: row['account_id'], driverId: row['driver_id'], tokenSerial: row['token_serial'], tokenModelId: row['token_model_id'],
    requestId: row['request_id'], requestNumber: row['request_number'], orderNumber: row['order_number'], companyName: row['company_name'], projectName: row['project_name'], keyAlgorithm: row['key_algorithm'],
    containerId: row['container_id'], startIdempotencyKey: row['start_idempotency_key'], codeNeeded: row['code_needed'] === null ? null : row['code_needed'] === 1,
    issuanceId: row['issuance_id'], csrDer: row['csr_der'] === null ? null : new Uint8Array(row['csr_der'] as Uint8Array),
    signCertificateSha256Hex: row['sign_certificate_sha256'], encryptionCertificateSha256Hex: row['encryption_certificate_sha256'],
    remainingQuantity: row['remaining_quantity'], planFacts: parseJson(row['plan_facts']), failure: parseJson(row['failure']), startedAtUtc: row['started_at_utc'], updatedAtUtc: row['updated_at_utc'],
  };
  if (!recordCheck.Check(record) || record.steps.map((step) => step.name).join() !== stepsOfPlan(record.plan).join()) throw new AppError('JOURNAL_DAMAGED', { deedId });
  return record;
}

function parseJson(text: DeedRow[string] | undefined): unknown {
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not JSON: the schema check refuses the row.
    return text;
  }
}

function toColumn(value: NonNullable<DeedFacts[keyof DeedFacts]> | null): string | number | Buffer | null {
  if (value === null) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Uint8Array) return Buffer.from(value);
  return typeof value === 'object' ? JSON.stringify(value) : value;
}
