/** Entry of the PDF reader: a process started by the engine, and in it the thread that reads. Both begin here. Only connects. */
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { settle, type Result } from '#shared/errors/result.ts';
import { openParentChannel } from '../../../token/parent-channel.ts';
import type { CheckedPdf, PdfQuestion } from '../pdf-reader-protocol.ts';
import { guardReading } from './guard-reading.ts';
import { readPdf } from './read-pdf.ts';

/** Megabytes. Byte strings are not among them: the guard looks after those. */
const THREAD_LIMITS = { maxOldGenerationSizeMb: 384, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };

function startThread(): Worker {
  const program = fileURLToPath(import.meta.url);
  if (!program.endsWith('.ts')) return new Worker(program, { resourceLimits: THREAD_LIMITS });
  // In a source tree: the loader of the process does not reach into its threads.
  const loader = import.meta.resolve('tsx/esm/api');
  return new Worker(`import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(import.meta.url)}); });`, { eval: true, execArgv: [], resourceLimits: THREAD_LIMITS });
}

function serveQuestions(): void {
  parentPort?.on('message', ({ id, path }: PdfQuestion) => {
    void settle(() => readPdf(path)).then((result: Result<CheckedPdf>) => parentPort?.postMessage({ id, result }));
  });
}

if (isMainThread) {
  // Ctrl+C in a terminal reaches every process of it: whether the check stops is for the parent to say.
  process.on('SIGINT', () => undefined);
  guardReading(openParentChannel(), startThread);
} else {
  serveQuestions();
}
