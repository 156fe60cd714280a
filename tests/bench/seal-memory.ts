/**
 * The greatest resident memory of a process that seals and then opens, from 64 MiB to 8 GiB, and whether the cost grows in line with the size: seconds for each GiB
 * beside those of the size before. Each size has a process of its own, bundled as the product is. `BIDKEY_BENCH_MEMORY_MIB` sets the largest size, 8192 else.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../faults/fault-world.ts';
import { benchRow, type Bench, type BenchRow } from './bench-row.ts';
import { mebibytesFrom, MIB, withBenchFolder, writeRandomFile } from './seal-material.ts';

const MOST_MEGABYTES = 250;
const SIZES_MIB = [64, 512, 2048, 4096];

interface Told {
  readonly sealSeconds: number;
  readonly sealKibibytes: number;
  readonly openSeconds: number;
  readonly openKibibytes: number;
}

/** @returns path of the program, below node_modules so that the packages left outside are found */
async function buildChild(): Promise<string> {
  const folder = join(root, 'node_modules', '.cache', 'bidkey-bench');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `seal-memory-child-${process.pid}.mjs`);
  await build({ absWorkingDir: root, entryPoints: ['tests/bench/seal-memory-child.ts'], outfile, bundle: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external', logLevel: 'warning' });
  return outfile;
}

function runChild(program: string, parameters: readonly string[]): Told {
  const environment = { ...process.env, BIDKEY_ENGINE_PATH: process.env.BIDKEY_ENGINE_PATH ?? join(root, 'dist', 'native', 'bidkey-engine.node') };
  const done = spawnSync(process.execPath, [program, ...parameters], { encoding: 'utf8', env: environment });
  if (done.status !== 0) throw new Error(`${parameters.join(' ')}: ${done.stderr}`);
  return JSON.parse(done.stdout) as Told;
}

async function measure(path: (name: string) => string): Promise<readonly BenchRow[]> {
  const largest = mebibytesFrom('BIDKEY_BENCH_MEMORY_MIB', 8192);
  const program = await buildChild();
  const rows: BenchRow[] = [];
  try {
    for (const suite of ['sm', 'aes'] as const) {
      let before: { readonly mebibytes: number; readonly told: Told } | null = null;
      for (const mebibytes of [...SIZES_MIB.filter((size) => size < largest), largest]) {
        writeRandomFile(path('document'), mebibytes * MIB);
        const told = runChild(program, [suite, path('document'), path('bid'), path('opened')]);
        await rm(path('document'));
        rows.push(...rowsOf(suite, mebibytes, told, before));
        before = { mebibytes, told };
      }
    }
  } finally {
    await rm(program, { force: true });
  }
  return rows;
}

function rowsOf(suite: string, mebibytes: number, told: Told, before: { readonly mebibytes: number; readonly told: Told } | null): BenchRow[] {
  const what = (deed: string) => `${deed} ${mebibytes} MiB, ${suite.toUpperCase()} suite`;
  const most = { name: 'as much as it may take', value: MOST_MEGABYTES, wanted: '≤ 1' };
  const perGibibyte = (seconds: number, size: number) => (1024 * seconds) / size;
  const cost = (deed: 'sealSeconds' | 'openSeconds') => benchRow(`${what(deed === 'sealSeconds' ? 'seal' : 'open')}: time`, 's/GiB', perGibibyte(told[deed], mebibytes), ...(before ? [{ name: `the same at ${before.mebibytes} MiB`, value: perGibibyte(before.told[deed], before.mebibytes) }] : []));
  return [
    benchRow(`${what('seal')}: greatest resident memory`, 'MB', (told.sealKibibytes * 1024) / 1e6, most),
    benchRow(`${what('seal and open')}: greatest resident memory`, 'MB', (told.openKibibytes * 1024) / 1e6, most),
    cost('sealSeconds'), cost('openSeconds'),
  ];
}

export const sealMemory: Bench = { name: 'seal-memory', run: () => withBenchFolder(measure) };
