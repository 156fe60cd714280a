#!/usr/bin/env node
/** `npm run faults`: the complete fault tables – every step, moment, fault and kind of key – of which `npm test` runs a sample. Takes long; for the night. */
import { spawnSync } from 'node:child_process';
import { root } from './run-typescript.mjs';

const steps = [['tools/setup.mjs', '--for', 'test'], ['tools/build.mjs'], ['node_modules/vitest/vitest.mjs', 'run', 'tests/faults', ...process.argv.slice(2)]];
for (const args of steps) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, BIDKEY_FAULTS: 'all' } });
  if (status !== 0) process.exit(status ?? 1);
}
