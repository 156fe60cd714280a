/**
 * Property of the whole: whatever is asked, reviewed, paid, left to expire, written, killed, given up and revoked, in whatever order, with the real service and the real tool –
 * at most one pair in force per key and project; no code used twice; no money without a result or a refund; revoked is never valid again; and what could be opened
 * can be opened, from the key, from a history key, or from escrow. BIDKEY_FAULTS=all runs it longer; a failure prints the seed and the way there.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyPolicy } from '#shared/contract/rest/requests.ts';
import { KEY_KINDS } from '../support/key-kinds.ts';
import { createLife, relaxRules, type Life } from '../support/life.ts';
import { startCa, type RunningCa } from '../support/start-ca.ts';
import { startClient } from '../token/token-fixtures.ts';
import { opened } from '../writing/life-desk.ts';
import { buildPrograms, createCustomer, newDataFolder, removePrograms, type Customer } from './fault-world.ts';
import { allFaults } from './fault-kinds.ts';
import { ask, bootEngine, cancel, expire, giveUp, order, pay, restartService, resubmit, resume, review, staffEnds, withdraw, write, type Action, type Model, type Real } from './life-model.ts';

const RUNS = allFaults ? 60 : 3;
const LONGEST = allFaults ? 40 : 14;
const TIME_LIMIT_MS = allFaults ? 4 * 3_600_000 : 300_000;

let ca: RunningCa;
let customer: Customer;
let life: Life;
beforeAll(async () => {
  ca = await startCa();
  relaxRules(ca.dataFolder);
  customer = await createCustomer(ca.url);
  life = await createLife(ca.url, customer.session);
  await buildPrograms();
});
afterAll(async () => {
  removePrograms();
  await ca?.stop();
});

const at = fc.constantFrom(0, 1);
const policy = fc.constantFrom<KeyPolicy>('new-keys', 'same-keys');
const killAt = fc.record({ step: fc.nat(9), moment: fc.constantFrom('before' as const, 'during' as const, 'after' as const) });
/** Rarer things are fewer among equals. */
const anAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: at.map(order) },
  { weight: 5, arbitrary: fc.tuple(at, fc.constantFrom('renewal' as const, 'change' as const, 'reissue' as const, 'unlock' as const), policy).map((words) => ask(...words)) },
  { weight: 4, arbitrary: at.map((one) => review(one, true)) },
  { weight: 1, arbitrary: at.map((one) => review(one, false)) },
  { weight: 1, arbitrary: at.map(resubmit) },
  { weight: 1, arbitrary: at.map(withdraw) },
  { weight: 4, arbitrary: at.map(pay) },
  { weight: 1, arbitrary: at.map(cancel) },
  { weight: 1, arbitrary: at.map(expire) },
  { weight: 4, arbitrary: at.map((one) => write(one, null)) },
  { weight: 3, arbitrary: fc.tuple(at, killAt).map((words) => write(...words)) },
  { weight: 3, arbitrary: at.map(resume) },
  { weight: 1, arbitrary: at.map(giveUp) },
  { weight: 1, arbitrary: fc.tuple(at, fc.constantFrom('revoke' as const, 'suspend' as const, 'release' as const)).map((words) => staffEnds(...words)) },
  { weight: 1, arbitrary: fc.constant(restartService) },
);

const kinds = KEY_KINDS.filter(({ missing, algorithm, modelId }) => missing === null && modelId === 'bidkey-soft-ukey' && algorithm === 'sm2');

describe.skipIf(kinds.length === 0)('the life of two keys', () => {
  it('ok: in any order of actions, with kills, the invariants hold', async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom(...kinds), fc.array(anAction, { minLength: LONGEST, maxLength: LONGEST * 3 }), async (keyKind, actions) => {
      const first = await keyKind.create();
      const second = await first.addKey('second');
      const dataFolder = newDataFolder();
      const keys = [first, second].map((key) => ({ key, pin: key.pin, request: null, writtenOn: null }));
      const model: Model = { keys: keys.map(() => ({ pair: 'none', locked: false, request: null, unfinished: false })) };
      const real: Real = { keyKind, keys, ca, caUrl: ca.url, customer, life, dataFolder, secrets: [], engine: await bootEngine({ dataFolder, caUrl: ca.url, customer, keys }, null) };
      const way: string[] = [];
      try {
        for (const action of [order(0), write(0, null), ...actions]) {
          if (way.length > LONGEST || !action.mayRun(model)) continue;
          way.push(action.name);
          await action.run(model, real);
          await expectAsPredicted(model, real);
          expectInvariants(real);
        }
        await expectAllOpen(model, real);
      } catch (thrown) {
        throw new Error(`on ${keyKind.name}, after ${way.join(' → ')}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, { cause: thrown });
      } finally {
        await real.engine.kill();
        rmSync(dataFolder, { recursive: true, force: true });
        await first.dispose();
      }
    }), { numRuns: RUNS, endOnFailure: true });
  }, TIME_LIMIT_MS);
});

async function expectAsPredicted(model: Model, real: Real): Promise<void> {
  for (const [index, { request, unfinished, pair }] of model.keys.entries()) {
    const one = real.keys[index];
    if (request && one?.request) {
      // Killed in the midst, nobody knows how far it came.
      const possible = unfinished ? ['code-sent', 'writing', 'completed'] : [request.state];
      expect(possible, `request of key ${index}`).toContain((await life.now(one.request)).state);
    }
    const { items } = await customer.session.ca.searchCertificates({ query: { tokenSerial: one?.key.serial ?? '', limit: 100 } });
    const live = items.filter(({ state }) => state === 'active' || state === 'suspended').map(({ state }) => state);
    if (!model.keys.some((key) => key.unfinished)) expect(live, `pair of key ${index}`).toEqual(pair === 'active' || pair === 'suspended' ? [pair, pair] : []);
  }
}

const revokedOnce = new Set<string>();

/** From the service's own books, over everything that ever happened in this test. */
function expectInvariants(real: Real): void {
  const database = new Database(join(real.ca.dataFolder, 'ca.sqlite'), { readonly: true });
  try {
    const all = <T>(sql: string) => database.prepare(sql).all() as T[];
    expect(all(`SELECT token_serial, project_id, purpose FROM certificates WHERE state IN ('active', 'suspended') GROUP BY 1, 2, 3 HAVING count(*) > 1`), 'one pair in force per key and project').toEqual([]);
    expect(all(`SELECT code_id, token_serial FROM code_uses GROUP BY 1, 2 HAVING count(*) > 1`), 'no code is used twice for a key').toEqual([]);
    expect(all(`SELECT number, kind, quantity, written_quantity, open_quantity FROM requests WHERE written_quantity + open_quantity > quantity`), 'no more keys than were bought').toEqual([]);
    const revoked = all<{ serial_hex: string }>(`SELECT serial_hex FROM certificates WHERE state = 'revoked'`).map((row) => row.serial_hex);
    for (const serial of revoked) revokedOnce.add(serial);
    expect(revoked.length, 'revoked is for ever').toBe(revokedOnce.size);
    expectMoney(all(`SELECT r.number, r.kind, r.state, r.quantity, r.written_quantity AS written, coalesce((SELECT sum(f.amount_fen) FROM refunds f WHERE f.request_id = r.id), 0) AS refunded, r.item_json AS item FROM requests r JOIN orders o ON o.id = r.order_id WHERE o.paid_at_ms IS NOT NULL`));
  } finally {
    database.close();
  }
}

interface PaidRow { readonly number: string; readonly kind: string; readonly state: string; readonly quantity: number; readonly written: number; readonly refunded: number; readonly item: string }

/** Every paid key of a request that has ended was written or paid back. */
function expectMoney(rows: readonly PaidRow[]): void {
  for (const { number, kind, state, quantity, written, refunded, item } of rows) {
    const { unitPriceFen } = JSON.parse(item) as { unitPriceFen: number };
    if (['cancelled', 'expired', 'completed'].includes(state)) expect([number, kind, state, refunded]).toEqual([number, kind, state, (quantity - written) * unitPriceFen]);
    else expect([number, refunded]).toEqual([number, 0]);
  }
}

/** From a key, as current or history key; else the service has it in escrow. */
async function expectAllOpen(model: Model, real: Real): Promise<void> {
  await real.engine.kill();
  const driver = real.keys[0]?.key.driver ?? expect.unreachable();
  const client = await startClient([driver]);
  const found = new Set<string>();
  try {
    for (const [index, { key, pin }] of real.keys.entries()) {
      if (model.keys[index]?.locked) continue;
      for (const sha256Hex of await opened(client, key, pin, real.secrets)) found.add(sha256Hex);
    }
  } finally {
    await client.close();
  }
  const database = new Database(join(real.ca.dataFolder, 'ca.sqlite'), { readonly: true });
  const inEscrow = (sha256Hex: string) => database.prepare(`SELECT 1 FROM certificates c JOIN certificates e ON e.public_key_sha256 = c.public_key_sha256 JOIN escrowed_keys k ON k.certificate_serial_hex = e.serial_hex WHERE c.sha256_hex = ?`).get(sha256Hex) !== undefined;
  const lost = real.secrets.filter(({ certificateSha256Hex }) => !found.has(certificateSha256Hex) && !inEscrow(certificateSha256Hex));
  database.close();
  expect(lost.map(({ certificateSha256Hex }) => certificateSha256Hex), 'what could be opened can be opened').toEqual([]);
}
