/** The other end of the private channel: an engine that runs in another process of the same user. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { DesktopEngine, DesktopEvent } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { unwrap, type Result } from '#shared/errors/result.ts';
import { CONTROL_ADDRESS_FILE, readLines, writeLine, type ControlAnswer } from './control-lines.ts';

export interface RunningBidKey {
  readonly engine: DesktopEngine;
  /** A new link to the screens; null when a window came to the front instead. */
  open(): Promise<string | null>;
  close(): void;
}

/** @returns null when no BidKey runs on this data folder */
export async function connectRunningBidKey(dataFolder: string): Promise<RunningBidKey | null> {
  const address = readAddress(dataFolder);
  if (address === null) return null;
  const socket = connect(address);
  try {
    await once(socket, 'connect');
  } catch (thrown) {
    // Nobody listens: what stands in the folder was left by a BidKey that was killed.
    const code = (thrown as NodeJS.ErrnoException).code ?? '';
    if (['ECONNREFUSED', 'ENOENT', 'ENOTSOCK', 'EPIPE'].includes(code)) return null;
    throw thrown;
  }
  return speakTo(socket);
}

function readAddress(dataFolder: string): string | null {
  try {
    return readFileSync(join(dataFolder, CONTROL_ADDRESS_FILE), 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  }
}

function speakTo(socket: Socket): RunningBidKey {
  const waiting = new Map<number, (result: Result<unknown>) => void>();
  const listeners = new Set<(event: DesktopEvent) => void>();
  let lastId = 0;
  const gone: Result<never> = { ok: false, error: new AppError('SHELL_UNREACHABLE', { reason: 'connection' }).toData() };

  readLines(socket, (value) => {
    const answer = value as ControlAnswer;
    if ('event' in answer) {
      for (const listener of listeners) listener(answer.event);
      return;
    }
    waiting.get(answer.id)?.(answer.result);
    waiting.delete(answer.id);
  });
  socket.on('error', () => socket.destroy());
  socket.once('close', () => {
    for (const settle of waiting.values()) settle(gone);
    waiting.clear();
  });

  const ask = async (request: { call: string; input: unknown } | { open: true }): Promise<unknown> => {
    if (socket.destroyed) return unwrap(gone);
    const id = ++lastId;
    return unwrap(await new Promise<Result<unknown>>((settle) => {
      waiting.set(id, settle);
      writeLine(socket, { id, ...request });
    }));
  };
  return {
    engine: {
      // The contract types both ends; in between it is data.
      call: ((method: string, input: unknown) => ask({ call: method, input: input ?? null })) as DesktopEngine['call'],
      onEvent(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    open: async () => (await ask({ open: true })) as string | null,
    close: () => socket.destroy(),
  };
}
