/** What requests, login by key, bindings and the diagnosis are tried in: the CA process, a customer, staff by the service's own API, and engines with keys that hold certificates. */
import { rmSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { DesktopEngine, DesktopEvent } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { createCaClient, type CaCaller } from '../../src-main/ca-client/ca-client.ts';
import { composeEngine, type ComposedEngine, type ComposeEngineOptions } from '../../src-main/engine/compose-engine.ts';
import { createLog } from '../../src-main/report/log.ts';
import { createCaSession } from '../../src-main/session/ca-session.ts';
import type { DriverConfig } from '../../src-main/token/driver-watch.ts';
import { createCustomer, newDataFolder, pause, root, type Customer } from '../faults/fault-world.ts';
import { refOf, type KeyKind, type TestKey } from '../support/key-kinds.ts';
import { startCa, type RunningCa } from '../support/start-ca.ts';
import { builtHostSpawner } from '../support/token-host-program.ts';

export interface DeskWorld {
  readonly ca: RunningCa;
  readonly customer: Customer;
  readonly relay: AnswerRelay;
  /** An account of its own, as the service sees it. */
  newAccount(loginName: string): Promise<{ readonly loginName: string; readonly password: string }>;
  openEngine(drivers: readonly DriverConfig[], more?: Partial<ComposeEngineOptions>): Promise<DeskEngine>;
  /** A fresh key of that kind with certificates on it, and an engine that the customer is signed in to. */
  openWrittenKey(kind: KeyKind, more?: Partial<ComposeEngineOptions>): Promise<{ readonly key: TestKey; readonly desk: DeskEngine }>;
  close(): Promise<void>;
}

export interface DeskEngine extends ComposedEngine {
  readonly events: DesktopEvent[];
  readonly dataFolder: string;
  write(kind: KeyKind, key: TestKey): Promise<void>;
}

export async function openDeskWorld(): Promise<DeskWorld> {
  const relay = await startAnswerRelay();
  const ca = await startCa({ flags: ['--demo', '--public-url', relay.url] });
  relay.leadTo(ca.url);
  const customer = await createCustomer(relay.url);
  const hostSpawner = await builtHostSpawner();
  const closers: (() => Promise<unknown> | void)[] = [];

  async function openEngine(drivers: readonly DriverConfig[], more: Partial<ComposeEngineOptions> = {}): Promise<DeskEngine> {
    const dataFolder = newDataFolder();
    const composed = await composeEngine({
      dataFolder, resourcesFolder: join(root, 'resources'), shell: 'cli', version: '0.0.0-test', demo: false, caBaseUrl: relay.url, useInstalledDrivers: false, drivers, hostSpawner, ...more,
    });
    const events: DesktopEvent[] = [];
    composed.engine.onEvent((event) => events.push(event));
    closers.push(() => rmSync(dataFolder, { recursive: true, force: true }), () => composed.close());
    return { ...composed, events, dataFolder, write: (kind, key) => write(composed.engine, customer, kind, key) };
  }

  return {
    ca, customer, relay, openEngine,
    async newAccount(loginName) {
      const login = { loginName, password: 'a long enough one 7' };
      const client = createCaClient({ baseUrl: relay.url, monotonicMs: () => performance.now() });
      await client.anonymous.registerAccount({ body: { ...login, kind: 'person', displayName: '王小明', phone: '13800001234' } });
      client.close();
      return login;
    },
    async openWrittenKey(kind, more) {
      const key = await kind.create();
      closers.push(() => key.dispose());
      const desk = await openEngine([key.driver], more);
      await desk.engine.call('session.logIn', customer.login);
      await desk.write(kind, key);
      return { key, desk };
    },
    async close() {
      for (const close of closers.reverse()) await close();
      relay.close();
      await ca.stop();
    },
  };
}

async function write(engine: DesktopEngine, customer: Customer, kind: KeyKind, key: TestKey): Promise<void> {
  while (!(await engine.call('tokens.list', undefined as never)).tokens.some((one) => one.ref.serial === key.serial)) await pause(50);
  const { requestId, code } = await customer.order(1, kind.algorithm);
  let deed = await engine.call('writing.start', { kind: 'new-issue', requestId, authorizationCode: code, token: refOf(key), tokenModelId: kind.modelId, pin: key.pin });
  while (deed.state === 'running') {
    await pause(20);
    deed = await engine.call('writing.get', { deedId: deed.id });
  }
  if (deed.state !== 'completed') throw new Error(`not written: ${JSON.stringify(deed.error)}`);
}

/** Calls as an account, without an engine. */
export async function callsAs(url: string, login: { readonly loginName: string; readonly password: string }): Promise<CaCaller> {
  const client = createCaClient({ baseUrl: url, monotonicMs: () => performance.now() });
  const session = createCaSession({ client: () => client, log: createLog({ now: () => new Date(), file: null }), onAccountChanged: () => undefined });
  await session.logIn(login.loginName, login.password);
  return session.ca;
}

export async function refusal(promise: Promise<unknown>): Promise<AppError> {
  const thrown = await promise.then(() => 'nothing was refused', (error: unknown) => error);
  if (!(thrown instanceof AppError)) throw new Error(`not refused as it should be: ${String(thrown)}`);
  return thrown;
}

/** A relay before the service that changes answers: a service that is faulty, hostile, or whose clock is off; or that is gone. */
export interface AnswerRelay {
  readonly url: string;
  leadTo(url: string): void;
  /** Null: answers go through as they are. */
  change(how: ((path: string, body: unknown) => unknown) | null): void;
  /** Connections are refused. */
  away(away: boolean): void;
  close(): void;
}

async function startAnswerRelay(): Promise<AnswerRelay> {
  let target = new URL('http://127.0.0.1:9');
  let how: ((path: string, body: unknown) => unknown) | null = null;
  let gone = false;
  const server: Server = createServer((incoming, answer) => {
    if (gone) return void incoming.socket.destroy();
    // The service goes by the relay's name, which stands in the host header already.
    const onward = httpRequest({ hostname: target.hostname, port: target.port, method: incoming.method, path: incoming.url, headers: incoming.headers }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('end', () => {
        const json = /json/.test(reply.headers['content-type'] ?? '');
        const body = how && json ? Buffer.from(JSON.stringify(how(incoming.url ?? '', JSON.parse(Buffer.concat(chunks).toString('utf8'))))) : Buffer.concat(chunks);
        const { 'transfer-encoding': _encoding, ...headers } = reply.headers;
        answer.writeHead(reply.statusCode ?? 502, { ...headers, ...(reply.statusCode === 204 ? {} : { 'content-length': String(body.length) }) }).end(body);
      });
    });
    onward.on('error', () => incoming.socket.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo: (url) => { target = new URL(url); },
    change: (next) => { how = next; },
    away: (next) => {
      gone = next;
      if (next) server.closeAllConnections();
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
