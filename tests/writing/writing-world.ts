/**
 * What writing is tried in: the CA process behind a gate that can be cut, a customer who buys and pays, and for each test an engine with fresh keys of one kind.
 * Everything is real; `changeIssuances` lets a test play a faulty or hostile CA.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { DesktopEvent } from '#shared/contract/desktop/desktop-contract.ts';
import type { DeedStepName } from '#shared/contract/desktop/deed-plans.ts';
import type { Deed, NewIssueStep } from '#shared/contract/desktop/deeds.ts';
import type { TokenCertificate, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { composeEngine, type ComposedEngine } from '../../src-main/engine/compose-engine.ts';
import { createCustomer, newDataFolder, pause, root, type Customer } from '../faults/fault-world.ts';
import { openTcpGate, type TcpGate } from '../faults/tcp-gate.ts';
import { refOf, type KeyKind, type TestKey } from '../support/key-kinds.ts';
import { createLife, relaxRules, type Life } from '../support/life.ts';
import { startCa, type RunningCa } from '../support/start-ca.ts';
import { builtHostSpawner } from '../support/token-host-program.ts';
import { startChangingRelay, type ChangingRelay } from './changing-relay.ts';

export interface Order {
  readonly requestId: string;
  readonly code: string;
}

/** One engine and the key in front of it. */
export interface Desk {
  readonly kind: KeyKind;
  readonly key: TestKey;
  readonly composed: ComposedEngine;
  readonly events: DesktopEvent[];
  readonly dataFolder: string;
  input(order: Order, key?: TestKey): { requestId: string; authorizationCode: string; token: { driverId: string; serial: string }; tokenModelId: string; pin: string };
  order(quantity?: number): Promise<Order>;
  /** Starts, and waits until it is over. */
  write(order: Order, key?: TestKey): Promise<Deed>;
  resume(deed: Deed, key?: TestKey): Promise<Deed>;
  ended(deed: Deed): Promise<Deed>;
  rescan(): Promise<void>;
  /** One more key at the same driver, once it is shown: a person waits for that, and on a busy machine a driver takes its time. */
  addKey(label: string): Promise<TestKey>;
  /** Waits until the key is shown. */
  untilSeen(key?: TestKey): Promise<void>;
  token(key?: TestKey): Promise<TokenSummary>;
  certificates(key?: TestKey): Promise<readonly TokenCertificate[]>;
  /** When the deed of the key enters that step. */
  onStep(step: DeedStepName, work: () => void | Promise<void>): Promise<void>;
  /** Cuts the network when that step has begun; the deed stops at its next call to the CA. @returns the interrupted deed */
  interruptedAt(step: NewIssueStep, order: Order): Promise<Deed>;
}

export interface WritingWorld {
  readonly gate: TcpGate;
  readonly ca: RunningCa;
  readonly customer: Customer;
  /** The way of requests to their codes; the projects' rules are relaxed. */
  readonly life: Life;
  /** @param key an existing one instead of a fresh one @param dataFolder an existing one, as after a restart */
  openDesk(kind: KeyKind, key?: TestKey, dataFolder?: string, now?: () => Date): Promise<Desk>;
  /** From now on issuances reach engines as the function makes them. Null: as they are. */
  changeIssuances(change: ((issuance: Issuance) => Issuance | Promise<Issuance>) | null): void;
  remainingOf(requestId: string): Promise<number>;
  statesOnKey(serial: string): Promise<string[]>;
  /** Ends the engines of the test and mends what it broke. */
  endTest(): Promise<void>;
  close(): Promise<void>;
}

export async function openWritingWorld(): Promise<WritingWorld> {
  const gate = await openTcpGate();
  const relay = await startChangingRelay(gate.url);
  // The service goes by the relay's name: it refuses to be called by another one (DNS rebinding), and keys sign challenges of no other.
  const ca = await startCa({ flags: ['--demo', '--public-url', relay.url] });
  gate.leadTo(ca.url);
  relaxRules(ca.dataFolder);
  const customer = await createCustomer(relay.url);
  const life = await createLife(relay.url, customer.session);
  const hostSpawner = await builtHostSpawner();
  const folders: string[] = [];
  const keys: TestKey[] = [];
  const engines: ComposedEngine[] = [];
  const open = async (kind: KeyKind, key: TestKey, dataFolder: string, now?: () => Date): Promise<Desk> => {
    folders.push(dataFolder);
    const composed = await composeEngine({
      dataFolder, resourcesFolder: join(root, 'resources'), shell: 'cli', version: '0.0.0-test', demo: false, caBaseUrl: relay.url, useInstalledDrivers: false, drivers: [key.driver],
      hostSpawner, ...(now === undefined ? {} : { now }),
    });
    engines.push(composed);
    await composed.engine.call('session.logIn', customer.login);
    const desk = deskOf(kind, key, composed, dataFolder, { gate, customer });
    await desk.untilSeen();
    return desk;
  };
  return {
    gate, ca, customer, life,
    async openDesk(kind, key, dataFolder = newDataFolder(), now) {
      const own = key ?? (await kind.create());
      if (!key) keys.push(own);
      return open(kind, own, dataFolder, now);
    },
    changeIssuances: (change) => relay.change(change),
    remainingOf: async (requestId) => (await customer.session.ca.listPendingWritings({ query: { limit: 100 } })).items.find((line) => line.requestId === requestId)?.remainingQuantity ?? 0,
    statesOnKey: async (tokenSerial) => (await customer.session.ca.searchCertificates({ query: { tokenSerial } })).items.map((one) => one.state).sort(),
    async endTest() {
      gate.mend();
      relay.change(null);
      for (const engine of engines.splice(0)) await engine.close();
      for (const key of keys.splice(0)) await key.dispose();
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
    },
    close: () => closeAll(relay, gate, ca),
  };
}

async function closeAll(relay: ChangingRelay, gate: TcpGate, ca: RunningCa): Promise<void> {
  relay.close();
  await gate.close();
  await ca.stop();
}

function deskOf(kind: KeyKind, key: TestKey, composed: ComposedEngine, dataFolder: string, { gate, customer }: Pick<WritingWorld, 'gate' | 'customer'>): Desk {
  const { engine } = composed;
  const events: DesktopEvent[] = [];
  engine.onEvent((event) => events.push(event));
  const desk: Desk = {
    kind, key, composed, events, dataFolder,
    input: (order, on = key) => ({ requestId: order.requestId, authorizationCode: order.code, token: refOf(on), tokenModelId: kind.modelId, pin: on.pin }),
    order: (quantity) => customer.order(quantity, kind.algorithm),
    write: async (order, on) => desk.ended(await engine.call('writing.startNewIssue', desk.input(order, on))),
    resume: async (deed, on = key) => desk.ended(await engine.call('writing.resume', { deedId: deed.id, pin: on.pin })),
    async ended(deed) {
      for (;;) {
        const now = await engine.call('writing.get', { deedId: deed.id });
        if (now.state !== 'running') return now;
        await pause(10);
      }
    },
    rescan: async () => void (await engine.call('tokens.rescan', undefined as never)),
    async addKey(label) {
      const added = await key.addKey(label);
      // SoftHSM2 only looks for new keys when it begins.
      if (!added.soft) await desk.rescan();
      await desk.untilSeen(added);
      return added;
    },
    async untilSeen(on = key) {
      while (!(await engine.call('tokens.list', undefined as never)).tokens.some((one) => one.ref.serial === on.serial)) await pause(50);
    },
    async token(on = key) {
      const { tokens } = await engine.call('tokens.list', undefined as never);
      const token = tokens.find((one) => one.ref.serial === on.serial);
      if (!token) throw new Error(`${on.serial} is not seen`);
      return token;
    },
    certificates: async (on) => (await desk.token(on)).certificates,
    onStep: (step, work) => new Promise((resolve, reject) => {
      const stop = engine.onEvent((event) => {
        if (event.name !== 'deed.changed' || event.data.step !== step || event.data.state !== 'running') return;
        stop();
        Promise.resolve(work()).then(resolve, reject);
      });
    }),
    async interruptedAt(step, order) {
      const cut = desk.onStep(step, () => gate.cut());
      const begun = await engine.call('writing.startNewIssue', desk.input(order));
      await cut;
      const deed = await desk.ended(begun);
      gate.mend();
      expect([deed.state, deed.error?.code]).toEqual(['interrupted', 'CA_UNREACHABLE']);
      return deed;
    },
  };
  return desk;
}

/** The error that a call is refused with. */
export async function refusal(promise: Promise<unknown>): Promise<AppError> {
  const thrown = await promise.then(() => null, (error: unknown) => error);
  expect(thrown).toBeInstanceOf(AppError);
  return thrown as AppError;
}
