/** Entry of a token host process: one driver, spoken to over the channel that its starter opened (child_process or Electron's utilityProcess). Only connects. */
import { endWithParent } from './parent-watch.ts';
import { serveCalls, type HostChannel } from './serve-calls.ts';

/** Electron's utilityProcess gives `process.parentPort` instead of `process.send`. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

function openChannel(): HostChannel {
  const parentPort = (process as { parentPort?: ParentPort }).parentPort;
  if (parentPort !== undefined) return { send: (message) => parentPort.postMessage(message), onMessage: (listener) => parentPort.on('message', (event) => listener(event.data)) };
  if (process.send === undefined) throw new Error('the token host must be started by BidKey');
  process.on('disconnect', () => process.exit(0));
  return { send: (message) => process.send?.(message), onMessage: (listener) => process.on('message', listener) };
}

// Ctrl+C in a terminal reaches every process of it: whether the work on the key stops is for the parent to say.
process.on('SIGINT', () => undefined);
endWithParent(process.ppid);
serveCalls(openChannel());
