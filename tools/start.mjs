#!/usr/bin/env node
/**
 * `npm start`: installs what is missing, builds when sources are newer, and starts BidKey: Electron when its binary is there and can show a
 * window, else the local shell. Flags: --no-open --production --embedded-ca --ca URL --data DIR --port N --local. Node built-ins only.
 */
import { spawn, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isBuilt } from './setup/build-state.mjs';
import { chooseShell } from './setup/choose-shell.mjs';
import { prepareElectronApp } from './setup/electron-app.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const args = process.argv.slice(2);

function orStop(program, programArguments) {
  const { status } = spawnSync(process.execPath, [join(root, program), ...programArguments], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}

orStop('tools/setup.mjs', ['--for', 'run', '--quiet']);
if (!isBuilt(root)) {
  console.error('build: sources are newer than dist/, building …');
  orStop('tools/build.mjs', []);
}

const chosen = chooseShell(root, args, process.env, process.getuid?.());
const electronApp = chosen.name === 'electron' ? prepareElectronApp(root, (line) => console.error(line)) : null;
const shell = chosen.name === 'electron' && electronApp === null ? { name: 'local', reason: 'better-sqlite3 could not be built for Electron' } : chosen;
console.error(`shell: ${shell.name} (${shell.reason})`);
if (shell.name === 'electron') startElectron(shell.binary, electronApp);
else {
  // In this very process: one process less, and signals arrive where they are meant.
  const program = join(root, 'dist', 'local.js');
  process.argv = [process.argv[0], program, ...args.filter((arg) => arg !== '--local')];
  await import(pathToFileURL(program).href);
}

function startElectron(binary, app) {
  const child = spawn(binary, [app, ...args], { cwd: root, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => {
    console.error(`electron: ${error.message}`);
    process.exit(1);
  });
  child.once('exit', (code) => process.exit(code ?? 1));
}
