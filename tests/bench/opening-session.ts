/**
 * An opening session over many bids with a software UKey: everything beyond the time inside calls of its driver – checks, decryption, writing and flushing the
 * documents, the journal, the signed transcript – for each bid. `BIDKEY_BENCH_SESSION_BIDS` sets how many bids, 200 else, of 5 MiB each.
 */
import { readdir } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { createBidWorld, type BidWorld } from '../bids/support/bid-world.ts';
import { makeForeignBids } from '../bids/support/foreign-bids.ts';
import { benchRow, type Bench, type BenchRow } from './bench-row.ts';
import { MIB, run as runCommand } from './seal-material.ts';

const DOCUMENT_MIB = 5;
const MOST_MS = 30;

async function measure(world: BidWorld, count: number): Promise<readonly BenchRow[]> {
  const { engine, composed: { tokens } } = world;
  const folder = world.path('bids');
  await makeForeignBids({ folder, count, groups: { tenderer: [world.tenderer.encryptCertificateDer] }, opensAt: null, documentBytes: DOCUMENT_MIB * MIB });
  // What was written to make them is not the session's to wait for.
  runCommand('sync', []);
  const { id } = await engine.call('openings.create', { name: '开标', folder, outFolder: world.path('opened') });
  const [began, driverBefore, processorBefore] = [performance.now(), tokens.driverMilliseconds(), process.cpuUsage()];
  await engine.call('openings.useKey', { openingId: id, ...world.with(world.tenderer) });
  const ended = await world.openingEnded(id);
  const [wallMs, driverMs] = [performance.now() - began, tokens.driverMilliseconds() - driverBefore];
  const { user, system } = process.cpuUsage(processorBefore);
  const written = (await readdir(world.path('opened'))).length;
  if (ended.state !== 'finished' || ended.opened !== count || written < count) throw new Error(`opened ${ended.opened} of ${count}, ${ended.state}: ${JSON.stringify(ended.error)}`);
  return [
    benchRow(`opening session, ${count} bids of ${DOCUMENT_MIB} MiB: beyond the token, each`, 'ms', (wallMs - driverMs) / count, { name: 'as much as it may take', value: MOST_MS, wanted: '≤ 1' }),
    benchRow(`opening session, ${count} bids of ${DOCUMENT_MIB} MiB: inside the token's driver, each`, 'ms', driverMs / count),
    benchRow(`opening session, ${count} bids of ${DOCUMENT_MIB} MiB: processor time, each`, 'ms', (user + system) / 1000 / count),
  ];
}

export const openingSession: Bench = {
  name: 'opening-session',
  async run() {
    const count = Number(process.env.BIDKEY_BENCH_SESSION_BIDS ?? 200);
    const world = await createBidWorld();
    try {
      return await measure(world, count);
    } finally {
      await world.dispose();
    }
  },
};
