/** A list of 100,000 orders, page by page through the service: the first pages and the last must cost about the same. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';
import { createCustomer } from '../faults/fault-world.ts';
import { startCa } from '../support/start-ca.ts';
import { benchRow, percentile, type Bench, type BenchRow } from './bench-row.ts';

const ORDERS = 100_000;
const PAGE = 100;
const PAGES_COMPARED = 20;

/** Copies the demo order 100,000 times, each older than the one before. */
function multiplyOrders(databaseFile: string): void {
  const database = new Database(databaseFile);
  const copyOrder = database.prepare(`insert into orders (id, number, account_id, project_id, state, total_fen, created_at_ms, paid_at_ms)
    select 'bench-order-' || :n, 'BENCH' || :n, account_id, project_id, state, total_fen, created_at_ms - :n * 1000, paid_at_ms from orders where number not like 'BENCH%' limit 1`);
  const copyLine = database.prepare(`insert into order_lines (id, order_id, account_id, item_id, item_json, subject_json, position, quantity, written_quantity, open_quantity, to_write, created_at_ms)
    select 'bench-line-' || :n, 'bench-order-' || :n, account_id, item_id, item_json, subject_json, position, quantity, 0, 0, 0, created_at_ms - :n * 1000 from order_lines where id not like 'bench-%' limit 1`);
  database.transaction(() => {
    for (let n = 1; n <= ORDERS; n += 1) {
      copyOrder.run({ n });
      copyLine.run({ n });
    }
  })();
  database.close();
}

async function measure(): Promise<readonly BenchRow[]> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'bidkey-bench-ca-'));
  const ca = await startCa({ dataFolder });
  try {
    await ca.kill();
    multiplyOrders(join(dataFolder, 'ca.sqlite'));
    await ca.restart();
    const { session } = await createCustomer(ca.url);
    const times: number[] = [];
    let after: string | undefined;
    let seen = 0;
    do {
      const began = performance.now();
      const page = await session.ca.listOrders({ query: { limit: PAGE, ...(after === undefined ? {} : { after }) } });
      times.push(performance.now() - began);
      seen += page.items.length;
      after = page.next ?? undefined;
    } while (after !== undefined);
    if (seen <= ORDERS) throw new Error(`the list showed ${seen} orders of ${ORDERS + 1}`);
    // The first page of all opens the connection; the last may be short.
    const [first, last] = [percentile(times.slice(1, 1 + PAGES_COMPARED), 0.5), percentile(times.slice(-1 - PAGES_COMPARED, -1), 0.5)];
    return [benchRow(`CA: last pages of ${ORDERS + 1} orders, ${PAGE} a page`, 'ms', last, { name: 'first pages', value: first, wanted: '≤ 1.5' })];
  } finally {
    await ca.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

export const caOrders: Bench = { name: 'ca-orders', run: measure };
