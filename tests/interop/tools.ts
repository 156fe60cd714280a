/** Runs other people's programs on files in a scratch folder. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ToolAnswer {
  readonly exitCode: number;
  /** Standard output and standard error, in that order. */
  readonly output: string;
}

export interface Scratch {
  readonly folder: string;
  write(name: string, content: string | Uint8Array): Promise<string>;
  path(name: string): string;
  run(program: string, programArguments: readonly string[], options?: { readonly env?: Readonly<Record<string, string>>; readonly input?: string }): Promise<ToolAnswer>;
  dispose(): Promise<void>;
}

const TOOL_TIME_LIMIT_MS = 60_000;

export async function createScratch(): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), 'bidkey-interop-'));
  return {
    folder,
    path: (name) => join(folder, name),
    async write(name, content) {
      await writeFile(join(folder, name), content);
      return join(folder, name);
    },
    run: (program, programArguments, options = {}) =>
      new Promise((resolve, reject) => {
        const child = execFile(program, [...programArguments], { cwd: folder, timeout: TOOL_TIME_LIMIT_MS, maxBuffer: 16 << 20, env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env } }, (error, stdout, stderr) => {
          const exitCode = error ? (typeof error.code === 'number' ? error.code : null) : 0;
          if (exitCode === null) reject(error ?? new Error(program));
          else resolve({ exitCode, output: `${stdout}${stderr}` });
        });
        // A tool that takes no input may be gone before ours arrives; its exit code says whether that was a fault.
        child.stdin?.on('error', (error: NodeJS.ErrnoException) => error.code !== 'EPIPE' && reject(error));
        child.stdin?.end(options.input ?? '');
      }),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}
