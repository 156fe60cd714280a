/** `npm run check`: everything that can be told without running the product. Prints each check with its problems; exit code 1 when there are any. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { checkErrorTable } from './error-table.ts';
import { repositoryRoot } from './imports.ts';
import { checkLayers } from './layers.ts';
import { checkLocales } from './locales.ts';
import { checkOpenApi } from './openapi.ts';
import { checkUkeyModels } from './ukey-models.ts';

const binary = (name: string) => join(repositoryRoot, 'node_modules', '.bin', name);

function runProgram(name: string, ...args: string[]): string[] {
  const { status, stdout, stderr } = spawnSync(binary(name), args, { cwd: repositoryRoot, encoding: 'utf8' });
  return status === 0 ? [] : `${stdout}${stderr}`.trim().split('\n');
}

const CHECKS: readonly (readonly [string, () => string[] | Promise<string[]>])[] = [
  ['types', () => runProgram('tsc', '-p', '.')],
  ['lint', () => runProgram('eslint', '.')],
  ['layers', checkLayers],
  ['error table', checkErrorTable],
  ['locale texts', checkLocales],
  ['UKey models', checkUkeyModels],
  ['OpenAPI', checkOpenApi],
];

let failed = 0;
for (const [name, check] of CHECKS) {
  const problems = await check();
  if (problems.length > 0) failed += 1;
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  for (const problem of problems.slice(0, 100)) console.log(`     ${problem}`);
}
console.log(`${CHECKS.length - failed} checks passed, ${failed} checks failed`);
process.exitCode = failed === 0 ? 0 : 1;
