#!/usr/bin/env node
/**
 * Fuzzes what the software UKey parses (tests/soft-ukey/native/fuzz-*) under AddressSanitizer and UBSan: each target for `--seconds N` (default 20) by libFuzzer,
 * which is guided by the code it reaches. Corpora stay in build/native/soft-ukey-libfuzzer/corpus and grow from run to run; what breaks something is kept beside
 * them in found/. `--target NAME` takes one target only. Where clang is not installed the driver's own loop over mutated seeds runs instead, and is counted
 * as a skip. Needs the build of `build-soft-ukey.mjs --sanitize`, which writes the seeds. Exit code 0: nothing found.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const loopDriver = join(root, 'build/native/soft-ukey-asan/drivers/fuzz-parsers');
const folder = join(root, 'build/native/soft-ukey-libfuzzer');
const option = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);
const seconds = Number(option('--seconds') ?? 20);
/** As many as tests/soft-ukey/native/fuzz-world.cpp lists. */
const TARGETS = 7;
const only = option('--target');

// Keys are rewritten with fsync at every change: in memory that costs nothing. Removed afterwards, also when a target died.
const scratch = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'bidkey-fuzz-'));
const run = (command, args, stdio = 'inherit') => spawnSync('nice', ['-n', '10', command, ...args], { cwd: root, encoding: 'utf8', stdio, maxBuffer: 64 << 20, env: { ...process.env, TMPDIR: scratch } });
const say = (line) => process.stdout.write(`fuzz: ${line}\n`);

/** @returns {{inputs: number, edges: number} | null} null when something was found, which has been printed */
function fuzzTarget(target, seeds) {
  const corpus = join(folder, 'corpus', target), found = join(folder, 'found');
  for (const path of [corpus, found]) mkdirSync(path, { recursive: true });
  const args = [`--target=${target}`, `-max_total_time=${seconds}`, '-max_len=8192', '-timeout=20', '-rss_limit_mb=3000', `-artifact_prefix=${found}/${target}-`, corpus, join(seeds, target)];
  const { status, stderr } = run(join(folder, 'drivers/fuzz-libfuzzer'), args, 'pipe');
  const end = /#(\d+)\s+DONE\s+cov: (\d+)/.exec(stderr);
  if (status === 0 && end) return { inputs: Number(end[1]), edges: Number(end[2]) };
  process.stderr.write(`${stderr.slice(-20_000)}\n`);
  return null;
}

function fuzzAll() {
  const seeds = join(scratch, 'seeds');
  if (run(loopDriver, ['--write-seeds', seeds]).status !== 0) throw new Error('the seeds could not be written; run build-soft-ukey.mjs --sanitize first');
  const targets = readdirSync(seeds).filter((target) => only === undefined || target === only).sort();
  if (targets.length === 0) throw new Error(`no target is called ${only}`);
  const failed = targets.filter((target) => {
    const done = fuzzTarget(target, seeds);
    say(done ? `${target}: ${done.inputs} inputs, ${done.edges} edges, nothing found` : `${target}: FOUND, see above and ${join(folder, 'found')}`);
    return done === null;
  });
  say(`${targets.length - failed.length} passed, ${failed.length} failed, 0 skipped`);
  return failed.length === 0;
}

/** The whole time of all targets, shared among them. */
function loop() {
  say('clang is not installed: libFuzzer is skipped, the seeds are mutated blindly instead (apt-get install clang libclang-rt-dev)');
  const passed = run(loopDriver, [String(seconds * TARGETS)]).status === 0;
  say(`${passed ? '1 passed, 0 failed' : '0 passed, 1 failed'}, 1 skipped`);
  return passed;
}

try {
  const hasClang = spawnSync('clang++', ['--version'], { stdio: 'ignore' }).status === 0;
  if (hasClang && run(process.execPath, [join(root, 'tools/native/build-soft-ukey.mjs'), '--libfuzzer']).status !== 0) throw new Error('the targets could not be built');
  process.exitCode = (hasClang ? fuzzAll() : loop()) ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
