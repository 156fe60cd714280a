/**
 * What travels on the private channel of a running BidKey: one JSON value per line, both ways. Only programs of the same user reach it:
 * the socket stands in a folder that is closed to others; on Windows its name is a secret in that folder.
 */
import { StringDecoder } from 'node:string_decoder';
import type { Socket } from 'node:net';
import type { DesktopEvent } from '#shared/contract/desktop/desktop-contract.ts';
import type { Result } from '#shared/errors/result.ts';

/** `call` goes to the engine; `open` asks for a new link (local shell) or for the window (Electron). */
export type ControlRequest = { readonly id: number; readonly call: string; readonly input: unknown } | { readonly id: number; readonly open: true };
export type ControlAnswer = { readonly id: number; readonly result: Result<unknown> } | { readonly event: DesktopEvent };

/** File of the data folder that says where the channel is. */
export const CONTROL_ADDRESS_FILE = 'control.address';

/** Larger than any answer of the contract; what is longer is not ours. */
const MAX_LINE_LENGTH = 8 * 1024 * 1024;

/** The other end reads nothing (a stopped program): it must not fill our memory. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

export function writeLine(socket: Socket, value: ControlRequest | ControlAnswer): void {
  if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy();
  if (socket.writable) socket.write(`${JSON.stringify(value)}\n`);
}

/** Calls `onValue` with every line. A line that is too long or no JSON ends the connection. */
export function readLines(socket: Socket, onValue: (value: unknown) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  socket.on('data', (bytes: Buffer) => {
    const lines = (rest + decoder.write(bytes)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_LENGTH) socket.destroy();
    for (const line of lines) {
      if (socket.destroyed) return;
      const value = parseLine(line);
      if (value === undefined) socket.destroy();
      else onValue(value);
    }
  });
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}
