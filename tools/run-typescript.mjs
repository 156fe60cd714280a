/** Runs one of our TypeScript programs by tsx, after what it needs has been installed. Node built-ins only: it must work on a fresh clone. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** @returns the program's exit code */
export function runTypeScript(program, args) {
  const setup = spawnSync(process.execPath, [join(root, 'tools/setup.mjs'), '--quiet'], { cwd: root, stdio: 'inherit' });
  if (setup.status !== 0) return setup.status ?? 1;
  const run = spawnSync(process.execPath, ['--import', 'tsx', join(root, program), ...args], { cwd: root, stdio: 'inherit' });
  return run.status ?? 1;
}
