/** Lists stay on their indexes: the first page and the last page of a hundred thousand rows are the same walk. Plans are asked of SQLite itself. */
import Sqlite from 'better-sqlite3';
import type { CompiledQuery } from 'kysely';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Records } from '../records.ts';
import { openSqlite, type Database } from './database.ts';
import { migrate } from './migrations.ts';
import { recordsOf } from './store.ts';

let folder: string;
let database: Database;
let plain: Sqlite.Database;
let last: CompiledQuery | null = null;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bidkey-plans-'));
  database = openSqlite(join(folder, 'ca.sqlite'), (query) => {
    last = query;
  });
  await migrate(database);
  plain = new Sqlite(join(folder, 'ca.sqlite'));
});
afterAll(async () => {
  plain.close();
  await database.destroy();
  await rm(folder, { recursive: true, force: true });
});

async function planOf(ask: (records: Records) => Promise<unknown>): Promise<string> {
  await ask(recordsOf(database));
  const rows = plain.prepare(`explain query plan ${last?.sql ?? ''}`).all(...(last?.parameters ?? [])) as { detail: string }[];
  return rows.map(({ detail }) => detail).join('\n');
}

const after = { createdAtMs: 1_000, id: 'abcdefgh' };

describe('pages', () => {
  it.each([
    ['orders, first page', (records: Records) => records.orders.page({ accountId: 'a' }, null, 21), 'orders_page'],
    ['orders, any later page', (records: Records) => records.orders.page({ accountId: 'a' }, after, 21), 'orders_page'],
    ['orders of one state, later page', (records: Records) => records.orders.page({ accountId: 'a', state: 'paid' }, after, 21), 'orders_state_page'],
    ['requests, first page', (records: Records) => records.requests.page({ accountId: 'a' }, null, 21), 'requests_page'],
    ['requests, later page', (records: Records) => records.requests.page({ accountId: 'a' }, after, 21), 'requests_page'],
    ['requests of one state, later page', (records: Records) => records.requests.page({ accountId: 'a', state: 'draft' }, after, 21), 'requests_state_page'],
    ['requests for one key, later page', (records: Records) => records.requests.page({ accountId: 'a', tokenSerial: 'T' }, after, 21), 'requests_token_page'],
    ['new issues to write, later page', (records: Records) => records.requests.toWritePage('a', after, 21), 'requests_to_write'],
    ['certificates of an account, later page', (records: Records) => records.certificates.page({ accountId: 'a' }, after, 21), 'certificates_page'],
    ['certificates of all accounts, later page', (records: Records) => records.certificates.page({}, after, 21), 'certificates_all_page'],
    ['messages, later page', (records: Records) => records.messages.page({}, after, 21), 'messages_page'],
    ['messages to one recipient, later page', (records: Records) => records.messages.page({ recipient: '1' }, after, 21), 'messages_recipient_page'],
  ])('ok: %s', async (_, ask, index) => {
    const plan = await planOf(ask);
    expect(plan).toMatch(new RegExp(`USING (COVERING )?INDEX ${index}\\b`));
    expect(plan).not.toContain('TEMP B-TREE');
    if (_.includes('later')) expect(plan).toMatch(/\(created_at_ms,(id|serial_hex)\)<\(\?,\?\)/);
  });

  it('ok: the reviewers’ list, oldest first', async () => {
    const plan = await planOf((records) => records.requests.reviewPage({ state: 'submitted' }, after, 21));
    expect(plan).toMatch(/USING INDEX requests_review \(state=\? AND \(created_at_ms,id\)>\(\?,\?\)\)/);
    expect(plan).not.toContain('TEMP B-TREE');
  });

  it.each([
    ['requests whose time has come', (records: Records) => records.requests.expired(1, 100), 'requests_expiry'],
    ['the request in a slot', (records: Records) => records.requests.inSlot('s'), 'requests_open_slot'],
    ['requests about a certificate', (records: Records) => records.requests.completedAbout('00', ['renewal']), 'requests_certificate'],
    ['requests of an order', (records: Records) => records.requests.ofOrder('o'), 'requests_order'],
    ['the live pair of a project on a key', (records: Records) => records.certificates.livePair('p T'), 'certificates_one_live_pair'],
    ['certificates on a key', (records: Records) => records.certificates.onToken('T'), 'certificates_token'],
    ['the escrowed key of a certificate', (records: Records) => records.issuances.escrowOf('00'), 'escrowed_keys_certificate'],
    ['open sessions of a certificate', (records: Records) => records.sessions.endOfCertificates(['00'], 1), 'sessions_certificate'],
    ['open sessions of an account', (records: Records) => records.sessions.endOthers('a', 's', 1), 'sessions_account'],
    ['materials of requests that came to nothing', (records: Records) => records.requests.materialsOfEnded(1, 100), 'request_materials_not_approved'],
    ['the payment of an order', (records: Records) => records.payments.paidOfOrder('o'), 'payments_order'],
    ['what was given back for a request', (records: Records) => records.refunds.ofRequests(['r']), 'refunds_request'],
    ['what was given back of a payment', (records: Records) => records.refunds.ofPayment('p'), 'refunds_payment'],
    ['bound certificates of a foreign CA', (records: Records) => records.bindings.ofTrustedCa('c'), 'bindings_trusted_ca'],
  ])('ok: %s is found by an index', async (_, ask, index) => {
    expect(await planOf(ask)).toMatch(new RegExp(`USING (COVERING )?INDEX ${index}\\b`));
  });

  it('ok: audit entries by their number', async () => {
    expect(await planOf((records) => records.audit.page(50_000, 20))).toContain('USING INTEGER PRIMARY KEY (rowid>?)');
  });
});

describe('look-ups', () => {
  it.each([
    ['certificates of a key', (records: Records) => records.certificates.onToken('T1'), 'certificates_token'],
    ['the newest issuance on a key', (records: Records) => records.issuances.newestOnToken('T1'), 'issuances_token'],
    ['bindings of a certificate', (records: Records) => records.bindings.ofCertificate('00'), 'bindings_certificate'],
    ['bindings of an account', (records: Records) => records.bindings.ofAccount('a'), 'bindings_account'],
    ['expired challenges', (records: Records) => records.challenges.removeExpired(1), 'key_challenges_age'],
    ['deliveries of an escrowed key', (records: Records) => records.recoveries.deliveries('r', '00'), 'restored_keys_request'],
    ['revoked certificates of a CA', (records: Records) => records.certificates.revoked('ca', { notAfterMs: 1, serialHex: '00' }, 100), 'certificates_on_lists'],
  ])('ok: %s by an index', async (_, ask, index) => {
    expect(await planOf(ask)).toMatch(new RegExp(`USING (COVERING )?INDEX ${index}\\b`));
  });
});

describe('what the database itself refuses', () => {
  const refused = (statement: string) => {
    try {
      plain.exec(statement);
      return 'taken';
    } catch (thrown) {
      return thrown instanceof Sqlite.SqliteError ? thrown.code : String(thrown);
    }
  };

  it('refuses: a wrong type, a reference to nothing, a request written more often than it was paid', () => {
    plain.pragma('foreign_keys = ON');
    plain.exec(`insert into accounts (id, login_name, login_name_key, password_hash, kind, role, display_name, phone, created_at_ms) values ('acc', 'n', 'n', 'h', 'person', 'subscriber', 'd', '1', 1);
      insert into projects values ('p', 'n', 'rsa-2048', 1, 1, '{}'); insert into catalogue_items values ('i', 'p', 's', 'person', 'new-issue', 1, 1, 1);
      insert into orders (id, number, account_id, project_id, state, total_fen, created_at_ms) values ('o', 'N', 'acc', 'p', 'paid', 1, 1);
      insert into requests (id, number, account_id, project_id, kind, state, version, key_algorithm, certificate_type, token_serial, quantity, written_quantity, open_quantity, open_slot, created_at_ms, state_since_ms) values ('l', 'L', 'acc', 'p', 'renewal', 'code-sent', 1, 'rsa-2048', 'person', 'T', 1, 0, 0, 'certificates:p:T', 1, 1);
      insert into order_lines (id, order_id, account_id, item_id, item_json, position, created_at_ms) values ('l', 'o', 'acc', 'i', '{}', 0, 1)`);
    expect(refused(`update orders set total_fen = 'much' where id = 'o'`)).toBe('SQLITE_CONSTRAINT_DATATYPE');
    expect(refused(`update orders set account_id = 'nobody' where id = 'o'`)).toBe('SQLITE_CONSTRAINT_FOREIGNKEY');
    expect(refused(`update orders set state = 'free' where id = 'o'`)).toBe('SQLITE_CONSTRAINT_CHECK');
    expect(refused(`update requests set open_quantity = 1, written_quantity = 1 where id = 'l'`)).toBe('SQLITE_CONSTRAINT_CHECK');
    expect(refused(`update requests set open_quantity = -1 where id = 'l'`)).toBe('SQLITE_CONSTRAINT_CHECK');
    expect(refused(`update requests set state = 'free' where id = 'l'`)).toBe('SQLITE_CONSTRAINT_CHECK');
  });

  it('refuses: a second request under way for the same key, and a second live pair of a project on it', () => {
    plain.pragma('foreign_keys = OFF');
    const copy = (id: string, slot: string) => `insert into requests select '${id}', '${id}', account_id, project_id, kind, state, version, key_algorithm, certificate_type, token_serial, token_model_id, certificate_serial_hex, subject_json, change_kind_id, key_policy, revocation_reason, old_key_handling, item_id, item_json, quantity, written_quantity, open_quantity, order_id, rejection_reason, claimed_by_staff_id, risk_notice_version, risk_notice_signature, risk_notice_at_ms, '${slot}', created_at_ms, submitted_at_ms, paid_at_ms, state_since_ms, expires_at_ms from requests where id = 'l'`;
    expect(refused(copy('m', 'certificates:p:T'))).toBe('SQLITE_CONSTRAINT_UNIQUE');
    expect(refused(copy('n', 'certificates:p:U'))).toBe('taken');
    const certificate = (serial: string, issuance: string, state: string) => `insert into certificates (serial_hex, account_id, issuance_id, project_id, ca_id, purpose, state, subject, issuer, project_name, token_serial, sha256_hex, public_key_sha256, key_of_before, pair_key, public_key_spki_der, certificate_der, not_before_ms, not_after_ms, created_at_ms) values ('${serial}', 'acc', '${issuance}', 'p', 'ca', 'sign', '${state}', 's', 'i', 'n', 'T', 'f', '${serial}', 0, 'p T', x'', x'', 1, 2, 1)`;
    expect(refused(certificate('01', 'one', 'active'))).toBe('taken');
    expect(refused(certificate('02', 'two', 'pending'))).toBe('taken');
    expect(refused(`update certificates set state = 'active' where serial_hex = '02'`)).toBe('SQLITE_CONSTRAINT_UNIQUE');
    expect(refused(`update certificates set state = 'suspended' where serial_hex = '01'`)).toBe('taken');
    expect(refused(`update certificates set state = 'active' where serial_hex = '02'`)).toBe('SQLITE_CONSTRAINT_UNIQUE');
    expect(refused(`update certificates set state = 'revoked' where serial_hex = '01'`)).toBe('taken');
    expect(refused(`update certificates set state = 'active' where serial_hex = '02'`)).toBe('taken');
  });
});
