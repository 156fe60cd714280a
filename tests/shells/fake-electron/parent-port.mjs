/** Gives a child of Node the `process.parentPort` of an Electron utility process. Loaded before the program. */
import { isMainThread } from 'node:worker_threads';

// Threads of the program load this too, and have neither.
if (isMainThread) {
  const send = process.send.bind(process);
  process.parentPort = {
    postMessage: (message) => send(message),
    on: (name, listener) => process.on(name, (data) => listener({ data })),
  };
  // A utility process has no Node channel: what looks for it must not find it.
  process.send = undefined;
}
