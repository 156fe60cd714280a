#!/usr/bin/env node
/** Builds everything into dist/: the programs by esbuild, the screens by Vite, native parts by their own scripts. `--only programs|screens|native` builds one part. */
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { markBuilt } from './setup/build-state.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Output name → entry. Packages stay outside the bundle; our own code goes in. */
const PROGRAMS = {
  'token-host': 'src-main/token/host/main.ts',
  'pdf-reader': 'src-main/bids/pdf/reader/main.ts',
  local: 'src-main/shells/local/main.ts',
  cli: 'src-main/shells/cli/main.ts',
  demo: 'src-main/shells/cli/demo-main.ts',
  'electron-main': 'src-main/shells/electron/main.ts',
  ca: 'src-ca/main.ts',
  'pkcs11-signer': 'src-ca/signers/pkcs11/process-main.ts',
};
/** Sandboxed preload scripts must be CommonJS in one file. */
const PRELOADS = { 'electron-preload': 'src-main/shells/electron/preload.ts' };

async function buildPrograms() {
  const common = { bundle: true, platform: 'node', target: 'node20', sourcemap: true, logLevel: 'warning', absWorkingDir: root, outdir: 'dist', packages: 'external' };
  const present = (table) => Object.fromEntries(Object.entries(table).filter(([, entry]) => existsSync(join(root, entry))));
  await build({ ...common, entryPoints: present(PROGRAMS), format: 'esm' });
  const preloads = present(PRELOADS);
  if (Object.keys(preloads).length > 0) await build({ ...common, entryPoints: preloads, format: 'cjs', outExtension: { '.js': '.cjs' }, external: ['electron'] });
}

async function buildScreens() {
  const vite = await import('vite');
  await vite.build({ root: join(root, 'src-renderer'), configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
}

/** What is missing where a part cannot be built (no compiler). BidKey runs without them and says so, hence no failure here. */
const NATIVE_PARTS = {
  'build-engine.mjs': 'The national-crypto engine was not built; national cryptography will run portable.',
  'build-soft-ukey.mjs': 'The software UKey was not built; there will be no demo keys with national algorithms.',
};

/** Incremental. */
function buildNative() {
  for (const [script, missing] of Object.entries(NATIVE_PARTS)) {
    const built = spawnSync(process.execPath, [join(root, 'tools/native', script)], { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
    // The script of the UKey says on its output that a tool is missing, and calls that no failure.
    if (built.status !== 0 || /not built/.test(built.stdout)) console.warn(missing);
  }
}

const startedMs = Date.now();
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : null;
if (only === null || only === 'native') buildNative();
if (only === null || only === 'programs') await buildPrograms();
if (only === null || only === 'screens') await buildScreens();
if (only === null) markBuilt(root, startedMs);
