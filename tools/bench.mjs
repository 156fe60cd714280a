#!/usr/bin/env node
/** `npm run bench`: builds, then runs tests/bench/main.ts. Arguments name the benches to run. */
import { spawnSync } from 'node:child_process';
import { root, runTypeScript } from './run-typescript.mjs';

const built = spawnSync(process.execPath, ['tools/build.mjs'], { cwd: root, stdio: 'inherit' });
process.exitCode = built.status === 0 ? runTypeScript('tests/bench/main.ts', process.argv.slice(2)) : 1;
