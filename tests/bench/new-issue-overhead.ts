/** What a new issue costs beside the work that nobody can save: time in our code and transport, beside time inside the PKCS#11 library and on the way to the CA. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { composeEngine, type ComposedEngine } from '../../src-main/engine/compose-engine.ts';
import { createCustomer, newDataFolder, pause, root } from '../faults/fault-world.ts';
import { createSoftHsm2Token, type SoftHsm2Token } from '../support/softhsm2.ts';
import { startCa } from '../support/start-ca.ts';
import { benchRow, type Bench, type BenchRow } from './bench-row.ts';

const KEYS = 6;

interface Cost {
  readonly totalMs: number;
  readonly driverMs: number;
  readonly networkMs: number;
}

async function writeOne(composed: ComposedEngine, token: SoftHsm2Token, order: { requestId: string; code: string }): Promise<Cost> {
  const [driverBefore, networkBefore, began] = [composed.tokens.driverMilliseconds(), composed.networkMilliseconds(), performance.now()];
  const ended = new Promise<void>((resolve, reject) => {
    const stop = composed.engine.onEvent((event) => {
      if (event.name !== 'deed.changed' || event.data.state === 'running') return;
      stop();
      if (event.data.state === 'completed') resolve();
      else reject(new Error(`the writing ended as ${event.data.state}: ${event.data.error?.code ?? ''}`));
    });
  });
  await composed.engine.call('writing.startNewIssue', { requestId: order.requestId, authorizationCode: order.code, token: { driverId: 'bench', serial: token.serial }, tokenModelId: 'softhsm2', pin: token.pin });
  await ended;
  return { totalMs: performance.now() - began, driverMs: composed.tokens.driverMilliseconds() - driverBefore, networkMs: composed.networkMilliseconds() - networkBefore };
}

async function measure(): Promise<readonly BenchRow[]> {
  const ca = await startCa();
  const dataFolder = newDataFolder();
  const first = await createSoftHsm2Token();
  const tokens = [first];
  for (let n = 1; n < KEYS; n += 1) tokens.push(await first.addToken());
  const customer = await createCustomer(ca.url);
  const order = await customer.order(KEYS);
  const composed = await composeEngine({
    dataFolder, resourcesFolder: join(root, 'resources'), shell: 'cli', version: 'bench', demo: false, caBaseUrl: ca.url, useInstalledDrivers: false,
    drivers: [{ driverId: 'bench', modelId: 'softhsm2', libraryPath: first.modulePath, interface: 'pkcs11', environment: first.env }],
  });
  try {
    await composed.engine.call('session.logIn', customer.login);
    while ((await composed.engine.call('tokens.list', undefined as never)).tokens.length < KEYS) await pause(100);
    const costs: Cost[] = [];
    for (const token of tokens) costs.push(await writeOne(composed, token, order));
    return rows(costs.slice(1));
  } finally {
    await composed.close();
    await ca.stop();
    await first.dispose();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

/** The mean of the keys after the first, which warms everything up. */
function rows(costs: readonly Cost[]): BenchRow[] {
  const mean = (of: (cost: Cost) => number) => costs.reduce((sum, cost) => sum + of(cost), 0) / costs.length;
  const [total, driver, network] = [mean((cost) => cost.totalMs), mean((cost) => cost.driverMs), mean((cost) => cost.networkMs)];
  return [
    benchRow('new issue, RSA, SoftHSM2: whole', 'ms', total),
    benchRow('new issue, RSA, SoftHSM2: inside the PKCS#11 library', 'ms', driver),
    benchRow('new issue, RSA, SoftHSM2: on the way to the CA and in it', 'ms', network),
    benchRow('new issue, RSA, SoftHSM2: our code and transport', 'ms', total - driver - network, { name: 'library and network', value: driver + network, wanted: '≤ 0.5' }),
  ];
}

export const newIssueOverhead: Bench = { name: 'new-issue-overhead', run: measure };
