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
  const copyRequest = database.prepare(`insert into requests (id, number, account_id, project_id, kind, state, version, key_algorithm, certificate_type, subject_json, item_id, item_json, quantity, written_quantity, open_quantity, order_id, created_at_ms, state_since_ms)
    select 'bench-line-' || :n, 'BENCH' || :n, account_id, project_id, kind, 'completed', 1, key_algorithm, certificate_type, subject_json, item_id, item_json, quantity, quantity, 0, 'bench-order-' || :n, created_at_ms - :n * 1000, created_at_ms from requests where id not like 'bench-%' limit 1`);
  const copyLine = database.prepare(`insert into order_lines (id, order_id, account_id, item_id, item_json, position, created_at_ms)
    select 'bench-line-' || :n, 'bench-order-' || :n, account_id, item_id, item_json, position, created_at_ms - :n * 1000 from order_lines where id not like 'bench-%' limit 1`);
  database.transaction(() => {
    for (let n = 1; n <= ORDERS; n += 1) {
      // A BigInt is bound as an integer; a number would be a real, and read `1.0` in the ids.
      copyOrder.run({ n: BigInt(n) });
      copyRequest.run({ n: BigInt(n) });
      copyLine.run({ n: BigInt(n) });
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
    const list = (after: string | undefined) => session.ca.listOrders({ query: { limit: PAGE, ...(after === undefined ? {} : { after }) } });
    const cursors: (string | undefined)[] = [undefined];
    let seen = 0;
    for (let page = await list(undefined); ; page = await list(cursors.at(-1))) {
      seen += page.items.length;
      if (page.next === null) break;
      cursors.push(page.next);
    }
    if (seen <= ORDERS) throw new Error(`the list showed ${seen} orders of ${ORDERS + 1}`);
    // Timed after the walk, in turns, so that both find the same warmth. The very last page may be short.
    const [firsts, lasts]: [number[], number[]] = [[], []];
    for (let n = 0; n < PAGES_COMPARED; n += 1) {
      for (const [times, cursor] of [[firsts, cursors[n]], [lasts, cursors[cursors.length - 2 - n]]] as const) {
        const began = performance.now();
        await list(cursor);
        times.push(performance.now() - began);
      }
    }
    const [first, last] = [percentile(firsts, 0.5), percentile(lasts, 0.5)];
    return [benchRow(`CA: last pages of ${ORDERS + 1} orders, ${PAGE} a page`, 'ms', last, { name: 'first pages', value: first, wanted: '≤ 1.5' })];
  } finally {
    await ca.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

export const caOrders: Bench = { name: 'ca-orders', run: measure };
