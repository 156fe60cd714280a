/** Compiles the hostile SKF library with the ABI that is wanted, each into the folder of the test file. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DriverConfig } from '../../../src-main/token/driver-watch.ts';
import { run } from '../token-fixtures.ts';

export const SKF_HOSTILE_SERIAL = 'HOSTILE0001';
export const SKF_HOSTILE_CONTAINER = '00112233445566778899aabbccddeeff';

/** Compiler words by ABI. */
export const SKF_ABIS = { standard: [], 'not-packed': ['-DNO_PACK'], 'wide-ulong': ['-DULONG_BITS=64'], 'wide-ulong-not-packed': ['-DULONG_BITS=64', '-DNO_PACK'] } as const;
export type SkfAbi = keyof typeof SKF_ABIS;

export interface HostileSkf {
  config(driverId: string, mode: string | null, abi?: SkfAbi): DriverConfig;
  /** Names of the functions that were called at this driver, in order. */
  calls(driverId: string): Promise<string[]>;
  dispose(): Promise<void>;
}

export async function buildHostileSkf(): Promise<HostileSkf> {
  const folder = await mkdtemp(join(tmpdir(), 'bidkey-hostile-skf-'));
  const libraryOf = (abi: SkfAbi) => join(folder, `libhostile-${abi}.so`);
  for (const abi of Object.keys(SKF_ABIS) as SkfAbi[]) await run('cc', ['-shared', '-fPIC', '-O0', '-w', ...SKF_ABIS[abi], '-o', libraryOf(abi), fileURLToPath(new URL('hostile-skf.c', import.meta.url))]);
  const logOf = (driverId: string) => join(folder, `${driverId}.log`);
  return {
    config: (driverId, mode, abi = 'standard') => ({
      driverId, modelId: 'longmai-gm3000', libraryPath: libraryOf(abi), interface: 'skf',
      environment: { HOSTILE_LOG: logOf(driverId), ...(mode === null ? {} : { HOSTILE_MODE: mode }) },
    }),
    calls: async (driverId) => (existsSync(logOf(driverId)) ? (await readFile(logOf(driverId), 'utf8')).trim().split('\n') : []),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}
