/** The audit log: whole after real work, and every kind of tampering found; no secrets in it. */
import Sqlite from 'better-sqlite3';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_EVENTS } from '../../src-ca/audit/audit-events.ts';
import { recordFirstStart } from '../../src-ca/audit/record-first-start.ts';
import { verifyAudit } from '../../src-ca/audit/read-audit.ts';
import { certify, customer, newSerial, otherThan, paidOrder, start, startBody, type Customer, type PaidOrder } from './support/journeys.ts';
import { subscriber } from './support/subscriber.ts';
import { newKey, testCa, type TestCa } from './support/test-ca.ts';

let ca: TestCa;
let who: Customer;
let paid: PaidOrder;
let staffToken: string;
beforeAll(async () => {
  ca = await testCa();
  who = await customer(ca);
  paid = await paidOrder(ca, who);
  await ca.refusal('startIssuance', { token: who.token, idempotencyKey: newKey(), body: startBody(paid, newSerial(), otherThan(paid.code)) });
  const key = subscriber();
  const certified = await certify(ca, who, await start(ca, who, paid, newSerial()), key);
  await ca.call('completeIssuance', { token: who.token, params: { issuanceId: certified.id }, body: key.proof(certified) });
  const password = ca.ports.service.sandbox?.demoLogin?.password ?? '';
  staffToken = (await ca.call('createSession', { body: { loginName: 'demo-staff', password } })).accessToken;
});
afterAll(() => ca.stop());

async function everyEntry() {
  const entries = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof ca.call<'listAudit'>>> = await ca.call('listAudit', { token: staffToken, query: { limit: 7, ...(after === null ? {} : { after }) } });
    entries.push(...page.items);
    after = page.next;
  } while (after !== null);
  return entries;
}

it('ok: tells the whole story in order, with events of the table only', async () => {
  const entries = await everyEntry();
  expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_, index) => index + 1));
  for (const { event } of entries) expect(Object.keys(AUDIT_EVENTS)).toContain(event);
  const mine = entries.filter(({ actor }) => actor === who.accountId).map(({ event }) => event);
  // The request moves with each: ordered, being written, completed.
  expect(mine).toEqual([
    'account.registered', 'account.login', 'request.moved', 'order.created', 'payment.started', 'code.sent', 'code.wrong', 'request.moved', 'issuance.started', 'issuance.intent', 'issuance.certified', 'request.moved', 'issuance.completed',
  ]);
});

it('ok: holds neither codes nor passwords nor tokens', async () => {
  const text = JSON.stringify((await everyEntry()).map(({ hashHex: _, ...entry }) => entry));
  for (const secret of ['three-blue-lanterns', who.token, who.refreshToken]) expect(text).not.toContain(secret);
  expect(text).not.toMatch(new RegExp(`"[^"]*"\\s*:\\s*"?(${paid.code}|${otherThan(paid.code)})"?[,}]`));
});

describe('tampering', () => {
  const open = () => new Sqlite(join(ca.dataFolder, 'ca.sqlite'));
  /** Does something to the file, lets the service go on if asked to, looks, and takes it back. */
  async function after(change: string, goOn: () => Promise<unknown> = async () => undefined): Promise<{ valid: boolean; firstBrokenSequence: number | null }> {
    const file = open();
    try {
      file.exec('create temp table kept as select * from audit_log; create temp table kept_head as select * from audit_head;');
      file.exec(change);
      await goOn();
      const { valid, firstBrokenSequence } = await verifyAudit(ca.ports);
      file.exec('delete from audit_log; insert into audit_log select * from kept; delete from audit_head; insert into audit_head select * from kept_head;');
      return { valid, firstBrokenSequence };
    } finally {
      file.close();
    }
  }

  const logInAgain = () => ca.refusal('createSession', { body: { loginName: `nobody-${newKey()}`, password: 'wrong' } });

  it.each([
    ['the last entries cut off', 'delete from audit_log where sequence > (select max(sequence) - 2 from audit_log); update audit_head set sequence = (select max(sequence) from audit_log), hash_hex = (select hash_hex from audit_log order by sequence desc limit 1)'],
    ['a forged end', `update audit_head set mac_hex = '${'ab'.repeat(32)}'`],
    ['a log emptied whole', 'delete from audit_log; delete from audit_head'],
  ])('refuses: %s, also after the service has gone on writing and was started again', async (_, change) => {
    const goOn = async () => {
      await logInAgain();
      await recordFirstStart(ca.ports);
      await logInAgain();
    };
    expect((await after(change, goOn)).valid).toBe(false);
    expect((await after('select 1', goOn)).valid).toBe(true);
  });

  it('refuses: an emptied log is not begun anew by a start', async () => {
    expect((await after('delete from audit_log; delete from audit_head', () => recordFirstStart(ca.ports))).valid).toBe(false);
  });

  it('ok: the log begins with the first start', async () => {
    expect((await everyEntry())[0]?.event).toBe('service.first-start');
  });

  it('ok: untouched, and again after each change was taken back', async () => {
    expect(await after('select 1')).toEqual({ valid: true, firstBrokenSequence: null });
    expect(await ca.call('verifyAudit', { token: staffToken })).toMatchObject({ valid: true });
  });

  it.each([
    ['a changed detail', `update audit_log set details_json = '{}' where sequence = 5`, 5],
    ['a changed time', 'update audit_log set at_ms = at_ms + 1 where sequence = 3', 3],
    ['a changed actor', `update audit_log set actor = 'system' where sequence = (select min(sequence) from audit_log where actor <> 'system')`, 1],
    ['a removed entry', 'delete from audit_log where sequence = 4', 4],
    ['two entries exchanged', 'update audit_log set sequence = -sequence where sequence in (2, 3); update audit_log set sequence = 5 + sequence where sequence < 0', 2],
    ['an entry with its hash made new, but not those after it', `update audit_log set hash_hex = '${'ab'.repeat(32)}' where sequence = 6`, 6],
  ])('refuses: %s', async (_, change, firstBrokenSequence) => {
    const found = await after(change);
    expect(found.valid).toBe(false);
    expect(found.firstBrokenSequence).toBeGreaterThanOrEqual(firstBrokenSequence);
    expect(found.firstBrokenSequence).toBeLessThanOrEqual(firstBrokenSequence + 1);
  });

  it('refuses: the last entries cut off, even with a head to match', async () => {
    const cut = 'delete from audit_log where sequence > (select max(sequence) - 2 from audit_log);';
    expect((await after(cut)).valid).toBe(false);
    expect((await after(`${cut} update audit_head set sequence = (select max(sequence) from audit_log), hash_hex = (select hash_hex from audit_log order by sequence desc limit 1)`)).valid).toBe(false);
    expect((await after('delete from audit_log; delete from audit_head')).valid).toBe(false);
  });
});
