#!/usr/bin/env node
/** `bidkey …` of a clone: sets up and builds when dist/cli.js is missing, then runs it in this process. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const program = join(root, 'dist', 'cli.js');

function orStop(step, ...args) {
  const { status } = spawnSync(process.execPath, [join(root, step), ...args], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(program)) {
  orStop('tools/setup.mjs', '--for', 'run', '--quiet');
  orStop('tools/build.mjs', '--only', 'programs');
}
await import(pathToFileURL(program).href);
