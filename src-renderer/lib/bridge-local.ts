/**
 * The bridge in the local shell: calls as POST /api/call/<method>, events as server-sent events from /api/events.
 * Runs in the browser; `fetch`, `EventSource` and the timer come in, so that it is tested without one. Rule: a call is sent once, never repeated
 * by the transport, because the engine may have begun it; only the event stream reconnects.
 */
import { LOCAL_CALL_PATH, LOCAL_EVENTS_PATH, type BidKeyBridge, type BridgeConnection } from '#shared/contract/desktop/bridge.ts';
import type { DesktopEvent } from '#shared/contract/desktop/desktop-contract.ts';
import { isErrorCode } from '#shared/errors/error-table.ts';
import type { Result } from '#shared/errors/result.ts';

/** The part of the browser's EventSource that is used. */
export interface EventStream {
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onerror: ((event: Event) => void) | null;
  close(): void;
}

export interface LocalBridgePorts {
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>;
  readonly openStream: (path: string) => EventStream;
  /** @returns cancels */
  readonly later: (milliseconds: number, run: () => void) => () => void;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

export function createLocalBridge(ports: LocalBridgePorts): BidKeyBridge {
  const stream = createReconnectingStream(ports);
  return {
    shell: 'local',
    // The contract types both ends; in between it is data.
    call: ((method: string, input: unknown) => postCall(ports.fetch, method, input)) as BidKeyBridge['call'],
    onEvent: stream.onEvent,
    onConnection: stream.onConnection,
  };
}

async function postCall(send: LocalBridgePorts['fetch'], method: string, input: unknown): Promise<Result<unknown>> {
  try {
    const response = await send(LOCAL_CALL_PATH + encodeURIComponent(method), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input ?? null),
      credentials: 'same-origin',
      redirect: 'error',
      cache: 'no-store',
    });
    const answer: unknown = await response.json();
    return isResult(answer) ? answer : unreachable('answer');
  } catch (thrown) {
    // fetch fails with TypeError when nothing answers; a body that is not JSON is not from our shell.
    return unreachable(thrown instanceof SyntaxError ? 'answer' : 'connection');
  }
}

const unreachable = (reason: 'answer' | 'connection'): Result<never> => ({ ok: false, error: { code: 'SHELL_UNREACHABLE', details: { reason } } });

function isResult(answer: unknown): answer is Result<unknown> {
  if (typeof answer !== 'object' || answer === null || !('ok' in answer)) return false;
  if (answer.ok === true) return 'value' in answer;
  return answer.ok === false && 'error' in answer && typeof answer.error === 'object' && answer.error !== null && 'code' in answer.error && isErrorCode(answer.error.code);
}

/** One stream for all listeners; opened with the first listener, closed with the last, opened again after every loss with growing pauses. */
function createReconnectingStream(ports: LocalBridgePorts) {
  const eventListeners = new Set<(event: DesktopEvent) => void>();
  const connectionListeners = new Set<(connection: BridgeConnection) => void>();
  let stream: EventStream | null = null;
  let cancelRetry: (() => void) | null = null;
  let retryMs = FIRST_RETRY_MS;
  let connection: BridgeConnection = 'connected';

  const report = (next: BridgeConnection) => {
    if (next === connection) return;
    connection = next;
    for (const listener of connectionListeners) listener(next);
  };

  const open = () => {
    cancelRetry = null;
    const opened = ports.openStream(LOCAL_EVENTS_PATH);
    stream = opened;
    opened.onopen = () => {
      retryMs = FIRST_RETRY_MS;
      report('connected');
    };
    opened.onmessage = (message) => {
      const event = JSON.parse(String(message.data)) as DesktopEvent;
      for (const listener of eventListeners) listener(event);
    };
    // The browser's own reconnection gives up after a refusal (403 after a restart of the shell): we close and decide ourselves.
    opened.onerror = () => {
      opened.close();
      stream = null;
      report('lost');
      cancelRetry = ports.later(retryMs, open);
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    };
  };

  const closeWhenUnheard = () => {
    if (eventListeners.size + connectionListeners.size > 0) return;
    cancelRetry?.();
    cancelRetry = null;
    stream?.close();
    stream = null;
  };

  const listen = <L>(listeners: Set<L>, listener: L) => {
    listeners.add(listener);
    if (stream === null && cancelRetry === null) open();
    return () => {
      listeners.delete(listener);
      closeWhenUnheard();
    };
  };

  return {
    onEvent: (listener: (event: DesktopEvent) => void) => listen(eventListeners, listener),
    onConnection: (listener: (state: BridgeConnection) => void) => listen(connectionListeners, listener),
  };
}
