/** Moving requests through their table over HTTP with 100,000 requests in the database, beside plain SQLite transactions that write as many rows to the same file. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';
import type { Request } from '#shared/contract/rest/requests.ts';
import type { Order } from '#shared/contract/rest/orders.ts';
import { logInAs, serviceCaller, value } from '../ca/support/service-calls.ts';
import { startCa } from '../support/start-ca.ts';
import { benchRow, percentile, type Bench, type BenchRow } from './bench-row.ts';

const REQUESTS = 100_000;
const ROUNDS = 100;
/** What a move writes: the request, its event, the audit entry and the head of its chain, the message. */
const ROWS_A_MOVE = 5;
const STATES = ['draft', 'submitted', 'in-review', 'rejected', 'awaiting-payment', 'code-sent', 'completed', 'withdrawn', 'expired', 'cancelled'];

/** Copies a request of the demo 100,000 times over, in all states, each with two events. */
function multiplyRequests(databaseFile: string): void {
  const database = new Database(databaseFile);
  const columns = (database.pragma('table_info(requests)') as { name: string }[]).map(({ name }) => name);
  const own: Readonly<Record<string, string>> = { id: `'bench-request-' || :n`, number: `'BENCH' || :n`, state: ':state', created_at_ms: 'created_at_ms - :n * 1000', open_slot: 'null', expires_at_ms: 'null', order_id: 'null' };
  const copy = database.prepare(`insert into requests (${columns.join(', ')}) select ${columns.map((name) => own[name] ?? name).join(', ')} from requests where number not like 'BENCH%' limit 1`);
  const event = database.prepare(`insert into request_events values ('bench-request-' || :n, :version, 1, 'system', null, 'draft', null, 'draft', null)`);
  database.transaction(() => {
    for (let n = 1; n <= REQUESTS; n += 1) {
      copy.run({ n: BigInt(n), state: STATES[n % STATES.length] });
      for (const version of [1, 2]) event.run({ n: BigInt(n), version });
    }
  })();
  database.close();
}

/** Transactions a second that write five rows each, with the pragmas of the service, to the file as the service left it. */
function plainTransactions(databaseFile: string): number {
  const database = new Database(databaseFile);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  const touch = database.prepare(`update requests set version = version + 1, state_since_ms = state_since_ms + 1 where id = 'bench-request-' || ?`);
  database.exec('create table bench_rows (id integer primary key, a text, b text) strict');
  const insert = database.prepare('insert into bench_rows (a, b) values (?, ?)');
  const write = database.transaction((n: bigint) => {
    touch.run(n);
    for (let row = 1; row < ROWS_A_MOVE; row += 1) insert.run(`request-${n}-${row}`, 'x'.repeat(200));
  });
  const count = ROUNDS * 6;
  const began = performance.now();
  for (let n = 1; n <= count; n += 1) write(BigInt(n));
  const perSecond = count / ((performance.now() - began) / 1000);
  database.close();
  return perSecond;
}

async function measure(): Promise<readonly BenchRow[]> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'bidkey-bench-ca-'));
  const ca = await startCa({ dataFolder });
  try {
    await ca.kill();
    multiplyRequests(join(dataFolder, 'ca.sqlite'));
    await ca.restart();
    const call = serviceCaller(ca);
    const [token, staff] = [await logInAs(call), await logInAs(call, 'demo-staff')];
    const order = value(await call<{ items: Order[] }>('GET', '/v1/orders', token)).items[0];
    const body = { kind: 'new-issue', projectId: order?.projectId, itemId: order?.lines[0]?.item.id, subject: order?.lines[0]?.subject };
    const times: number[] = [];
    const move = async (id: string, what: string, who: string, content?: object) => {
      const began = performance.now();
      value(await call<Request>('POST', `/v1/requests/${id}/${what}`, who, content));
      times.push(performance.now() - began);
    };
    const round = async () => {
      const { id } = value(await call<Request>('POST', '/v1/requests', token, body, crypto.randomUUID()));
      await move(id, 'submission', token);
      await move(id, 'claim', staff);
      await move(id, 'release-claim', staff);
      await move(id, 'claim', staff);
      await move(id, 'rejection', staff, { reason: 'a bench' });
      await move(id, 'withdrawal', token);
    };
    for (let n = 0; n < ROUNDS / 10; n += 1) await round();
    times.length = 0;
    for (let n = 0; n < ROUNDS; n += 1) await round();
    const perSecond = times.length / (times.reduce((sum, one) => sum + one, 0) / 1000);
    const { items } = value(await call<{ items: { text: string }[] }>('GET', '/v1/sandbox/messages?limit=100', null));
    if (!items.some(({ text }) => text.includes('已撤销'))) throw new Error('the service has no messages: nothing was told');
    await ca.kill();
    const plain = plainTransactions(join(dataFolder, 'ca.sqlite'));
    return [
      benchRow(`CA: moves of a request over HTTP, one after the other, ${REQUESTS} stored`, 'moves/s', perSecond, { name: `plain SQLite transactions of ${ROWS_A_MOVE} rows`, value: plain, wanted: '≥ 0.05' }),
      benchRow('CA: a move of a request over HTTP, p50', 'ms', percentile(times, 0.5)),
      benchRow('CA: a move of a request over HTTP, p99', 'ms', percentile(times, 0.99)),
    ];
  } finally {
    await ca.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

export const requestTransitions: Bench = { name: 'request-transitions', run: measure };
