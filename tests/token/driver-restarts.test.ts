/** When a driver is started again: on a clock of the test's own. */
import { describe, expect, it } from 'vitest';
import { softHsm2ModulePath } from '../support/softhsm2.ts';
import { loadUkeyModels } from '../../src-main/ukey-models/load-ukey-models.ts';
import { fileURLToPath } from 'node:url';
import { DriverWatch } from '../../src-main/token/driver-watch.ts';
import { thisMachine } from '../../src-main/token/find-library.ts';
import type { HostRequest } from '../../src-main/token/host-protocol.ts';
import { silentLog } from '../../src-main/token/token-host-ports.ts';

const MODELS = fileURLToPath(new URL('../../resources/ukey-models', import.meta.url));

describe('a driver that dies again and again', () => {
  it('ok: is started again, each time later, and counts as failed from the third time on', async () => {
    const model = (await loadUkeyModels(MODELS)).find(({ profile }) => profile.id === 'softhsm2')?.profile ?? null;
    const delays: number[] = [];
    const seen: string[] = [];
    let next: (() => void) | null = null;
    let spawned = 0;
    let watchedEnough: () => void = () => undefined;
    const enough = new Promise<void>((resolve) => { watchedEnough = resolve; });
    const watch: DriverWatch = new DriverWatch({ driverId: 'd', modelId: 'softhsm2', libraryPath: softHsm2ModulePath(), interface: 'pkcs11' }, model, {
      machine: thisMachine(), limits: {}, log: silentLog, onChange: () => seen.push(`${watch.state.status} ${watch.state.restarts}`),
      clock: {
        nowMs: () => 0,
        after: (milliseconds, call) => {
          // Limits of calls are far above the waits between starts.
          if (milliseconds === 35_000) return () => undefined;
          delays.push(milliseconds);
          if (delays.length === 10) watchedEnough();
          else next = call;
          queueMicrotask(() => { next?.(); next = null; });
          return () => undefined;
        },
      },
      spawner: {
        spawn: () => {
          spawned++;
          let tell: (how: string) => void = () => undefined;
          return { pid: spawned, send: (message) => { expect((message as HostRequest).method).toBe('open'); queueMicrotask(() => tell('SIGSEGV')); }, onMessage: () => undefined, onExit: (listener) => { tell = listener; }, kill: () => undefined };
        },
      },
    });
    watch.start();
    await enough;
    expect(delays).toEqual([200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
    expect(seen.slice(0, 4)).toEqual(['starting 1', 'starting 2', 'failed 3', 'failed 4']);
    expect(watch.state).toMatchObject({ errorCode: 'DRIVER_CRASHED', restarts: 10 });
    await watch.close();
  });
});
