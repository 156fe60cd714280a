#!/usr/bin/env node
/**
 * Builds the software UKey into dist/native: libbidkey-soft-ukey.so and ukeyctl. Incremental; says so and does nothing where there is no compiler.
 * `--sanitize` builds the ASan/UBSan variant with the native test and fuzz drivers into build/native/soft-ukey-asan instead;
 * `--libfuzzer` the fuzz targets for libFuzzer, with the sanitizers, into build/native/soft-ukey-libfuzzer (clang; exit code 1 where it is not installed).
 * `--without-faults` leaves the fault library out.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const libfuzzer = process.argv.includes('--libfuzzer');
const sanitize = libfuzzer || process.argv.includes('--sanitize');
const faults = !process.argv.includes('--without-faults');
const buildFolder = join(root, 'build/native', libfuzzer ? 'soft-ukey-libfuzzer' : sanitize ? 'soft-ukey-asan' : 'soft-ukey');
const outputFolder = join(root, 'dist/native');
const PRODUCTS = ['libbidkey-soft-ukey.so', 'ukeyctl'];

const missingTool = () => ['cmake', libfuzzer ? 'clang++' : 'g++', 'make'].find((tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).status !== 0);

/** Runs a build step at low priority; its output is shown only when it fails. */
function runStep(command, args) {
  const result = spawnSync('nice', ['-n', '10', command, ...args], { encoding: 'utf8', maxBuffer: 64 << 20 });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout}${result.stderr}\n`);
  throw new Error(`soft UKey: ${command} failed`);
}

/** A copy that is renamed into place: a library that is loaded somewhere keeps its old file. */
function publish(name) {
  const from = join(buildFolder, name), to = join(outputFolder, name);
  if (existsSync(to) && statSync(to).mtimeMs >= statSync(from).mtimeMs) return;
  mkdirSync(outputFolder, { recursive: true });
  copyFileSync(from, `${to}.new`);
  renameSync(`${to}.new`, to);
}

const missing = missingTool();
if (missing) {
  process.stdout.write(`soft UKey: not built, ${missing} is not installed\n`);
  if (libfuzzer) process.exitCode = 1;
} else {
  const on = (value) => (value ? 'ON' : 'OFF');
  runStep('cmake', ['-S', join(root, 'native/soft-ukey'), '-B', buildFolder, '-DCMAKE_BUILD_TYPE=None', `-DBIDKEY_SANITIZE=${on(sanitize)}`, `-DBIDKEY_NATIVE_TESTS=${on(sanitize)}`, `-DBIDKEY_FAULTS=${on(faults)}`, ...(libfuzzer ? ['-DCMAKE_CXX_COMPILER=clang++', '-DBIDKEY_LIBFUZZER=ON'] : [])]);
  runStep('make', ['-C', buildFolder, '-j1', '--no-print-directory', ...(libfuzzer ? ['fuzz-libfuzzer'] : [])]);
  if (!sanitize) PRODUCTS.forEach(publish);
  process.stdout.write(`soft UKey: ${sanitize ? buildFolder : outputFolder}\n`);
}
