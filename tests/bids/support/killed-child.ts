/**
 * A process with the whole engine, which a test has killed at a chosen file operation: it opens a session or seals a project with a key, and tells how that ended.
 * Told over its channel what to do. Killed by itself, with SIGKILL, so that it dies exactly there.
 */
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { composeEngine } from '../../../src-main/engine/compose-engine.ts';
import { forkPdfReaderSpawner } from '../../../src-main/bids/pdf/pdf-checks.ts';
import { forkHostSpawner } from '../../../src-main/token/host-spawner.ts';
import type { DriverConfig } from '../../../src-main/token/driver-watch.ts';

export interface KillPoint {
  readonly call: 'mkdir' | 'open' | 'rename' | 'link';
  /** Of the path, the new one of two. */
  readonly path: string;
  /** The how many-th such call. */
  readonly nth: number;
  /** `writing`: at the second write to the file that was opened. */
  readonly when: 'before' | 'after' | 'writing';
}

export interface ChildOrder {
  readonly dataFolder: string;
  readonly resourcesFolder: string;
  readonly driver: DriverConfig;
  readonly tokenHostScript: string;
  readonly pdfReaderScript: string;
  readonly key: { readonly token: { readonly driverId: string; readonly serial: string }; readonly pin: string };
  readonly deed: { readonly openingId: string } | { readonly projectId: string; readonly outFolder: string };
  readonly kill: KillPoint | null;
}

const die = (): void => void process.kill(process.pid, 'SIGKILL');

function arm({ call, path, nth, when }: KillPoint): void {
  const wanted = new RegExp(path);
  let count = 0;
  const real = fs[call] as (...words: unknown[]) => Promise<unknown>;
  const armed = async (...words: unknown[]): Promise<unknown> => {
    const hit = wanted.test(String(words[call === 'rename' || call === 'link' ? 1 : 0])) && ++count === nth;
    if (hit && when === 'before') die();
    const result = await real(...words);
    if (hit && when === 'after') die();
    if (hit && when === 'writing') dieInWrite(result as fs.FileHandle);
    return result;
  };
  Object.assign(fs, { [call]: armed });
  syncBuiltinESMExports();
}

function dieInWrite(handle: fs.FileHandle): void {
  const real = handle.write.bind(handle) as (...words: unknown[]) => Promise<unknown>;
  Object.assign(handle, { write: async (bytes: Uint8Array, ...words: unknown[]) => {
    // A part of it gets there.
    await real(bytes.subarray(0, Math.ceil(bytes.length / 2)), 0, Math.ceil(bytes.length / 2), words[2]);
    die();
  } });
}

async function run({ dataFolder, resourcesFolder, driver, tokenHostScript, pdfReaderScript, key, deed, kill }: ChildOrder): Promise<unknown> {
  const { engine, close } = await composeEngine({
    dataFolder, resourcesFolder, shell: 'cli', version: 'test', demo: false, caBaseUrl: null, drivers: [driver], useInstalledDrivers: false,
    hostSpawner: forkHostSpawner({ script: tokenHostScript }), pdfReaderSpawner: forkPdfReaderSpawner(pdfReaderScript),
  });
  const pause = () => new Promise((resolve) => setTimeout(resolve, 10));
  if (kill) arm(kill);
  try {
    if ('openingId' in deed) {
      const { openingId } = deed;
      const before = await engine.call('openings.get', { openingId });
      // Everything is opened, only the transcript is missing.
      if (before.opened === before.total) return await engine.call('openings.finish', { openingId, ...key, confirmedFewTries: true });
      let now = await engine.call('openings.useKey', { openingId, ...key, confirmedFewTries: true, signTranscript: true });
      for (; now.state === 'running'; now = await engine.call('openings.get', { openingId })) await pause();
      return now;
    }
    let work = await engine.call('bids.seal', { ...deed, ...key, confirmedFewTries: true, backup: true });
    for (; work.state === 'running'; work = await engine.call('work.get', { workId: work.id })) await pause();
    return work;
  } finally {
    await close();
  }
}

process.once('message', (order) => {
  run(order as ChildOrder).then((value) => ({ value }), (thrown: unknown) => ({ failed: thrown instanceof Error ? `${thrown.name} ${thrown.message}` : String(thrown) }))
    .then((told) => process.send?.(told, () => process.disconnect()));
});
