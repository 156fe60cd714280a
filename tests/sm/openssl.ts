/** Debian's openssl as a second opinion, over files in a folder of its own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface OpenSsl {
  readonly folder: string;
  path(name: string): string;
  write(name: string, bytes: Uint8Array): string;
  read(name: string): Uint8Array;
  /** Runs it; `@name` stands for a file of the folder. @returns exit code and output */
  run(...parameters: readonly string[]): { readonly ok: boolean; readonly output: string };
  /** Must succeed. */
  must(...parameters: readonly string[]): string;
  remove(): void;
}

export function openSsl(): OpenSsl {
  const folder = mkdtempSync(join(tmpdir(), 'bidkey-openssl-'));
  const path = (name: string) => join(folder, name);
  const run = (...parameters: readonly string[]) => {
    const done = spawnSync('openssl', parameters.map((one) => (one.startsWith('@') ? path(one.slice(1)) : one)), { encoding: 'utf8', cwd: folder, input: '' });
    if (done.error) throw done.error;
    return { ok: done.status === 0, output: done.stdout + done.stderr };
  };
  return {
    folder,
    path,
    run,
    write(name, bytes) {
      writeFileSync(path(name), bytes);
      return path(name);
    },
    read: (name) => new Uint8Array(readFileSync(path(name))),
    must(...parameters) {
      const { ok, output } = run(...parameters);
      if (!ok) throw new Error(`openssl ${parameters.join(' ')}: ${output}`);
      return output;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
