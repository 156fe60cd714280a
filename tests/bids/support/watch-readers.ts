/** Readers of PDFs as their engine starts them, seen by a test: how many there were, which have been asked, which have ended. */
import type { HostProcess, HostSpawner } from '../../../src-main/token/host-spawner.ts';

export interface WatchedReaders {
  readonly spawner: HostSpawner;
  count(): number;
  /** Of the last one. */
  pid(): number;
  /** Resolves when so many questions have been sent in all. */
  asked(questions: number): Promise<void>;
  /** Resolves when the reader of that number, from 1 on, has ended. */
  ended(reader: number): Promise<void>;
}

export function watchReaders(inner: HostSpawner): WatchedReaders {
  const readers: { readonly process: HostProcess; readonly ended: Promise<void> }[] = [];
  let questions = 0;
  let onQuestion: () => void = () => undefined;
  return {
    spawner: {
      spawn(environment) {
        const process = inner.spawn(environment);
        readers.push({ process, ended: new Promise((resolve) => process.onExit(() => resolve())) });
        return {
          get pid() {
            return process.pid;
          },
          send: (message) => {
            process.send(message);
            questions++;
            onQuestion();
          },
          onMessage: (listener) => process.onMessage(listener), onExit: (listener) => process.onExit(listener), kill: () => process.kill(),
        };
      },
    },
    count: () => readers.length,
    pid: () => readers.at(-1)?.process.pid ?? 0,
    asked: (wanted) => new Promise((resolve) => {
      onQuestion = () => {
        if (questions >= wanted) resolve();
      };
      onQuestion();
    }),
    ended: (reader) => readers[reader - 1]?.ended ?? Promise.reject(new Error(`there is no reader ${reader}`)),
  };
}
