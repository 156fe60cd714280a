/** What a fault case works with: real CA process, real key, real engine process, and orders to write. Built once per run of the table: the programs; once per fault: the CA. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { DesktopInput, DesktopMethod, DesktopOutput } from '#shared/contract/desktop/desktop-contract.ts';
import type { TokenRef } from '#shared/contract/desktop/tokens.ts';
import type { Account } from '#shared/contract/rest/accounts.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { unwrap, type Result } from '#shared/errors/result.ts';
import { createCaClient } from '../../src-main/ca-client/ca-client.ts';
import { createLog } from '../../src-main/report/log.ts';
import { createCaSession, type CaSession } from '../../src-main/session/ca-session.ts';
import type { TestKey } from '../support/key-kinds.ts';
import type { RunnerSetup } from './engine-runner.ts';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
/** As deep as dist/, so that programs find what they look for beside themselves. */
const programs = join(root, '.cache', `fault-programs-${process.pid}`);

export async function buildPrograms(): Promise<void> {
  await build({
    absWorkingDir: root, outdir: programs, bundle: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external', logLevel: 'warning',
    entryPoints: { 'engine-runner': 'tests/faults/engine-runner.ts', 'token-host': 'src-main/token/host/main.ts' },
  });
}

export function removePrograms(): void {
  rmSync(programs, { recursive: true, force: true });
}

/** The customer: buys, pays in the sandbox, reads the SMS, looks at the results. */
export interface Customer {
  readonly login: { readonly loginName: string; readonly password: string };
  readonly session: CaSession;
  readonly account: Account;
  /** A paid order with its code, of the demo project with that algorithm (RSA when nothing is said). @param quantity keys; two when nothing is said */
  order(quantity?: number, algorithm?: KeyAlgorithm): Promise<{ requestId: string; code: string }>;
}

/** @param address by which the service may be called */
export async function createCustomer(address: string): Promise<Customer> {
  const client = createCaClient({ baseUrl: address, monotonicMs: () => performance.now() });
  const session = createCaSession({ client: () => client, log: createLog({ now: () => new Date(), file: null }), onAccountChanged: () => undefined });
  const info = await client.anonymous.getServiceInfo({});
  const login = info.sandbox?.demoLogin;
  if (!login) throw new Error('the CA of the test must be a demo');
  const account = await session.logIn(login.loginName, login.password);
  const { items: projects } = await client.anonymous.listProjects({});
  const { items: orders } = await session.ca.listOrders({ query: { limit: 1 } });
  const subject = orders[0]?.lines[0]?.subject;
  if (!subject) throw new Error('the demo account has no order to copy the subject from');
  return {
    login, session, account,
    async order(quantity = 2, algorithm = 'rsa-2048') {
      const project = projects.find((one) => one.keyAlgorithm === algorithm);
      const item = project?.items.find((one) => one.kind === 'new-issue' && one.certificateType === account.kind);
      if (!project || !item) throw new Error(`the demo sells no new issue of ${algorithm}`);
      const order = await session.ca.createOrder({ idempotencyKey: crypto.randomUUID(), body: { projectId: project.id, lines: [{ itemId: item.id, quantity, subject }] } });
      const payment = await session.ca.startPayment({ idempotencyKey: crypto.randomUUID(), params: { orderId: order.id } });
      await client.anonymous.decideSandboxPayment({ params: { paymentId: payment.paymentId }, body: { decision: 'pay' } });
      const { items: messages } = await client.anonymous.listSandboxMessages({ query: { limit: 100 } });
      const code = messages.map(({ text }) => (text.includes(order.number) ? /操作授权码：(\d{6})/.exec(text)?.[1] : undefined)).find((one) => one !== undefined);
      const line = order.lines[0];
      if (!line || code === undefined) throw new Error('no code came for the order');
      return { requestId: line.id, code };
    },
  };
}

/** The engine in its process. */
export interface EngineProcess {
  call<M extends DesktopMethod>(method: M, input: DesktopInput<M>): Promise<DesktopOutput<M>>;
  kill(): Promise<void>;
}

export interface Case {
  readonly dataFolder: string;
  readonly key: TestKey;
  readonly caBaseUrl: string;
}

export function newDataFolder(): string {
  return mkdtempSync(join(tmpdir(), 'bidkey-fault-'));
}

/** @param stopAt `step:moment` of engine-runner.ts, or null */
export async function startEngine(one: Case, stopAt: string | null): Promise<EngineProcess> {
  const setup: RunnerSetup = {
    dataFolder: one.dataFolder, resourcesFolder: join(root, 'resources'), caBaseUrl: one.caBaseUrl, tokenHostScript: join(programs, 'token-host.js'),
    driver: one.key.driver,
  };
  const env = { ...process.env, BIDKEY_TEST_ONLY_SETUP: JSON.stringify(setup), BIDKEY_TEST_ONLY_STOP_AT: stopAt ?? '' };
  const child = fork(join(programs, 'engine-runner.js'), [], { env, execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' });
  await firstMessage(child);
  const waiting = new Map<number, (result: Result<unknown>) => void>();
  child.on('message', ({ id, result }: { id: number; result: Result<unknown> }) => waiting.get(id)?.(result));
  let lastId = 0;
  return {
    async call(method, input) {
      const id = (lastId += 1);
      const answer = new Promise<Result<unknown>>((resolve) => waiting.set(id, resolve));
      child.send({ id, method, input });
      return unwrap(await answer) as never;
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

async function firstMessage(child: ChildProcess): Promise<void> {
  const first: unknown = await Promise.race([once(child, 'message').then(() => 'ready'), once(child, 'exit')]);
  if (first !== 'ready') throw new Error(`the engine process ended at its start: ${JSON.stringify(first)}`);
}

/** Waits until the engine stands still at its step. @returns the pids of its token hosts */
export async function untilHeld(dataFolder: string): Promise<number[]> {
  const held = join(dataFolder, 'held');
  while (!existsSync(held)) await pause(10);
  return (JSON.parse(readFileSync(held, 'utf8')) as { hostPids: number[] }).hostPids;
}

export function letGoOn(dataFolder: string): void {
  writeFileSync(join(dataFolder, 'go-on'), '');
}

export async function untilStandstill(engine: EngineProcess, deedId: string): Promise<Deed> {
  for (;;) {
    const deed = await engine.call('writing.get', { deedId });
    if (deed.state !== 'running') return deed;
    await pause(20);
  }
}

/** A person waits until the key is shown; on a busy machine a token host takes its time to start. */
export async function untilKeySeen(engine: EngineProcess, serial: string): Promise<TokenRef> {
  for (;;) {
    const { tokens } = await engine.call('tokens.list', undefined as never);
    const token = tokens.find((one) => one.ref.serial === serial);
    if (token) return token.ref;
    await pause(100);
  }
}

/** PrivateKeyInfo in clear: version 0, then rsaEncryption, or id-ecPublicKey with the curve of SM2. */
const PRIVATE_KEYS_IN_CLEAR = ['020100300d06092a864886f70d0101010500', '020100301306072a8648ce3d020106082a811ccf5501822d'].map((hex) => Buffer.from(hex, 'hex'));

/** Files below the folder that hold one of the secrets (as text, or UTF-16), or a private key in clear. */
export function filesWithSecrets(folder: string, secrets: readonly string[]): string[] {
  const needles = [...secrets.flatMap((secret) => [Buffer.from(secret, 'utf8'), Buffer.from(secret, 'utf16le'), Buffer.from(Buffer.from(secret).toString('base64').replace(/=+$/, ''))]), ...PRIVATE_KEYS_IN_CLEAR, Buffer.from('PRIVATE KEY-----')];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => needles.some((needle) => readFileSync(path).includes(needle)));
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
