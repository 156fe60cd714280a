/** The guard of the PDF reader with threads that misbehave in ways that no PDF is needed for. */
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { guardReading } from './guard-reading.ts';

/** @param program what the thread does with a question, which is `asked` @returns what the guard answers to it */
function answerOf(program: string, maxMemoryBytes = 2 ** 40): Promise<unknown> {
  return new Promise((send) => {
    let ask: (message: unknown) => void = () => undefined;
    const script = `const { parentPort } = require('node:worker_threads'); parentPort.on('message', (asked) => { ${program} });`;
    guardReading({ send, onMessage: (listener) => { ask = listener; } }, () => new Worker(script, { eval: true, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 } }));
    ask({ id: 7, path: '/a.pdf', maxMemoryBytes });
  });
}

const tooComplex = (limit: string) => ({ id: 7, result: { ok: false, error: { code: 'BID_PDF_TOO_COMPLEX', details: { limit } } } });

it('ok: hands on what the thread answers', async () => {
  expect(await answerOf('parentPort.postMessage({ id: asked.id, path: asked.path });')).toEqual({ id: 7, path: '/a.pdf' });
});

it('refuses: a thread that fills its heap', async () => {
  expect(await answerOf('const all = []; for (;;) all.push({ all: [all.length] });')).toEqual(tooComplex('memory'));
});

it('refuses: a thread that fills the memory with byte strings, which its heap does not show', async () => {
  expect(await answerOf('const all = []; for (;;) if (all.length < 400) all.push(new Uint8Array(1 << 20).fill(1));', 200 << 20)).toEqual(tooComplex('memory'));
});

it('refuses: a thread that ends, and one that throws', async () => {
  expect(await answerOf('process.exit(0);')).toEqual(tooComplex('reader'));
  expect(await answerOf('throw new Error("no");')).toEqual(tooComplex('reader'));
});
