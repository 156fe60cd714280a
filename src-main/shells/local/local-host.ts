/**
 * The loopback web host: serves the screens and carries calls and events between them and the engine. Listens on 127.0.0.1 only.
 * Rule: every request passes checkCaller before anything else is looked at; there is no CORS, so no other origin ever reads an answer.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { LOCAL_CALL_PATH, LOCAL_EVENTS_PATH } from '#shared/contract/desktop/bridge.ts';
import type { DesktopCall } from '#shared/contract/desktop/call.ts';
import { DESKTOP_CONTRACT, type DesktopEngine, type DesktopMethod } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import { ERROR_TABLE } from '#shared/errors/error-table.ts';
import type { Log } from '../../report/log.ts';
import { refusal, type Dispatch } from '../dispatch.ts';
import { findScreenFile } from '../screens/find-screen-file.ts';
import { SECURITY_HEADERS } from '../screens/security-headers.ts';
import { checkCaller, type CallerChecks, type Door } from './check-caller.ts';
import { createEventStreams } from './event-stream.ts';
import { LINK_PAGE, LINK_PAGE_PATH, LINK_SCRIPT, LINK_SCRIPT_PATH, LINK_STYLE, LINK_STYLE_PATH, NO_SESSION_PAGE, SESSION_PATH } from './link-pages.ts';
import { createOneTimeLinks, type OneTimeLinks } from './one-time-links.ts';
import { readJsonBody } from './read-json-body.ts';

const LOOPBACK = '127.0.0.1';
const MAX_PATH_LENGTH = 2048;
const HTML = 'text/html; charset=utf-8';
const NO_STORE = { 'cache-control': 'no-store' };

export interface LocalHostOptions {
  readonly engine: Pick<DesktopEngine, 'onEvent'>;
  readonly dispatch: Dispatch;
  readonly screensFolder: string;
  /** 0: any free port. */
  readonly port: number;
  readonly nowMs: () => number;
  readonly log: Log;
}

export interface LocalHost {
  /** `http://127.0.0.1:43210` */
  readonly origin: string;
  /** A new address that opens the screens once. */
  newLink(): string;
  close(): Promise<void>;
}

/** One row of the route table. `answer` is called after the caller was checked. */
interface Route {
  readonly method: 'GET' | 'POST';
  readonly door: Door;
  readonly matches: (path: string) => boolean;
  readonly answer: (request: IncomingMessage, response: ServerResponse, path: string) => void | Promise<void>;
}

/** @throws USAGE when the port that was asked for cannot be had */
export async function startLocalHost(options: LocalHostOptions): Promise<LocalHost> {
  const links = createOneTimeLinks(options.nowMs);
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 30_000, maxHeaderSize: 16 * 1024 });
  server.maxConnections = 128;
  await listenOn(server, options.port);
  const streams = createEventStreams(options.engine, SECURITY_HEADERS);

  const host = `${LOOPBACK}:${(server.address() as AddressInfo).port}`;
  // Cookies do not tell ports apart: two BidKeys on one machine need two names.
  const checks: CallerChecks = { host, cookieName: `bidkey_${host.split(':')[1]}`, isSession: links.isSession };
  const routes = routeTable(options, links, checks, streams.open);
  server.on('request', (request, response) => void answerRequest(routes, checks, options.log, request, response));

  return {
    origin: `http://${host}`,
    newLink: () => `http://${host}${LINK_PAGE_PATH}#${links.issue()}`,
    async close() {
      streams.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listenOn(server: Server, port: number): Promise<void> {
  server.listen(port, LOOPBACK);
  try {
    await once(server, 'listening');
  } catch (thrown) {
    const systemCode = (thrown as NodeJS.ErrnoException).code ?? '';
    if (['EADDRINUSE', 'EACCES'].includes(systemCode)) throw new AppError('USAGE', { option: '--port', port, systemCode }, thrown);
    throw thrown;
  }
}

function routeTable(options: LocalHostOptions, links: OneTimeLinks, checks: CallerChecks, openStream: (response: ServerResponse) => void): readonly Route[] {
  return [
    { method: 'GET', door: 'link-page', matches: (path) => path === LINK_PAGE_PATH, answer: (_request, response) => send(response, 200, HTML, LINK_PAGE) },
    { method: 'GET', door: 'own-page', matches: (path) => path === LINK_SCRIPT_PATH, answer: (_request, response) => send(response, 200, 'text/javascript; charset=utf-8', LINK_SCRIPT) },
    { method: 'GET', door: 'own-page', matches: (path) => path === LINK_STYLE_PATH, answer: (_request, response) => send(response, 200, 'text/css; charset=utf-8', LINK_STYLE) },
    { method: 'POST', door: 'own-page', matches: (path) => path === SESSION_PATH, answer: (request, response) => openSession(links, checks.cookieName, request, response) },
    { method: 'POST', door: 'engine', matches: (path) => path.startsWith(LOCAL_CALL_PATH), answer: (request, response, path) => callEngine(options.dispatch, request, response, path) },
    { method: 'GET', door: 'engine', matches: (path) => path === LOCAL_EVENTS_PATH, answer: (_request, response) => openStream(response) },
    { method: 'GET', door: 'screens', matches: (path) => !path.startsWith('/api/'), answer: (_request, response, path) => sendScreen(options.screensFolder, response, path) },
  ];
}

async function answerRequest(routes: readonly Route[], checks: CallerChecks, log: Log, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let door: Door = 'engine';
  try {
    const path = pathOf(request);
    const route = routes.find((row) => row.method === request.method && row.matches(path));
    door = route?.door ?? 'engine';
    checkCaller(door, request.method ?? '', request.headers, checks);
    if (route === undefined) throw new AppError('NOT_FOUND');
    await route.answer(request, response, path);
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code === 'INTERNAL') log.error('local-shell.request-failed', { reason: thrown instanceof Error ? thrown.message : 'unknown' });
    sendRefusal(response, door, error);
  }
}

/** The path as sent, without query. The absolute form of proxies is refused with everything else that is not a plain path. */
function pathOf(request: IncomingMessage): string {
  const target = request.url ?? '';
  if (!target.startsWith('/') || target.length > MAX_PATH_LENGTH) throw new AppError('NOT_FOUND');
  return target.split('?', 1)[0] ?? '';
}

async function openSession(links: OneTimeLinks, cookieName: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readJsonBody(request);
  const token = typeof body === 'object' && body !== null && 'token' in body && typeof body.token === 'string' ? body.token : '';
  const secret = links.redeem(token);
  if (secret === null) throw new AppError('SHELL_TOKEN_INVALID');
  // No `Secure`: the loopback address has no TLS, and not every browser keeps such a cookie there.
  response.writeHead(204, { ...SECURITY_HEADERS, ...NO_STORE, 'set-cookie': `${cookieName}=${secret}; HttpOnly; SameSite=Strict; Path=/` });
  response.end();
}

async function callEngine(dispatch: Dispatch, request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const method = path.slice(LOCAL_CALL_PATH.length);
  const input = await readJsonBody(request, maxInputBytes(method));
  const result = await dispatch(method, input);
  send(response, 200, 'application/json; charset=utf-8', JSON.stringify(result));
}

function maxInputBytes(method: string): number | undefined {
  // hasOwn: `constructor` and `__proto__` are not methods.
  const row: DesktopCall | undefined = Object.hasOwn(DESKTOP_CONTRACT, method) ? DESKTOP_CONTRACT[method as DesktopMethod] : undefined;
  return row?.maxInputBytes;
}

async function sendScreen(screensFolder: string, response: ServerResponse, path: string): Promise<void> {
  const file = await findScreenFile(screensFolder, path);
  if (file === null) throw new AppError('NOT_FOUND');
  send(response, 200, file.mediaType, file.bytes);
}

function sendRefusal(response: ServerResponse, door: Door, error: AppError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // What is left of a refused body is not read.
  response.setHeader('connection', 'close');
  const { status } = ERROR_TABLE[error.code];
  if (door === 'screens' && error.code === 'SHELL_TOKEN_INVALID') send(response, status, HTML, NO_SESSION_PAGE);
  else send(response, status, 'application/json; charset=utf-8', JSON.stringify(refusal(error)));
}

function send(response: ServerResponse, status: number, mediaType: string, body: string | Uint8Array): void {
  response.writeHead(status, { ...SECURITY_HEADERS, ...NO_STORE, 'content-type': mediaType, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
