#!/usr/bin/env node
/**
 * Installs what is missing: system packages (Debian-like systems, as root) and npm packages; elsewhere it names the exact command.
 * `--for run` (default), `--for test`, `--for bench` (all of test, and the peers to measure beside), or `--for ci` (all of test, and what its other checks like to have); `--quiet` says nothing when nothing is missing. Exit code 1 when what is needed is not there.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installNpmPackages, npmPackagesReady } from './setup/npm-packages.mjs';
import { installCommand, installPackages, isDebianLike, listedPackages, missingPackages } from './setup/system-packages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const flag = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);
const purpose = flag('--for') ?? 'run';
const quiet = process.argv.includes('--quiet');
const say = (line) => console.error(`set-up: ${line}`);

/** Lists of system-packages.json that a purpose cannot do without. */
const NEEDED = { run: ['run'], test: ['run', 'test'], bench: ['run', 'test', 'bench'], ci: ['run', 'test'] };

if (!['run', 'test', 'bench', 'ci'].includes(purpose)) {
  say('--for run | test | bench | ci');
  process.exit(2);
}
if (!nodeIsNewEnough()) {
  say(`Node ${process.versions.node} is too old; BidKey needs 20.19 or newer`);
  process.exit(1);
}
const npmReady = npmPackagesReady(root);
const systemReady = provideSystemPackages(NEEDED[purpose], purpose !== 'run');
// Without these a check falls back, says so and counts it.
if (purpose === 'ci') provideSystemPackages(['ci'], false);
if (!npmReady) {
  // Compilers are asked for only now, and their lack stops nothing: most packages bring a prebuilt binary.
  provideSystemPackages(['build'], false);
  if (!installNpmPackages(root, say)) {
    say('npm could not install the packages; see its message above');
    process.exit(1);
  }
}
if (!systemReady) process.exit(1);
if (!quiet) say('everything is there');

/** @returns {boolean} false when something needed is missing and could not be installed */
function provideSystemPackages(purposes, needed) {
  const names = listedPackages(root, purposes);
  if (!isDebianLike()) {
    if (!quiet) say(`not a Debian-like system; please see that these are installed: ${names.join(' ')}`);
    return true;
  }
  const missing = missingPackages(names);
  if (missing.length === 0) return true;
  if (process.getuid?.() === 0) {
    if (installPackages(missing, say)) return true;
    say(`could not install: ${missing.join(' ')}`);
    return !needed;
  }
  say(`missing: ${missing.join(' ')}. Please run:\n  sudo ${installCommand(missing)}`);
  return !needed;
}

function nodeIsNewEnough() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}
