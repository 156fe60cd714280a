/** The token host as it is shipped: bundled into one file by esbuild with the settings of tools/build.mjs, once per test process. Starts several times faster than the source. */
import { build } from 'esbuild';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forkHostSpawner, type HostSpawner } from '../../src-main/token/host-spawner.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Below node_modules, so that the packages left outside the bundle are found. */
const FOLDER = join(ROOT, 'node_modules', '.cache', 'bidkey-token-host');

let built: Promise<string> | null = null;

/** @returns path of the program */
export function builtTokenHost(): Promise<string> {
  built ??= buildTokenHost();
  return built;
}

export async function builtHostSpawner(): Promise<HostSpawner> {
  return forkHostSpawner({ script: await builtTokenHost() });
}

async function buildTokenHost(): Promise<string> {
  mkdirSync(FOLDER, { recursive: true });
  const outfile = join(FOLDER, `token-host-${process.pid}.mjs`);
  await build({ absWorkingDir: ROOT, entryPoints: ['src-main/token/host/main.ts'], outfile, bundle: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external', logLevel: 'warning' });
  process.once('exit', () => rmSync(outfile, { force: true }));
  return outfile;
}
