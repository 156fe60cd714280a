/**
 * The main thread of the PDF reader process: hands each question to a thread that may run in circles, and watches over it, since nobody else can see how much memory
 * its byte strings take (V8's limits count them out). Rule: a thread that goes too far is ended and told by BID_PDF_TOO_COMPLEX; how long it may take is the engine's to say.
 */
import type { Worker } from 'node:worker_threads';
import { Value } from '@sinclair/typebox/value';
import type { ParentChannel } from '../../../token/parent-channel.ts';
import { PdfQuestion, type PdfAnswer } from '../pdf-reader-protocol.ts';

const LOOK_EVERY_MS = 50;

export function guardReading(channel: ParentChannel, startThread: () => Worker): void {
  let thread: Worker | null = null;
  let asked: { readonly question: PdfQuestion; readonly residentBefore: number } | null = null;

  function answer(answered: PdfAnswer): void {
    asked = null;
    channel.send(answered);
  }

  function goneTooFar(limit: 'memory' | 'reader'): void {
    const ended = thread;
    thread = null;
    void ended?.terminate();
    if (asked) answer({ id: asked.question.id, result: { ok: false, error: { code: 'BID_PDF_TOO_COMPLEX', details: { limit } } } });
  }

  function begin(): Worker {
    const started = startThread();
    started.on('message', answer);
    started.on('error', (thrown: NodeJS.ErrnoException) => {
      if (thread === started) goneTooFar(thrown.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'reader');
    });
    started.on('exit', () => {
      if (thread === started) goneTooFar('reader');
    });
    return started;
  }

  channel.onMessage((message) => {
    if (!Value.Check(PdfQuestion, message) || asked) return;
    asked = { question: message, residentBefore: process.memoryUsage.rss() };
    thread ??= begin();
    thread.postMessage(message);
  });

  setInterval(() => {
    if (asked && process.memoryUsage.rss() - asked.residentBefore > asked.question.maxMemoryBytes) goneTooFar('memory');
  }, LOOK_EVERY_MS).unref();
}
