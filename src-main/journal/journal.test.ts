/** The journal on a real file: what it keeps, what it survives, and what it refuses to read. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEED_PLANS, type DeedPlanId, type DeedStepName } from '#shared/contract/desktop/deed-plans.ts';
import { NEW_ISSUE_STEPS } from '#shared/contract/desktop/deeds.ts';
import type { NewDeed } from './deed-record.ts';
import { openJournal } from './journal.ts';

const DEED: NewDeed = {
  id: 'deed-0001', kind: 'new-issue', plan: 'new-issue', planFacts: {}, requestNumber: 'SQ1', accountId: 'account-1', driverId: 'softhsm2', tokenSerial: 'ABCDEF', tokenModelId: 'softhsm2', requestId: 'line-0001', orderNumber: 'N1', companyName: '浙江某某公司',
  projectName: 'P', keyAlgorithm: 'rsa-2048', containerId: '0123456789abcdef0123456789abcdef', startIdempotencyKey: '0b7a1c5e-0000-4000-8000-000000000000',
};
/** As BidKey 0.1 wrote it: the layout, and a deed that was stopped in its fourth step. */
const LAYOUT_1 = `
  CREATE TABLE deed (id TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('running', 'interrupted', 'completed', 'cancelled')), step TEXT NOT NULL, account_id TEXT NOT NULL, driver_id TEXT NOT NULL,
    token_serial TEXT NOT NULL, token_model_id TEXT NOT NULL, order_line_id TEXT NOT NULL, order_number TEXT NOT NULL, company_name TEXT NOT NULL, project_name TEXT NOT NULL, key_algorithm TEXT NOT NULL, container_id TEXT NOT NULL,
    start_idempotency_key TEXT NOT NULL, code_needed INTEGER, issuance_id TEXT, csr_der BLOB, sign_certificate_sha256 TEXT, encryption_certificate_sha256 TEXT, remaining_quantity INTEGER, failure TEXT, started_at_utc TEXT NOT NULL, updated_at_utc TEXT NOT NULL) STRICT;
  CREATE INDEX deed_by_state ON deed (state);
  CREATE TABLE deed_step (deed_id TEXT NOT NULL REFERENCES deed (id), position INTEGER NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')), attempts INTEGER NOT NULL DEFAULT 0,
    begun_at_utc TEXT, ended_at_utc TEXT, PRIMARY KEY (deed_id, position)) STRICT, WITHOUT ROWID;
  INSERT INTO deed VALUES ('deed-0001', 'new-issue', 'interrupted', 'import-keys', 'account-1', 'softhsm2', 'ABCDEF', 'softhsm2', 'line-0001', 'N1', 'C', 'P', 'rsa-2048', '0123456789abcdef0123456789abcdef',
    '0b7a1c5e-0000-4000-8000-000000000000', 0, 'issuance-1', x'3000', '${'a'.repeat(64)}', '${'b'.repeat(64)}', NULL, '{"code":"TOKEN_REMOVED","details":{}}', '2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05.678Z');
  INSERT INTO deed_step VALUES ('deed-0001', 0, 'start', 'done', 1, NULL, NULL), ('deed-0001', 1, 'generate', 'done', 1, NULL, NULL), ('deed-0001', 2, 'request', 'done', 1, NULL, NULL), ('deed-0001', 3, 'import-keys', 'failed', 1, NULL, NULL),
    ('deed-0001', 4, 'import-certificates', 'waiting', 0, NULL, NULL), ('deed-0001', 5, 'prove', 'waiting', 0, NULL, NULL), ('deed-0001', 6, 'complete', 'waiting', 0, NULL, NULL);
  PRAGMA user_version = 1;`;
let folder = '';
const now = () => new Date('2026-01-02T03:04:05.678Z');
const path = () => join(folder, 'journal.db');
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'bidkey-journal-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('journal', () => {
  it('ok: a deed goes through its steps and every call is on disk when it returns', () => {
    const { journal } = openJournal(path(), now);
    journal.create(DEED);
    for (const step of NEW_ISSUE_STEPS) {
      expect(journal.beginStep(DEED.id, step)).toMatchObject({ state: 'running', step });
      // Read through a second connection: nothing waits in memory.
      const other = new Database(path(), { readonly: true });
      expect(other.prepare('SELECT state FROM deed_step WHERE name = ?').pluck().get(step)).toBe('running');
      other.close();
      journal.endStep(DEED.id, step, step === 'request' ? { csrDer: Uint8Array.of(0x30, 0) } : {});
    }
    const done = journal.get(DEED.id);
    expect(done).toMatchObject({ state: 'completed', csrDer: Uint8Array.of(0x30, 0), failure: null });
    expect(done?.steps.every((step) => step.state === 'done' && step.attempts === 1)).toBe(true);
    expect(journal.listUnfinished()).toEqual([]);
    journal.close();
  });

  it('ok: commits survive a power cut of the disk cache (synchronous FULL, WAL)', () => {
    const { journal } = openJournal(path(), now);
    journal.create(DEED);
    journal.close();
    const other = new Database(path());
    expect(other.pragma('journal_mode', { simple: true })).toBe('wal');
    other.close();
  });

  it('ok: an interrupted deed keeps its failure, and resuming clears it', () => {
    const { journal } = openJournal(path(), now);
    journal.create(DEED);
    journal.beginStep(DEED.id, 'start');
    const failure = { code: 'CA_UNREACHABLE', details: { reason: 'connect', list: ['a'] }, traceId: 't1' };
    expect(journal.interrupt(DEED.id, failure)).toMatchObject({ state: 'interrupted', step: 'start', failure, steps: expect.arrayContaining([{ name: 'start', state: 'failed', attempts: 1 }]) as unknown });
    expect(journal.resume(DEED.id)).toMatchObject({ state: 'running', failure: null });
    expect(journal.beginStep(DEED.id, 'start').steps[0]).toEqual({ name: 'start', state: 'running', attempts: 2 });
    journal.close();
  });

  it('ok: rewinding makes the step and those after it wait again', () => {
    const { journal } = openJournal(path(), now);
    journal.create(DEED);
    for (const step of NEW_ISSUE_STEPS.slice(0, 4)) {
      journal.beginStep(DEED.id, step);
      journal.endStep(DEED.id, step, {});
    }
    const record = journal.rewind(DEED.id, 'request', {});
    expect(record.step).toBe('request');
    expect(record.steps.map((step) => step.state)).toEqual(['done', 'done', 'waiting', 'waiting', 'waiting', 'waiting', 'waiting']);
    journal.close();
  });

  it('ok: a deed of every plan goes through its own steps and keeps what its plan remembers', () => {
    const { journal } = openJournal(path(), now);
    for (const [index, [plan, steps]] of (Object.entries(DEED_PLANS) as [DeedPlanId, readonly DeedStepName[]][]).entries()) {
      const id = `deed-100${index}`;
      journal.create({ ...DEED, id, plan, planFacts: { oldContainerId: null } });
      for (const step of steps) {
        journal.beginStep(id, step);
        journal.note(id, { planFacts: { oldContainerId: null, administratorPin: 'unknown' } });
        journal.endStep(id, step, {});
      }
      expect(journal.get(id)).toMatchObject({ plan, state: 'completed', planFacts: { administratorPin: 'unknown' } });
    }
    journal.close();
  });

  it('ok: a journal of layout 1, from before there were requests, is read on: its unfinished deed stands where it stood', () => {
    const old = new Database(path());
    old.exec(LAYOUT_1);
    old.close();
    const { journal, setAsideAs } = openJournal(path(), now);
    expect(setAsideAs).toBe(null);
    const [deed] = journal.listUnfinished();
    expect(deed).toMatchObject({ id: 'deed-0001', kind: 'new-issue', plan: 'new-issue', step: 'import-keys', requestId: 'line-0001', requestNumber: '', planFacts: {}, csrDer: Uint8Array.of(0x30, 0) });
    journal.resume('deed-0001');
    for (const step of ['import-keys', 'import-certificates', 'prove', 'complete'] as const) {
      journal.beginStep('deed-0001', step);
      journal.endStep('deed-0001', step, {});
    }
    expect(journal.get('deed-0001')?.state).toBe('completed');
    journal.close();
  });

  it.each([
    ['holding a plan that its steps do not have', () => {
      const database = new Database(path());
      database.prepare(`UPDATE deed SET plan = 'unlock'`).run();
      database.close();
    }],
    ['holding facts that break their schema', () => {
      const database = new Database(path());
      database.prepare(`UPDATE deed SET plan_facts = '{"administratorPin":"73916428"}'`).run();
      database.close();
    }],
    ['overwritten with text', () => writeFileSync(path(), 'this is no database, it is a note that someone saved under this name')],
    ['cut short', () => truncateSync(path(), 5000)],
    ['overwritten in the middle', () => {
      const bytes = readFileSync(path());
      bytes.fill(0xff, 4096, 4096 * 3);
      writeFileSync(path(), bytes);
    }],
    ['holding a row that breaks its schema', () => {
      const database = new Database(path());
      database.prepare(`UPDATE deed SET container_id = '../../etc'`).run();
      database.close();
    }],
    ['holding a failure that is not JSON', () => {
      const database = new Database(path());
      database.prepare(`UPDATE deed SET failure = '{'`).run();
      database.close();
    }],
    ['made by a newer version', () => {
      const database = new Database(path());
      database.pragma('user_version = 99');
      database.close();
    }],
  ])('refuses: a journal %s is set aside whole, and a new one begun', (_, damage) => {
    const first = openJournal(path(), now);
    first.journal.create(DEED);
    first.journal.close();
    damage();
    const before = readFileSync(path());
    const { journal, setAsideAs } = openJournal(path(), now);
    expect(journal.listUnfinished()).toEqual([]);
    expect(setAsideAs).toBe(`${path()}.damaged-2026-01-02T03-04-05-678Z`);
    expect(readFileSync(setAsideAs ?? '').equals(before)).toBe(true);
    journal.create(DEED);
    journal.close();
    expect(readdirSync(folder).filter((name) => name.includes('damaged')).length).toBeGreaterThan(0);
  });
});
