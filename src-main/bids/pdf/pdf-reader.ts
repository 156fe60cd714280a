/** One PDF reader process, seen from the engine: a question at a time, its answer or its end. */
import { Value } from '@sinclair/typebox/value';
import type { Result } from '#shared/errors/result.ts';
import type { HostProcess } from '../../token/host-spawner.ts';
import { PdfAnswer, type CheckedPdf, type PdfQuestion } from './pdf-reader-protocol.ts';

export class PdfReader {
  readonly #process: HostProcess;
  #asked: { readonly id: number; readonly onAnswer: (result: Result<CheckedPdf>) => void } | null = null;
  #onGone: () => void = () => undefined;
  #lastId = 0;

  constructor(process: HostProcess) {
    this.#process = process;
    process.onMessage((message) => this.#take(message));
    process.onExit(() => this.#onGone());
  }

  /** @param onGone called when the process ends, or says what it must not say, instead of an answer */
  ask(path: string, maxMemoryBytes: number, onAnswer: (result: Result<CheckedPdf>) => void, onGone: () => void): void {
    const question: PdfQuestion = { id: ++this.#lastId, path, maxMemoryBytes };
    this.#asked = { id: question.id, onAnswer };
    this.#onGone = onGone;
    this.#process.send(question);
  }

  /** Between two files. */
  rest(onGone: () => void): void {
    this.#onGone = onGone;
  }

  /** Ends it at once, whatever it does; nothing is told any more. */
  dismiss(): void {
    this.#asked = null;
    this.#onGone = () => undefined;
    this.#process.kill();
  }

  #take(message: unknown): void {
    const asked = this.#asked;
    this.#asked = null;
    // The program in there is ours: anything else means that the file has taken it over or damaged it.
    if (!asked || !Value.Check(PdfAnswer, message) || message.id !== asked.id) return this.#onGone();
    asked.onAnswer(message.result as Result<CheckedPdf>);
  }
}
