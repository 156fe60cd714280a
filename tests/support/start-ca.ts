/**
 * Starts the CA service for a test as the child process that it is in life: `dist/ca.js` when that is newer than the sources, else the sources
 * through tsx. Builds nothing. `restart()` keeps data folder and address; `kill()` is SIGKILL.
 *
 *   const ca = await startCa();                      // demo data, sandbox on, own data folder, random port
 *   const [code] = await ca.sandboxCodes();          // authorization codes of the sandbox inbox, newest first
 *   await ca.stop();                                 // ends it and deletes a data folder that it made
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const START_LIMIT_MS = 60_000;

export interface StartCaOptions {
  /** Default: a new folder, deleted by `stop()`. */
  readonly dataFolder?: string;
  /** Default: `--demo`. */
  readonly flags?: readonly string[];
  /** Added to the environment, for example BIDKEY_CA_TEST_ONLY_KILL_AT (see src-ca/issuance/fault-points.ts). */
  readonly env?: Readonly<Record<string, string>>;
  /** Default 0. */
  readonly port?: number;
}

export interface RunningCa {
  /** Origin, without a slash at the end. The same after `restart()`. */
  readonly url: string;
  readonly dataFolder: string;
  pid(): number;
  /** What it wrote to standard error since the last start. */
  log(): string;
  /** Exit code or signal, once it has ended. */
  ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and port; ends it first when it still runs. */
  restart(options?: Pick<StartCaOptions, 'env' | 'flags'>): Promise<void>;
  /** Authorization codes in the sandbox inbox, newest first. @param orderNumber only those of this order */
  sandboxCodes(orderNumber?: string): Promise<string[]>;
  /** Orderly end; deletes the data folder if this made it. */
  stop(): Promise<void>;
}

export async function startCa(options: StartCaOptions = {}): Promise<RunningCa> {
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'bidkey-ca-')));
  let running = await launch(dataFolder, options.port ?? 0, options.flags ?? ['--demo'], options.env ?? {});
  const { url } = running;
  return {
    url,
    dataFolder,
    pid: () => running.child.pid ?? 0,
    log: () => running.log.join('\n'),
    ended: () => running.ended,
    async kill() {
      running.child.kill('SIGKILL');
      await running.ended;
    },
    async restart(changes = {}) {
      await end(running);
      running = await launch(dataFolder, Number(new URL(url).port), changes.flags ?? options.flags ?? ['--demo'], changes.env ?? {});
    },
    sandboxCodes: (orderNumber) => sandboxCodes(url, orderNumber),
    async stop() {
      await end(running);
      if (options.dataFolder === undefined) await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

interface Launched {
  readonly child: ChildProcess;
  readonly url: string;
  readonly log: string[];
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

async function launch(dataFolder: string, port: number, flags: readonly string[], env: Readonly<Record<string, string>>): Promise<Launched> {
  const program = newestProgram();
  // Standard input stays open as long as the test runs: with it the service ends, however the test ends.
  const child = spawn(process.execPath, [...program, '--data', dataFolder, '--port', String(port), '--exit-with-parent', ...flags], { cwd: root, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const log: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((settle) => child.once('exit', (code, signal) => settle({ code, signal })));
  const ready = new Promise<string>((settle) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = JSON.parse(line) as { event?: string; url?: string };
      if (message.event === 'ready' && message.url !== undefined) settle(message.url);
    });
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((settle) => {
    timer = setTimeout(() => settle(null), START_LIMIT_MS);
  });
  const first = await Promise.race([ready, ended, late]);
  clearTimeout(timer);
  if (typeof first === 'string') return { child, url: first, log, ended };
  child.kill('SIGKILL');
  throw new Error(`the CA service did not start (${JSON.stringify(first)}):\n${log.join('\n')}`);
}

async function end(running: Launched): Promise<void> {
  if (running.child.exitCode === null && running.child.signalCode === null) running.child.kill('SIGTERM');
  await running.ended;
}

/** How node is told which program: the bundle when it is newer than every source, else the sources. */
function newestProgram(): string[] {
  const bundle = join(root, 'dist', 'ca.js');
  const newestSource = Math.max(newestIn(join(root, 'src-ca')), newestIn(join(root, 'src-shared')));
  return existsSync(bundle) && statSync(bundle).mtimeMs > newestSource ? [bundle] : ['--import', 'tsx', join(root, 'src-ca', 'main.ts')];
}

function newestIn(folder: string): number {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) newest = Math.max(newest, newestIn(path));
    else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts')) newest = Math.max(newest, statSync(path).mtimeMs);
  }
  return newest;
}

async function sandboxCodes(url: string, orderNumber?: string): Promise<string[]> {
  const response = await fetch(`${url}/v1/sandbox/messages?limit=100`);
  const { items } = (await response.json()) as { items: { text: string }[] };
  return items
    .filter(({ text }) => orderNumber === undefined || text.includes(orderNumber))
    .map(({ text }) => /操作授权码：(\d{6})/.exec(text)?.[1])
    .filter((code): code is string => code !== undefined);
}
