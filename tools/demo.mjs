#!/usr/bin/env node
/** `npm run demo -- --dir OUT [--alg rsa|sm2] [--token …]`: installs what is missing, builds the programs, runs the headless demo. Exit code 0 only if everything is as it should be. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './run-typescript.mjs';

function runOrExit(script, args) {
  const { status } = spawnSync(process.execPath, [join(root, script), ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

runOrExit('tools/setup.mjs', ['--quiet']);
runOrExit('tools/build.mjs', ['--only', 'native']);
runOrExit('tools/build.mjs', ['--only', 'programs']);
runOrExit('dist/demo.js', process.argv.slice(2));
