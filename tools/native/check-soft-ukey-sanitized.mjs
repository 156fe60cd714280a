#!/usr/bin/env node
/**
 * The software UKey under AddressSanitizer and UBSan: builds that variant, runs the native driver, fuzzes what the key parses for a bounded time
 * (fuzz-soft-ukey.mjs, `--fuzz-seconds N` for each target, default 20), then runs the conformance suites and those of the key itself on the sanitized library inside Node.
 * Exit code 0: nothing found. Needs g++ with libasan; not part of `npm test`, since the build takes minutes.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const build = join(root, 'build/native/soft-ukey-asan');
const at = process.argv.indexOf('--fuzz-seconds');
const fuzzSeconds = at > 0 ? process.argv[at + 1] : '20';

function step(name, command, args, env = {}) {
  process.stdout.write(`== ${name}\n`);
  const { status, signal } = spawnSync('nice', ['-n', '10', command, ...args], { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (status === 0) return;
  process.stderr.write(`${name}: ${signal ?? `exit code ${status}`}\n`);
  process.exit(1);
}

step('build', process.execPath, [join(root, 'tools/native/build-soft-ukey.mjs'), '--sanitize']);
step('native driver', join(build, 'drivers/native-tests'), []);
step(`fuzz ${fuzzSeconds} s for each target`, process.execPath, [join(root, 'tools/native/fuzz-soft-ukey.mjs'), '--seconds', fuzzSeconds]);
// Node itself is not instrumented: the sanitizer comes in front of it, and Node's own leaks are not ours to count.
const asan = execFileSync('gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim();
step('suites', process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'tests/conformance', 'tests/soft-ukey', '--testTimeout', '600000'], { LD_PRELOAD: asan, ASAN_OPTIONS: 'detect_leaks=0', BIDKEY_SOFT_UKEY_BUILD: build });
