/** Programs that a journey starts: waiting for what they print, and ending them. */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The first start makes the keys of two authorities and of the demo; on a busy machine that takes its time. */
export const READY_WITHIN_MS = 120_000;

/** The first line of output that matches; the lines before it go to `before`. */
export function lineWith(program: ChildProcess, wanted: RegExp, before: string[] = []): Promise<string> {
  return new Promise((resolve, reject) => {
    const complaints: string[] = [];
    const timer = setTimeout(() => reject(new Error(`not ready in time: ${[...before, ...complaints].join('\n')}`)), READY_WITHIN_MS);
    program.stderr?.on('data', (bytes) => complaints.push(String(bytes)));
    program.once('exit', (code) => reject(new Error(`ended with ${code}: ${[...before, ...complaints].join('\n')}`)));
    if (program.stdout === null) return reject(new Error('no output'));
    createInterface({ input: program.stdout }).on('line', (line) => {
      before.push(line);
      if (!wanted.test(line)) return;
      clearTimeout(timer);
      resolve(line);
    });
  });
}

export async function end(program: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const ended = new Promise((resolve) => program.once('exit', resolve));
  program.kill(signal);
  await ended;
}
