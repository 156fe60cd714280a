/** Our programs as processes, for tests that look from outside: start, read lines, wait, end, and see that nothing is left behind. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isBuilt } from '../../tools/setup/build-state.mjs';

export const root = join(import.meta.dirname, '..', '..');

/** Builds when sources are newer than dist/. Not with spawnSync: a worker of Vitest that is silent for a minute counts as lost. */
export async function ensureBuilt(): Promise<void> {
  if (isBuilt(root)) return;
  const build = startProgram(['tools/build.mjs']);
  if ((await build.ended) !== 0) throw new Error(`build failed:\n${build.lines.join('\n')}`);
}

export interface RunningProgramUnderTest {
  readonly child: ChildProcess;
  readonly lines: string[];
  /** The first line that matches, also one that was printed before. @throws when the program ends first */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** Exit code or signal. */
  readonly ended: Promise<number | string>;
}

export function startProgram(args: readonly string[], environment: Record<string, string | undefined> = {}): RunningProgramUnderTest {
  const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const onLine = (line: string) => {
    lines.push(line);
    waiting.forEach((look) => look());
  };
  createInterface({ input: child.stdout }).on('line', onLine);
  createInterface({ input: child.stderr }).on('line', onLine);
  const ended = new Promise<number | string>((done) => child.once('close', (code, signal) => done(code ?? signal ?? 'unknown')));
  return {
    child, lines, ended,
    line: (pattern) => new Promise((found, failed) => {
      const look = () => {
        const match = lines.map((line) => pattern.exec(line)).find((hit) => hit !== null);
        if (match == null) return;
        waiting.delete(look);
        found(match);
      };
      waiting.add(look);
      void ended.then((how) => failed(new Error(`ended (${how}) before ${pattern}:\n${lines.join('\n')}`)));
      look();
    }),
  };
}

export interface FinishedProgram {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param fds lines for file descriptors 3, 4, … */
export async function runCli(args: readonly string[], options: { fds?: readonly string[]; input?: string; environment?: Record<string, string | undefined> } = {}): Promise<FinishedProgram> {
  const fds = options.fds ?? [];
  const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', ...fds.map(() => 'pipe' as const)];
  const child = spawn(process.execPath, [join(root, 'tools/bin/bidkey.mjs'), ...args], { cwd: root, env: { ...process.env, LANG: 'zh_CN.UTF-8', ...options.environment }, stdio });
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (bytes: Buffer) => { output.stdout += bytes.toString('utf8'); });
  child.stderr?.on('data', (bytes: Buffer) => { output.stderr += bytes.toString('utf8'); });
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.input ?? '');
  fds.forEach((text, index) => {
    const pipe = child.stdio[index + 3] as NodeJS.WritableStream;
    pipe.on('error', () => undefined);
    pipe.end(text);
  });
  const status = await new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  return { status, ...output };
}

/** All processes below one, read from /proc. */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (/^\d+$/.test(name)) parents.set(Number(name), parentOf(Number(name)) ?? 0);
  }
  const below = (parent: number): number[] => [...parents].filter(([, its]) => its === parent).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

/** @returns null when the process is gone or only waits to be collected */
function parentOf(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
    return fields[0] === 'Z' ? null : Number(fields[1]);
  } catch (thrown) {
    if (['ENOENT', 'ESRCH'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return null;
    throw thrown;
  }
}

export const lives = (pid: number): boolean => parentOf(pid) !== null;

/** Asks again until it is so; the test's own time limit ends it. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((done) => setTimeout(done, 50));
}
