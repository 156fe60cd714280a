#!/usr/bin/env node
/** `npm run bench`: sees that the peers are there, builds, then runs tests/bench/main.ts. Arguments name the benches to run. */
import { spawnSync } from 'node:child_process';
import { root, runTypeScript } from './run-typescript.mjs';

const provided = spawnSync(process.execPath, ['tools/setup.mjs', '--quiet', '--for', 'bench'], { cwd: root, stdio: 'inherit' });
if (provided.status !== 0) process.exit(1);
const built = spawnSync(process.execPath, ['tools/build.mjs'], { cwd: root, stdio: 'inherit' });
process.exitCode = built.status === 0 ? runTypeScript('tests/bench/main.ts', process.argv.slice(2)) : 1;
