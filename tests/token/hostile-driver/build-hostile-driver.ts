/** Compiles the hostile driver into a folder of its own, once per test file. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DriverConfig } from '../../../src-main/token/driver-watch.ts';
import { run } from '../token-fixtures.ts';

export const HOSTILE_SERIAL = 'HOSTILE0001';

export interface HostileDriver {
  readonly libraryPath: string;
  config(driverId: string, mode: string | null, environment?: Readonly<Record<string, string>>): DriverConfig;
  /** Where the driver notes its calls. */
  logOf(driverId: string): string;
  /** Names of the functions that were called at this driver, in order. */
  calls(driverId: string): Promise<string[]>;
  dispose(): Promise<void>;
}

export async function buildHostileDriver(): Promise<HostileDriver> {
  const folder = await mkdtemp(join(tmpdir(), 'bidkey-hostile-'));
  const libraryPath = join(folder, 'libhostile.so');
  await run('cc', ['-shared', '-fPIC', '-O0', '-w', '-o', libraryPath, fileURLToPath(new URL('hostile-driver.c', import.meta.url))]);
  const logOf = (driverId: string) => join(folder, `${driverId}.log`);
  return {
    libraryPath,
    logOf,
    config: (driverId, mode, environment = {}) => ({
      driverId, modelId: 'generic-pkcs11', libraryPath, interface: 'pkcs11',
      environment: { HOSTILE_LOG: logOf(driverId), ...(mode === null ? {} : { HOSTILE_MODE: mode }), ...environment },
    }),
    calls: async (driverId) => (existsSync(logOf(driverId)) ? (await readFile(logOf(driverId), 'utf8')).trim().split('\n') : []),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}
