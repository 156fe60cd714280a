#!/usr/bin/env node
/**
 * `npm test`: installs what is missing, builds, runs every suite, and ends with one line `N passed, N failed, N skipped`.
 * Suites: Vitest (unit and integration) and Playwright (journeys in Chromium). Arguments are handed to Vitest as filters, and then journeys are left out.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
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

/** @returns {{passed: number, failed: number, skipped: number, skips: string[]}} */
function readVitest(file, exitCode) {
  const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  const skips = report.testResults.flatMap((suite) => suite.assertionResults.filter((test) => test.status === 'skipped' || test.status === 'pending' || test.status === 'todo').map((test) => test.fullName));
  const brokenFiles = report.testResults.filter((suite) => suite.status === 'failed' && suite.assertionResults.every((test) => test.status !== 'failed')).length;
  const failed = report.numFailedTests + brokenFiles;
  return { passed: report.numPassedTests, failed: failed === 0 && exitCode !== 0 ? 1 : failed, skipped: report.numPendingTests + report.numTodoTests, skips };
}

function readPlaywright(file, exitCode) {
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0, skips: [] };
  const { stats, suites } = JSON.parse(readFileSync(file, 'utf8'));
  const failed = stats.unexpected + stats.flaky;
  const skips = [];
  const visit = (suite) => {
    for (const spec of suite.specs ?? []) if (spec.tests.some((test) => test.status === 'skipped')) skips.push(spec.title);
    for (const child of suite.suites ?? []) visit(child);
  };
  suites.forEach(visit);
  return { passed: stats.expected, failed: failed === 0 && exitCode !== 0 ? 1 : failed, skipped: stats.skipped, skips };
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
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
process.exitCode = sum('failed') === 0 && sum('passed') > 0 ? 0 : 1;
