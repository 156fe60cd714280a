/**
 * The engine's log: a ring of the last lines for support reports, and a file that is cut in time. Rule: fields are plain facts; whatever
 * looks like a secret is struck out before a line exists (redact.ts), so that no reader of the log has to be trusted.
 */
import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs';
import type { ErrorDetails } from '#shared/errors/error-row.ts';
import { redact } from './redact.ts';

export interface Log {
  info(event: string, fields?: ErrorDetails): void;
  warn(event: string, fields?: ErrorDetails): void;
  error(event: string, fields?: ErrorDetails): void;
  /** The newest lines, oldest first. */
  lastLines(): readonly string[];
}

export interface LogOptions {
  readonly now: () => Date;
  /** Null: the ring only. */
  readonly file: string | null;
}

const RING_LINES = 200;
const MAX_FILE_BYTES = 1024 * 1024;

export function createLog(options: LogOptions): Log {
  const ring: string[] = [];

  function write(level: string, event: string, fields: ErrorDetails = {}): void {
    const facts = Object.entries(fields).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    const line = redact([options.now().toISOString(), level, event, ...facts].join(' ')).replace(/[\r\n]+/g, ' ');
    keep(line);
    if (options.file) keepInFile(options.file, line);
  }

  function keep(line: string): void {
    ring.push(line);
    if (ring.length > RING_LINES) ring.shift();
  }

  /** A log that cannot be written (a full disk, a folder that is gone) must not stop a writing half-way; the report says that lines are missing. */
  function keepInFile(file: string, line: string): void {
    try {
      appendLine(file, line);
    } catch (thrown) {
      keep(`${options.now().toISOString()} error log file not written systemCode=${JSON.stringify((thrown as NodeJS.ErrnoException).code ?? null)}`);
    }
  }

  return {
    info: (event, fields) => write('info', event, fields),
    warn: (event, fields) => write('warn', event, fields),
    error: (event, fields) => write('error', event, fields),
    lastLines: () => [...ring],
  };
}

/** One older file is kept beside the present one. */
function appendLine(file: string, line: string): void {
  if (existsSync(file) && statSync(file).size > MAX_FILE_BYTES) renameSync(file, `${file}.1`);
  appendFileSync(file, `${line}\n`, { mode: 0o600 });
}
