/** How a program that BidKey started as a child speaks with its parent, whoever started it: child_process, or Electron's utilityProcess. */

export interface ParentChannel {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
}

/** Electron's utilityProcess gives `process.parentPort` instead of `process.send`. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/** Without its parent the program ends. @throws when it was started by hand */
export function openParentChannel(): ParentChannel {
  const parentPort = (process as { parentPort?: ParentPort }).parentPort;
  if (parentPort !== undefined) return { send: (message) => parentPort.postMessage(message), onMessage: (listener) => parentPort.on('message', (event) => listener(event.data)) };
  if (process.send === undefined) throw new Error('this program must be started by BidKey');
  process.on('disconnect', () => process.exit(0));
  return { send: (message) => process.send?.(message), onMessage: (listener) => process.on('message', listener) };
}
