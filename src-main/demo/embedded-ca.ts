/**
 * The CA service as a child of BidKey: started by path, ready when it says so, started again on the same port when it dies by itself, ended with us.
 * It is a service like any other: after the start it is only spoken to over REST.
 */
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#shared/errors/app-error.ts';
import type { Log } from '../report/log.ts';
import type { ProgramEnd, ProgramSpawner, RunningProgram } from './spawn-program.ts';

/** The first start makes the keys of a CA, which takes its time on a slow machine. */
const READY_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 5_000;
/** A service that dies so often in one run has a fault that starting again does not mend. */
const MAX_RESTARTS = 3;
const RESTART_PAUSE_MS = 500;

export interface EmbeddedCaOptions {
  /** dist/ca.js */
  readonly program: string;
  readonly dataFolder: string;
  /** Sandbox providers, demo project, demo account. */
  readonly demo: boolean;
  readonly spawner: ProgramSpawner;
  readonly log: Log;
}

export interface EmbeddedCa {
  /** Stays the same over restarts. */
  readonly baseUrl: string;
  /** Null while it is being started again. */
  pid(): number | null;
  /** Settles when the service is gone for good without having been asked to go. */
  readonly failed: Promise<AppError>;
  close(): Promise<void>;
}

/** @throws CA_SERVICE_FAILED */
export async function startEmbeddedCa(options: EmbeddedCaOptions): Promise<EmbeddedCa> {
  if (!existsSync(options.program)) throw new AppError('CA_SERVICE_FAILED', { reason: 'program missing', program: options.program });
  mkdirSync(options.dataFolder, { recursive: true, mode: 0o700 });
  const logFile = join(options.dataFolder, 'service.log');
  writeFileSync(logFile, '', { mode: 0o600 });

  let closing = false;
  let restarts = 0;
  let current: ReadyService | null = await startService(options, 0, logFile);
  const { baseUrl } = current;
  const port = Number(new URL(baseUrl).port);
  let settleFailed: (error: AppError) => void = () => undefined;
  const failed = new Promise<AppError>((settled) => { settleFailed = settled; });

  const watch = (service: ReadyService) => {
    void service.running.ended.then((end) => {
      current = null;
      if (!closing) void startAgain(end);
    });
  };
  const startAgain = async (end: ProgramEnd) => {
    options.log.error('embedded-ca.ended', { exitCode: end.exitCode, signal: end.signal, restarts });
    try {
      if (restarts >= MAX_RESTARTS) throw serviceFailed(end, logFile);
      restarts += 1;
      await pause(RESTART_PAUSE_MS * restarts);
      if (closing) return;
      const service = await startService(options, port, logFile);
      // Asked to end while it was starting: nobody else would end it.
      if (closing) return await stopService(service.running);
      current = service;
      watch(service);
    } catch (thrown) {
      settleFailed(thrown instanceof AppError ? thrown : new AppError('CA_SERVICE_FAILED', { log: logFile }, thrown));
    }
  };
  watch(current);

  return {
    baseUrl,
    pid: () => current?.running.pid ?? null,
    failed,
    async close() {
      closing = true;
      if (current !== null) await stopService(current.running);
    },
  };
}

interface ReadyService {
  readonly running: RunningProgram;
  readonly baseUrl: string;
}

async function startService(options: EmbeddedCaOptions, port: number, logFile: string): Promise<ReadyService> {
  const keepLine = (line: string) => appendFileSync(logFile, `${line}\n`);
  let settleReady: (url: string) => void = () => undefined;
  const ready = new Promise<string>((settled) => { settleReady = settled; });
  const flags = ['--data', options.dataFolder, '--host', '127.0.0.1', '--port', String(port), ...(options.spawner.holdsStandardInput ? ['--exit-with-parent'] : []), ...(options.demo ? ['--demo'] : [])];
  const running = options.spawner.spawn(options.program, flags, {
    onOutputLine: (line) => {
      const url = readyUrl(line);
      if (url === null) keepLine(line);
      else settleReady(url);
    },
    onErrorLine: keepLine,
  });
  const timer = deadline(READY_LIMIT_MS);
  const first = await Promise.race([ready, running.ended, timer.over]);
  timer.cancel();
  if (typeof first === 'string') return { running, baseUrl: first };
  running.kill();
  throw serviceFailed(first, logFile);
}

/** `{"event":"ready","url":"http://127.0.0.1:43210"}`; any other line is for the log. */
function readyUrl(line: string): string | null {
  if (!line.startsWith('{')) return null;
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed !== 'object' || parsed === null || !('event' in parsed) || parsed.event !== 'ready') return null;
    return 'url' in parsed && typeof parsed.url === 'string' && URL.canParse(parsed.url) ? new URL(parsed.url).origin : null;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

async function stopService(running: RunningProgram): Promise<void> {
  running.stop();
  const timer = deadline(STOP_LIMIT_MS);
  if ((await Promise.race([running.ended, timer.over])) === null) running.kill();
  timer.cancel();
  await running.ended;
}

function serviceFailed(end: ProgramEnd | null, logFile: string): AppError {
  return new AppError('CA_SERVICE_FAILED', { reason: end === null ? 'not ready in time' : 'ended', exitCode: end?.exitCode ?? null, signal: end?.signal ?? null, log: logFile });
}

function deadline(milliseconds: number): { over: Promise<null>; cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<null>((settled) => { timer = setTimeout(() => settled(null), milliseconds); });
  return { over, cancel: () => clearTimeout(timer) };
}

const pause = (milliseconds: number) => new Promise<void>((done) => { setTimeout(done, milliseconds); });
