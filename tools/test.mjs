#!/usr/bin/env node
/**
 * `npm test`: installs what is missing, builds, runs every suite, and ends with one line `N passed, N failed, N skipped`.
 * Suites: Vitest (unit and integration) and Playwright (journeys in Chromium). Arguments are handed to Vitest as filters, and then journeys are left out.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './run-typescript.mjs';

const resultsFolder = join(root, 'test-results');
const filters = process.argv.slice(2);

/** Runs a program with its output shown. @returns its exit code */
function run(command, args, env = {}) {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1;
}

function orStop(code, what) {
  if (code === 0) return;
  console.error(`${what} failed`);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(1);
}

/** The first lines of what a failed test said: enough to know it by when only the end of the output was kept. */
function brief(messages) {
  return messages.filter(Boolean).join('\n').split('\n').slice(0, 12).map((line) => `      ${line.slice(0, 300)}`).join('\n');
}

/**
 * A run that ended in another way than its report says (an error outside any test, no report at all) counts as one failure.
 * @returns {{passed: number, failed: number, skipped: number, skips: string[], failures: string[]}}
 */
function counted(name, exitCode, result) {
  if (result.failed > 0 || exitCode === 0) return result;
  return { ...result, failed: 1, failures: [`${name} ended with ${exitCode} although no test failed: see its output above`] };
}

function readVitest(file, exitCode) {
  if (!existsSync(file)) return counted('Vitest', exitCode || 1, { passed: 0, failed: 0, skipped: 0, skips: [], failures: [] });
  const report = JSON.parse(readFileSync(file, 'utf8'));
  const tests = report.testResults.flatMap((suite) => suite.assertionResults.map((test) => ({ ...test, file: relative(root, suite.name) })));
  const brokenFiles = report.testResults.filter((suite) => suite.status === 'failed' && suite.assertionResults.every((test) => test.status !== 'failed'));
  const failedTests = tests.filter((test) => test.status === 'failed');
  return counted('Vitest', exitCode, {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
    skips: tests.filter((test) => ['skipped', 'pending', 'todo'].includes(test.status)).map((test) => test.fullName),
    failures: [...failedTests.map((test) => `${test.file}: ${test.fullName}\n${brief(test.failureMessages)}`), ...brokenFiles.map((suite) => `${relative(root, suite.name)}\n${brief([suite.message])}`)],
  });
}

function readPlaywright(file, exitCode) {
  if (!existsSync(file)) return counted('Playwright', exitCode || 1, { passed: 0, failed: 0, skipped: 0, skips: [], failures: [] });
  const { stats, suites } = JSON.parse(readFileSync(file, 'utf8'));
  const skips = [], failures = [];
  const visit = (suite) => {
    for (const spec of suite.specs ?? []) {
      if (spec.tests.some((test) => test.status === 'skipped')) skips.push(spec.title);
      const failed = spec.tests.filter((test) => test.status === 'unexpected' || test.status === 'flaky');
      if (failed.length > 0) failures.push(`${spec.file}: ${spec.title}\n${brief(failed.flatMap((test) => test.results.map((result) => result.error?.message)))}`);
    }
    for (const child of suite.suites ?? []) visit(child);
  };
  suites.forEach(visit);
  return counted('Playwright', exitCode, { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped, skips, failures });
}

orStop(run(process.execPath, ['tools/setup.mjs', '--for', 'test']), 'set-up');
orStop(run(process.execPath, ['tools/build.mjs']), 'build');
rmSync(resultsFolder, { recursive: true, force: true });
mkdirSync(resultsFolder, { recursive: true });

const vitestFile = join(resultsFolder, 'vitest.json');
const vitestCode = run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${vitestFile}`, ...filters]);
const counts = [readVitest(vitestFile, vitestCode)];

if (filters.length === 0) {
  const playwrightFile = join(resultsFolder, 'playwright.json');
  const playwrightCode = run(process.execPath, ['node_modules/@playwright/test/cli.js', 'test', '--reporter=list,json'], { PLAYWRIGHT_JSON_OUTPUT_NAME: playwrightFile });
  counts.push(readPlaywright(playwrightFile, playwrightCode));
}

const sum = (field) => counts.reduce((total, count) => total + count[field], 0);
const skips = counts.flatMap((count) => count.skips);
if (skips.length > 0) console.log(`Skipped:\n${skips.map((name) => `  - ${name}`).join('\n')}`);
// Last, so that a kept end of the output names them.
const failures = counts.flatMap((count) => count.failures);
if (failures.length > 0) console.log(`Failed:\n${failures.map((failure) => `  - ${failure}`).join('\n')}`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
process.exitCode = sum('failed') === 0 && sum('passed') > 0 ? 0 : 1;
