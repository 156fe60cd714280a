/**
 * Engine events to the screens as server-sent events (WHATWG HTML §9.2). A screen that comes back with Last-Event-ID is welcome but gets nothing
 * again: every event holds its data complete, and the screens ask anew after a loss.
 */
import type { ServerResponse } from 'node:http';
import type { DesktopEngine, DesktopEvent } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError } from '#shared/errors/app-error.ts';

const HEARTBEAT_MS = 15_000;
const MAX_STREAMS = 16;
/** A screen that reads nothing (a stopped tab) must not fill our memory. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;

export interface EventStreams {
  /** Answers the request with a stream that ends with the screen or the shell. @throws RATE_LIMITED when too many are open */
  open(response: ServerResponse): void;
  close(): void;
}

export function createEventStreams(engine: Pick<DesktopEngine, 'onEvent'>, headers: Readonly<Record<string, string>>): EventStreams {
  const open = new Set<ServerResponse>();
  let sequence = 0;

  const send = (text: string) => {
    for (const response of open) {
      if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
      else response.write(text);
    }
  };
  const stopListening = engine.onEvent((event: DesktopEvent) => {
    sequence += 1;
    send(`id: ${sequence}\ndata: ${JSON.stringify(event)}\n\n`);
  });
  const heartbeat = setInterval(() => send(': still here\n\n'), HEARTBEAT_MS);
  heartbeat.unref();

  return {
    open(response) {
      if (open.size >= MAX_STREAMS) throw new AppError('RATE_LIMITED');
      response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      // The first bytes make the browser report the stream as open.
      response.write('retry: 1000\n\n');
      open.add(response);
      response.once('close', () => open.delete(response));
    },
    close() {
      clearInterval(heartbeat);
      stopListening();
      for (const response of open) response.end();
    },
  };
}
