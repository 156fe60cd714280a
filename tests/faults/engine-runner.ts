/**
 * A program for tests only: the desktop engine in a process of its own, driven over IPC, that can be made to stand still at a journal step.
 * BIDKEY_TEST_ONLY_STOP_AT=<step>:<moment>[:<kind>] – of deeds of that kind only – with the moments
 *   before  the step is recorded as begun, and has done nothing yet
 *   during  the step has done all it does outside, and is not recorded as done
 *   after   the step is recorded as done
 * Standing still means: the process writes the file `held` and waits, with everything blocked, until the file `go-on` is there. That is the
 * moment in which the test kills something. The product has no such door: this wraps its journal.
 */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DesktopMethod } from '#shared/contract/desktop/desktop-contract.ts';
import { settle } from '#shared/errors/result.ts';
import { composeEngine, type ComposedEngine } from '../../src-main/engine/compose-engine.ts';
import type { DeedJournal } from '../../src-main/journal/deed-record.ts';
import type { DriverConfig } from '../../src-main/token/driver-watch.ts';
import { forkHostSpawner } from '../../src-main/token/host-spawner.ts';

export interface RunnerSetup {
  readonly dataFolder: string;
  readonly resourcesFolder: string;
  readonly caBaseUrl: string;
  readonly driver: DriverConfig;
  readonly tokenHostScript: string;
}

export type RunnerRequest = { readonly id: number; readonly method: DesktopMethod; readonly input: unknown };

const setup = JSON.parse(process.env['BIDKEY_TEST_ONLY_SETUP'] ?? '{}') as RunnerSetup;
const [stopStep, stopMoment, stopKind] = (process.env['BIDKEY_TEST_ONLY_STOP_AT'] ?? ':').split(':');
let composed: ComposedEngine | null = null;
let stopped = false;

function standStill(kind: string, step: string, moment: string): void {
  if (stopped || step !== stopStep || moment !== stopMoment || (stopKind !== undefined && kind !== stopKind)) return;
  stopped = true;
  const held = join(setup.dataFolder, 'held');
  writeFileSync(`${held}.new`, JSON.stringify({ hostPids: Object.values(composed?.tokens.hostPids() ?? {}) }));
  renameSync(`${held}.new`, held);
  const clock = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(join(setup.dataFolder, 'go-on'))) Atomics.wait(clock, 0, 0, 5);
}

const wrapJournal = (journal: DeedJournal): DeedJournal => ({
  ...journal,
  beginStep(deedId, step) {
    const record = journal.beginStep(deedId, step);
    standStill(record.kind, step, 'before');
    return record;
  },
  endStep(deedId, step, facts) {
    standStill(journal.get(deedId)?.kind ?? '', step, 'during');
    const record = journal.endStep(deedId, step, facts);
    standStill(record.kind, step, 'after');
    return record;
  },
});

composed = await composeEngine({
  dataFolder: setup.dataFolder, resourcesFolder: setup.resourcesFolder, shell: 'cli', version: '0.0.0-test', demo: false, caBaseUrl: setup.caBaseUrl, useInstalledDrivers: false,
  drivers: [setup.driver], hostSpawner: forkHostSpawner({ script: setup.tokenHostScript }), wrapJournal,
});
const { engine } = composed;
const call = engine.call as (method: DesktopMethod, input: unknown) => Promise<unknown>;
process.on('message', (request: RunnerRequest) => void settle(() => call(request.method, request.input)).then((result) => process.send?.({ id: request.id, result })));
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
