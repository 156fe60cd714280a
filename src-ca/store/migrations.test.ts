/** Migrations: all or nothing, so that a start that failed or was killed in the middle of one can be repeated; and what stood in the old tables stands in the new ones. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqlite, type Database } from './database.ts';
import { migrate, MIGRATIONS } from './migrations.ts';
import { recordsOf } from './store.ts';

let folder: string;
let database: Database;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidkey-migrations-'));
  database = openSqlite(join(folder, 'ca.sqlite'));
});
afterEach(async () => {
  await database.destroy();
  rmSync(folder, { recursive: true });
});

const upTo = (name: string) => Object.fromEntries(Object.entries(MIGRATIONS).filter(([one]) => one <= name));
const tables = async () => (await database.introspection.getTables()).map(({ name }) => name);
async function run(...statements: string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}

it.each(Object.keys(MIGRATIONS))('ok: %s stopped in the middle leaves nothing of it, and the next start makes it whole', async (name) => {
  const before = Object.fromEntries(Object.entries(MIGRATIONS).filter(([one]) => one < name));
  if (Object.keys(before).length > 0) await migrate(database, before);
  const stoodBefore = await tables();
  const stopping = { ...before, [name]: { up: async (db: Parameters<(typeof MIGRATIONS)[string]['up']>[0]) => {
    await MIGRATIONS[name]?.up(db);
    throw new Error('stopped');
  } } };
  await expect(migrate(database, stopping)).rejects.toThrow('stopped');
  expect(await tables()).toEqual(stoodBefore);
  await migrate(database);
  await migrate(database);
  expect(await tables()).toEqual(expect.arrayContaining(['accounts', 'requests']));
  const { rows } = await sql<{ foreign_keys: number }>`pragma foreign_keys`.execute(database);
  expect(rows).toEqual([{ foreignKeys: 1 }]);
});

/** A data folder of before there were requests: an order of each state, keys written, begun and given up, a code used, and – from before there was a rule – two live pairs on one key. */
async function oldFolder(): Promise<void> {
  await migrate(database, upTo('0001-first-tables'));
  const order = (id: string, state: string, paid: string) => `insert into orders (id, number, account_id, project_id, state, total_fen, created_at_ms, paid_at_ms) values ('${id}', 'BK${id}', 'account', 'project', '${state}', 200, 10, ${paid})`;
  const line = (id: string, orderId: string, quantities: string, toWrite: number) => `insert into order_lines (id, order_id, account_id, item_id, item_json, subject_json, position, quantity, written_quantity, open_quantity, to_write, created_at_ms) values ('${id}', '${orderId}', 'account', 'item', '{"certificateType":"organisation","unitPriceFen":100,"years":1}', '{"commonName":"x"}', 0, ${quantities}, ${toWrite}, 10)`;
  const issuance = (id: string, state: string, token: string) => `insert into issuances (id, account_id, order_id, order_line_id, code_use_id, ca_id, state, token_serial, token_model_id, key_algorithm, subject_json, csr_subject_der, started_at_ms) values ('${id}', 'account', 'o-writing', 'l-writing', 'use', 'ca', '${state}', '${token}', 'm', 'rsa-2048', '{}', x'00', 30)`;
  const certificate = (serial: string, issuanceId: string, purpose: string, state: string, token: string, at: number) => `insert into certificates (serial_hex, account_id, issuance_id, ca_id, purpose, state, subject, issuer, project_name, token_serial, sha256_hex, public_key_sha256, public_key_spki_der, certificate_der, not_before_ms, not_after_ms, created_at_ms) values ('${serial}', 'account', '${issuanceId}', 'ca', '${purpose}', '${state}', 's', 'i', 'n', '${token}', 'f', 'key-${serial}', x'01', x'02', 1, 2, ${at})`;
  await run(
    `insert into accounts (id, login_name, login_name_key, password_hash, kind, role, display_name, phone, created_at_ms) values ('account', 'n', 'n', 'h', 'organisation', 'subscriber', 'd', '1', 1)`,
    `insert into projects values ('project', 'n', 'rsa-2048', 1, 1)`, `insert into catalogue_items values ('item', 'project', 's', 'organisation', 'new-issue', 1, 100, 1)`,
    order('o-unpaid', 'awaiting-payment', 'null'), order('o-cancelled', 'cancelled', 'null'), order('o-paid', 'paid', '20'), order('o-writing', 'writing', '20'), order('o-done', 'completed', '20'),
    line('l-unpaid', 'o-unpaid', '2, 0, 0', 0), line('l-cancelled', 'o-cancelled', '2, 0, 0', 0), line('l-paid', 'o-paid', '2, 0, 0', 1), line('l-writing', 'o-writing', '4, 2, 1', 1), line('l-done', 'o-done', '1, 1, 0', 0),
    `insert into payments (id, order_id, state, checkout_url, amount_fen, created_at_ms) values ('pay', 'o-paid', 'paid', 'u', 200, 15)`,
    `insert into authorization_codes (id, order_line_id, operation, salt_hex, code_mac_hex, tries_left, created_at_ms, expires_at_ms) values ('code', 'l-writing', 'new-issue', 's', 'm', 5, 20, 99)`,
    `insert into code_uses (id, code_id, order_line_id, token_serial, used_at_ms) values ('use', 'code', 'l-writing', 'T1', 30)`,
    issuance('i1', 'completed', 'T1'), issuance('i2', 'completed', 'T1'), issuance('i3', 'certified', 'T2'), issuance('i4', 'cancelled', 'T1'),
    certificate('01', 'i1', 'sign', 'active', 'T1', 40), certificate('02', 'i1', 'encrypt', 'active', 'T1', 40), certificate('03', 'i2', 'sign', 'active', 'T1', 50), certificate('04', 'i2', 'encrypt', 'active', 'T1', 50),
    certificate('05', 'i3', 'sign', 'pending', 'T2', 60), certificate('06', 'i4', 'sign', 'revoked', 'T1', 70),
    `insert into issued_pairs (issuance_id, sign_serial_hex, encrypt_serial_hex, public_key_sha256, chain_json, envelope_json, decrypted_sha256, sign_nonce, decrypt_ciphertext) values ('i1', '01', '02', 'k', '[]', '{}', 'd', x'00', x'00')`,
    `insert into escrowed_keys (id, issuance_id, certificate_serial_hex, algorithm, wrapping_key_id, public_key_spki_der, wrapped_private_key, created_at_ms) values ('e', 'i1', '02', 'rsa-2048', 'w', x'01', x'03', 40)`,
  );
}

it('ok: order lines of an old folder become requests with their ids, quantities, codes and issuances; the newest of two live pairs takes the place', async () => {
  await oldFolder();
  await migrate(database);
  const records = recordsOf(database);
  const stateOf = async (id: string) => {
    const row = await records.requests.byId(id);
    return row === null ? null : `${row.state} ${row.quantity}/${row.writtenQuantity}/${row.openQuantity} ${row.kind} ${row.certificateType} ${row.orderId}`;
  };
  expect(await stateOf('l-unpaid')).toBe('awaiting-payment 2/0/0 new-issue organisation o-unpaid');
  expect(await stateOf('l-cancelled')).toBe('cancelled 2/0/0 new-issue organisation o-cancelled');
  expect(await stateOf('l-paid')).toBe('code-sent 2/0/0 new-issue organisation o-paid');
  expect(await stateOf('l-writing')).toBe('writing 4/2/1 new-issue organisation o-writing');
  expect(await stateOf('l-done')).toBe('completed 1/1/0 new-issue organisation o-done');
  expect((await records.requests.toWritePage('account', null, 10)).map(({ id }) => id).sort()).toEqual(['l-paid', 'l-writing']);
  expect((await records.orders.lines(['o-writing'])).map(({ id, quantity, writtenQuantity }) => [id, quantity, writtenQuantity])).toEqual([['l-writing', 4, 2]]);
  expect((await records.requests.events(['l-writing'])).map(({ event, toState }) => `${event} ${toState}`)).toEqual(['order awaiting-payment', 'carried-over writing']);
  expect(await records.codes.newest('l-writing', 'new-issue')).toMatchObject({ id: 'code', triesLeft: 5 });
  expect(await records.codes.useForKey('l-writing', 'T1')).toMatchObject({ id: 'use' });
  expect(await records.issuances.byId('i3')).toMatchObject({ requestId: 'l-writing', projectId: 'project', state: 'certified' });
  expect((await records.issuances.openForToken('T2'))?.id).toBe('i3');
  expect(await records.issuances.pair('i1')).toMatchObject({ envelopeJson: '{}' });
  expect((await records.issuances.escrowOf('02'))?.id).toBe('e');
  expect((await records.certificates.livePair('project T1'))?.serialHex).toBe('03');
  expect((await records.certificates.bySerial('01'))?.state).toBe('active');
  expect(await records.catalogue.project('project')).toMatchObject({ rulesJson: '{}' });
  // Every number is one of its own, and the last line of defence is there.
  await expect(run(`update requests set open_quantity = 9 where id = 'l-paid'`)).rejects.toThrow(/CHECK/);
  await expect(run(`update order_lines set id = 'nobody' where id = 'l-paid'`)).rejects.toThrow(/FOREIGN KEY/);
});

it('refuses: to go on when a reference leads nowhere after a migration; nothing of it stays', async () => {
  const breaking = { ...upTo('0001-first-tables'), '0002-breaking': { up: async (db: Parameters<(typeof MIGRATIONS)[string]['up']>[0]) => void (await sql.raw(`insert into sessions (id, account_id, created_at_ms) values ('s', 'nobody', 1)`).execute(db)) } };
  await expect(migrate(database, breaking)).rejects.toThrow('references lead nowhere');
  expect(await tables()).toEqual([]);
});
