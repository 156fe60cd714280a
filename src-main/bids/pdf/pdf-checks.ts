/**
 * Checks of PDFs that somebody added: whether they can be opened and are not encrypted. They are read in a process of their own, never in the engine: a PDF may be made to
 * keep its reader busy without an end, or to fill the memory. Rule: a check ends by an answer, by its limits, or by being cancelled; a reader that did anything but
 * answer reads no other file.
 */
import { stat } from 'node:fs/promises';
import { sep } from 'node:path';
import { AppError, refuse, toAppError } from '#shared/errors/app-error.ts';
import { unwrap, type Result } from '#shared/errors/result.ts';
import { findHostProgram, forkSpawner, type HostSpawner } from '../../token/host-spawner.ts';
import { systemClock, type TokenHostClock } from '../../token/token-host-ports.ts';
import { PdfReader } from './pdf-reader.ts';
import type { CheckedPdf } from './pdf-reader-protocol.ts';

/** @throws BID_PDF_UNREADABLE, BID_PDF_ENCRYPTED, BID_PDF_TOO_COMPLEX, SEAL_SOURCE_UNREADABLE, CANCELLED */
export type CheckPdf = (path: string) => Promise<CheckedPdf>;

export interface PdfChecks {
  readonly check: CheckPdf;
  /** Ends the checks of files below a folder: its project was put away. */
  cancelIn(folder: string): void;
  /** Ends everything; later checks are refused. */
  close(): void;
}

export interface PdfCheckOptions {
  readonly spawner: HostSpawner;
  readonly clock?: Pick<TokenHostClock, 'after'>;
  readonly limits?: Partial<PdfLimits>;
}

export interface PdfLimits {
  readonly milliseconds: number;
  /** Beside the file itself, which a reader may have to read whole when its table of contents is damaged. */
  readonly memoryBytes: number;
}

const LIMITS: PdfLimits = { milliseconds: 60_000, memoryBytes: 512 << 20 };
/** Many files may be dropped at once. */
const AT_ONCE = 2;
/** A reader that is done waits so long for the next file: starting one takes half a second. */
const SPARE_FOR_MS = 20_000;

/** Answers after which the reader is as good as new. */
const PLAIN_REFUSALS: ReadonlySet<string> = new Set(['BID_PDF_UNREADABLE', 'BID_PDF_ENCRYPTED', 'SEAL_SOURCE_UNREADABLE']);

interface Check {
  readonly path: string;
  readonly settle: (answer: () => CheckedPdf) => void;
  reader: PdfReader | null;
  cancelLimit: () => void;
}

/** As a child of Node: the built program beside the running one, or in a source tree the source. */
export const forkPdfReaderSpawner = (script?: string): HostSpawner => forkSpawner(script === undefined ? findHostProgram(import.meta.url, 'pdf-reader.js', 'reader/main.ts') : { script, execArgv: [] });

export function createPdfChecks(options: PdfCheckOptions): PdfChecks {
  const { spawner } = options;
  const clock = options.clock ?? systemClock;
  const limits = { ...LIMITS, ...options.limits };
  const waiting: Check[] = [];
  const running = new Set<Check>();
  let spare: { readonly reader: PdfReader; readonly cancel: () => void } | null = null;
  let closed = false;

  function beginNext(): void {
    while (running.size < AT_ONCE) {
      const one = waiting.shift();
      if (!one) return;
      running.add(one);
      void begin(one);
    }
  }

  async function begin(one: Check): Promise<void> {
    try {
      const { size } = await stat(one.path).catch((thrown: NodeJS.ErrnoException) => refuse('SEAL_SOURCE_UNREADABLE', { reason: thrown.code ?? '' }, thrown));
      // Cancelled meanwhile.
      if (!running.has(one)) return;
      one.cancelLimit = clock.after(limits.milliseconds, () => fail(one, tooComplex('time')));
      one.reader = takeReader();
      one.reader.ask(one.path, limits.memoryBytes + size, (result) => answered(one, result), () => fail(one, tooComplex('reader')));
    } catch (thrown) {
      fail(one, toAppError(thrown));
    }
  }

  function takeReader(): PdfReader {
    const taken = spare;
    spare = null;
    taken?.cancel();
    return taken?.reader ?? new PdfReader(spawner.spawn({}));
  }

  function answered(one: Check, result: Result<CheckedPdf>): void {
    if (one.reader && (result.ok || PLAIN_REFUSALS.has(result.error.code))) {
      keep(one.reader);
      one.reader = null;
    }
    end(one, () => unwrap(result));
  }

  const fail = (one: Check, error: AppError): void => end(one, () => { throw error; });

  function end(one: Check, answer: () => CheckedPdf): void {
    if (!running.delete(one)) return;
    one.cancelLimit();
    one.reader?.dismiss();
    one.settle(answer);
    beginNext();
  }

  function keep(reader: PdfReader): void {
    if (spare || closed) return reader.dismiss();
    spare = { reader, cancel: clock.after(SPARE_FOR_MS, dropSpare) };
    reader.rest(dropSpare);
  }

  function dropSpare(): void {
    spare?.cancel();
    spare?.reader.dismiss();
    spare = null;
  }

  function cancel(isMeant: (one: Check) => boolean): void {
    const dropped = waiting.filter(isMeant);
    waiting.splice(0, waiting.length, ...waiting.filter((one) => !isMeant(one)));
    for (const one of dropped) one.settle(() => refuse('CANCELLED'));
    for (const one of [...running].filter(isMeant)) fail(one, new AppError('CANCELLED'));
  }

  return {
    check: (path) => new Promise((resolve, reject) => {
      const settle = (answer: () => CheckedPdf) => {
        try {
          resolve(answer());
        } catch (thrown) {
          reject(thrown);
        }
      };
      if (closed) return settle(() => refuse('CANCELLED'));
      waiting.push({ path, settle, reader: null, cancelLimit: () => undefined });
      beginNext();
    }),
    cancelIn: (folder) => cancel(({ path }) => path.startsWith(`${folder}${sep}`)),
    close() {
      closed = true;
      cancel(() => true);
      dropSpare();
    },
  };
}

const tooComplex = (limit: 'time' | 'reader'): AppError => new AppError('BID_PDF_TOO_COMPLEX', { limit });
