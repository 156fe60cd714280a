/** Programs of children as they are shipped: bundled into one file by esbuild with the settings of tools/build.mjs, once per test process. They start several times faster than the source. */
import { build } from 'esbuild';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forkPdfReaderSpawner } from '../../src-main/bids/pdf/pdf-checks.ts';
import { forkHostSpawner, type HostSpawner } from '../../src-main/token/host-spawner.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Below node_modules, so that the packages left outside the bundle are found. */
const FOLDER = join(ROOT, 'node_modules', '.cache', 'bidkey-token-host');

const built = new Map<string, Promise<string>>();

/** @returns path of the program */
export function builtProgram(name: string, entry: string): Promise<string> {
  const known = built.get(name) ?? buildProgram(name, entry);
  built.set(name, known);
  return known;
}

export const builtTokenHost = (): Promise<string> => builtProgram('token-host', 'src-main/token/host/main.ts');
export const builtPdfReader = (): Promise<string> => builtProgram('pdf-reader', 'src-main/bids/pdf/reader/main.ts');

export async function builtHostSpawner(): Promise<HostSpawner> {
  return forkHostSpawner({ script: await builtTokenHost() });
}

export async function builtPdfReaderSpawner(): Promise<HostSpawner> {
  return forkPdfReaderSpawner(await builtPdfReader());
}

async function buildProgram(name: string, entry: string): Promise<string> {
  mkdirSync(FOLDER, { recursive: true });
  const outfile = join(FOLDER, `${name}-${process.pid}.mjs`);
  await build({ absWorkingDir: ROOT, entryPoints: [entry], outfile, bundle: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external', logLevel: 'warning' });
  process.once('exit', () => rmSync(outfile, { force: true }));
  return outfile;
}
