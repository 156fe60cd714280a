/** New issue on real parts – CA process, token host, SoftHSM2 – as a person meets it: the straight way for both keys of an order, and what is refused on the way. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Value } from '@sinclair/typebox/value';
import { DESKTOP_EVENTS, type DesktopEvent } from '#shared/contract/desktop/desktop-contract.ts';
import { NEW_ISSUE_STEPS, type Deed } from '#shared/contract/desktop/deeds.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { composeEngine, type ComposedEngine } from '../../src-main/engine/compose-engine.ts';
import { createCustomer, newDataFolder, pause, root, type Customer } from '../faults/fault-world.ts';
import { openTcpGate, type TcpGate } from '../faults/tcp-gate.ts';
import { createSoftHsm2Token, type SoftHsm2Token } from '../support/softhsm2.ts';
import { startCa, type RunningCa } from '../support/start-ca.ts';

let ca: RunningCa;
let gate: TcpGate;
let customer: Customer;
let key: SoftHsm2Token;
let composed: ComposedEngine;
const folders: string[] = [];
const keys: SoftHsm2Token[] = [];
const engines: ComposedEngine[] = [];
const events: DesktopEvent[] = [];

beforeAll(async () => {
  gate = await openTcpGate();
  // Beyond the gate the service goes by the gate's name; it refuses to be called by another one (DNS rebinding).
  ca = await startCa({ flags: ['--demo', '--public-url', gate.url] });
  gate.leadTo(ca.url);
  customer = await createCustomer(gate.url);
});
beforeEach(async () => {
  key = await createSoftHsm2Token();
  keys.push(key);
  composed = await newEngine();
  events.length = 0;
  composed.engine.onEvent((event) => events.push(event));
});
afterEach(async () => {
  gate.mend();
  for (const engine of engines.splice(0)) await engine.close();
});
afterAll(async () => {
  await gate?.close();
  await ca?.stop();
  for (const one of keys) await one.dispose();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function newEngine(dataFolder = newDataFolder()): Promise<ComposedEngine> {
  folders.push(dataFolder);
  const engine = await composeEngine({
    dataFolder, resourcesFolder: join(root, 'resources'), shell: 'cli', version: '0.0.0-test', demo: false, caBaseUrl: gate.url, useInstalledDrivers: false,
    drivers: [{ driverId: 'test', modelId: 'softhsm2', libraryPath: key.modulePath, interface: 'pkcs11', environment: key.env }],
  });
  engines.push(engine);
  await engine.engine.call('session.logIn', customer.login);
  await engine.engine.call('tokens.list', undefined as never);
  return engine;
}

const refOf = (token: SoftHsm2Token) => ({ driverId: 'test', serial: token.serial });
const inputOf = (order: { orderLineId: string; code: string }, token = key) => ({ orderLineId: order.orderLineId, authorizationCode: order.code, token: refOf(token), tokenModelId: 'softhsm2', pin: token.pin });

async function ended(deed: Deed, engine = composed): Promise<Deed> {
  for (;;) {
    const now = await engine.engine.call('writing.get', { deedId: deed.id });
    if (now.state !== 'running') return now;
    await pause(10);
  }
}

async function refusal(promise: Promise<unknown>): Promise<AppError> {
  const thrown = await promise.then(() => null, (error: unknown) => error);
  expect(thrown).toBeInstanceOf(AppError);
  return thrown as AppError;
}

const remainingOf = async (orderLineId: string) => (await customer.session.ca.listPendingWritings({ query: { limit: 100 } })).items.find((line) => line.orderLineId === orderLineId)?.remainingQuantity ?? 0;
const statesOnKey = async (token = key) => (await customer.session.ca.searchCertificates({ query: { tokenSerial: token.serial } })).items.map((one) => one.state).sort();

describe('new issue on real parts', () => {
  it('ok: both keys of an order are written, each step is told, the remaining quantity counts down', async () => {
    const order = await customer.order();
    const first = await ended(await composed.engine.call('writing.startNewIssue', inputOf(order)));
    expect([first.state, first.remainingQuantity, first.error]).toEqual(['completed', 1, null]);
    const told = events.flatMap((event) => (event.name === 'deed.changed' ? [event.data] : []));
    expect([...new Set(told.map((deed) => deed.step))]).toEqual([...NEW_ISSUE_STEPS]);
    expect(told.every((deed) => Value.Check(DESKTOP_EVENTS['deed.changed'], deed))).toBe(true);

    const second = await key.addToken({ label: 'second' });
    await composed.engine.call('tokens.rescan', undefined as never);
    const next = await ended(await composed.engine.call('writing.startNewIssue', inputOf(order, second)));
    expect([next.state, next.remainingQuantity]).toEqual(['completed', 0]);
    expect(await statesOnKey(second)).toEqual(['active', 'active']);
    expect(composed.networkMilliseconds()).toBeGreaterThan(0);
    expect(composed.tokens.driverMilliseconds()).toBeGreaterThan(0);
  });

  it('refuses: a wrong code is told at once and leaves no deed and nothing on the key; the right one then works', async () => {
    const order = await customer.order();
    const wrong = order.code === '000000' ? '000001' : '000000';
    const error = await refusal(composed.engine.call('writing.startNewIssue', { ...inputOf(order), authorizationCode: wrong }));
    expect([error.code, error.details['triesLeft']]).toEqual(['CODE_WRONG', 4]);
    expect(await composed.engine.call('writing.listUnfinished', undefined as never)).toEqual([]);
    expect((await ended(await composed.engine.call('writing.startNewIssue', inputOf(order)))).state).toBe('completed');
  });

  it('refuses: the code of another order, and a second use for the same key', async () => {
    const [order, other] = [await customer.order(), await customer.order()];
    if (order.code !== other.code) expect((await refusal(composed.engine.call('writing.startNewIssue', { ...inputOf(order), authorizationCode: other.code }))).code).toBe('CODE_WRONG');
    await ended(await composed.engine.call('writing.startNewIssue', inputOf(order)));
    const { tokens } = await composed.engine.call('tokens.list', undefined as never);
    const agreedToAddBesideCertificates = tokens[0]?.certificates.map((one) => one.sha256Hex) ?? [];
    expect((await refusal(composed.engine.call('writing.startNewIssue', { ...inputOf(order), agreedToAddBesideCertificates }))).code).toBe('CODE_USED_FOR_KEY');
    expect(await remainingOf(order.orderLineId)).toBe(1);
  });

  it('refuses: a wrong PIN is sent once, spends no code, and asks for confirmation before the next try', async () => {
    const order = await customer.order();
    expect((await refusal(composed.engine.call('writing.startNewIssue', { ...inputOf(order), pin: '00000000' }))).code).toBe('PIN_INCORRECT');
    expect((await refusal(composed.engine.call('writing.startNewIssue', inputOf(order)))).code).toBe('PIN_NOT_CONFIRMED');
    expect(await remainingOf(order.orderLineId)).toBe(2);
    expect((await ended(await composed.engine.call('writing.startNewIssue', { ...inputOf(order), confirmedFewTries: true }))).state).toBe('completed');
  });

  it('refuses: a key with certificates, unless the person agreed to exactly these; ok: then the old ones stay as they are', async () => {
    const [order, later] = [await customer.order(), await customer.order()];
    await ended(await composed.engine.call('writing.startNewIssue', inputOf(order)));
    const error = await refusal(composed.engine.call('writing.startNewIssue', inputOf(later)));
    const present = error.details['sha256Hex'] as readonly string[];
    expect([error.code, present.length]).toEqual(['KEY_HAS_CERTIFICATES', 2]);
    for (const agreed of [present.slice(0, 1), [...present, '00'.repeat(32)], ['00'.repeat(32)]]) {
      expect((await refusal(composed.engine.call('writing.startNewIssue', { ...inputOf(later), agreedToAddBesideCertificates: [...agreed] }))).code).toBe('KEY_HAS_CERTIFICATES');
    }
    await ended(await composed.engine.call('writing.startNewIssue', { ...inputOf(later), agreedToAddBesideCertificates: [...present] }));
    const { tokens } = await composed.engine.call('tokens.list', undefined as never);
    const now = tokens[0]?.certificates.map((one) => one.sha256Hex) ?? [];
    expect(now).toHaveLength(4);
    expect(now).toEqual(expect.arrayContaining([...present]));
  });

  it('refuses: two writers on one key at once, and only one of two on the last key of an order', async () => {
    const order = await customer.order();
    const [a, b] = await Promise.allSettled([composed.engine.call('writing.startNewIssue', inputOf(order)), composed.engine.call('writing.startNewIssue', inputOf(order))]);
    expect([a.status, b.status]).toEqual(['fulfilled', 'rejected']);
    expect(b.status === 'rejected' && (b.reason as AppError).code).toBe('DEED_RUNNING');
    if (a.status === 'fulfilled') await ended(a.value);

    const [second, third] = [await key.addToken({ label: 'second' }), await key.addToken({ label: 'third' })];
    await composed.engine.call('tokens.rescan', undefined as never);
    const both = await Promise.allSettled([composed.engine.call('writing.startNewIssue', inputOf(order, second)), composed.engine.call('writing.startNewIssue', inputOf(order, third))]);
    expect(both.map((one) => (one.status === 'rejected' ? (one.reason as AppError).code : one.status)).sort()).toEqual(['ORDER_QUANTITY_USED_UP', 'fulfilled']);
    for (const one of both) if (one.status === 'fulfilled') expect((await ended(one.value)).state).toBe('completed');
    expect(await remainingOf(order.orderLineId)).toBe(0);
  });

  it('refuses: resuming with another key or without the code; ok: the right key and the code again', async () => {
    const order = await customer.order();
    gate.cut();
    // The order line cannot even be looked up: nothing begins.
    expect((await refusal(composed.engine.call('writing.startNewIssue', inputOf(order)))).code).toBe('CA_UNREACHABLE');
    expect(await composed.engine.call('writing.listUnfinished', undefined as never)).toEqual([]);
    gate.mend();
    const deed = await interruptedAt('generate', order);
    const other = await key.addToken({ label: 'other' });
    await key.remove();
    await composed.engine.call('tokens.rescan', undefined as never);
    const wrong = await refusal(composed.engine.call('writing.resume', { deedId: deed.id, pin: other.pin }));
    expect([wrong.code, wrong.details['wantedSerial']]).toEqual(['DEED_WRONG_KEY', key.serial]);
    await key.insert();
    await composed.engine.call('tokens.rescan', undefined as never);
    const blocked = await refusal(composed.engine.call('writing.startNewIssue', inputOf(order)));
    expect([blocked.code, blocked.details['deedId']]).toEqual(['DEED_UNFINISHED', deed.id]);
    expect((await ended(await composed.engine.call('writing.resume', { deedId: deed.id, pin: key.pin }))).state).toBe('completed');
  });

  it('ok: cancelling an interrupted deed revokes at the CA, clears the key, and the same code works again', async () => {
    const order = await customer.order();
    const deed = await interruptedAt('import-certificates', order);
    expect((await refusal(composed.engine.call('writing.cancel', { deedId: deed.id }))).details['fields']).toEqual(['/pin']);
    expect((await composed.engine.call('writing.cancel', { deedId: deed.id, pin: key.pin })).state).toBe('cancelled');
    expect(await statesOnKey()).toEqual(['revoked', 'revoked']);
    expect(await remainingOf(order.orderLineId)).toBe(2);
    const { tokens } = await composed.engine.call('tokens.list', undefined as never);
    expect(tokens[0]?.certificates).toEqual([]);
    expect((await ended(await composed.engine.call('writing.startNewIssue', inputOf(order)))).state).toBe('completed');
    expect((await refusal(composed.engine.call('writing.cancel', { deedId: deed.id }))).code).toBe('DEED_STATE');
  });

  it('ok: a running deed is cancelled after its present step; refuses: one that is completed', async () => {
    const order = await customer.order();
    const deed = await composed.engine.call('writing.startNewIssue', inputOf(order));
    expect((await composed.engine.call('writing.cancel', { deedId: deed.id })).state).toBe('cancelled');
    expect(await remainingOf(order.orderLineId)).toBe(2);
    const done = await ended(await composed.engine.call('writing.startNewIssue', inputOf(order)));
    expect((await refusal(composed.engine.call('writing.cancel', { deedId: done.id }))).code).toBe('DEED_STATE');
    expect(await statesOnKey()).toContain('active');
  });

  it('ok: a deed cancelled without its key (lost) is closed at the CA', async () => {
    const order = await customer.order();
    const deed = await interruptedAt('prove', order);
    await key.remove();
    await composed.engine.call('tokens.rescan', undefined as never);
    expect((await composed.engine.call('writing.cancel', { deedId: deed.id })).state).toBe('cancelled');
    expect(await statesOnKey()).toEqual(['revoked', 'revoked']);
  });

  it('ok: a lost journal is no lost order: starting again takes up what the CA has open', async () => {
    const order = await customer.order();
    await interruptedAt('prove', order);
    composed = await newEngine();
    const { tokens } = await composed.engine.call('tokens.list', undefined as never);
    const agreedToAddBesideCertificates = tokens[0]?.certificates.map((one) => one.sha256Hex) ?? [];
    expect((await ended(await composed.engine.call('writing.startNewIssue', { ...inputOf(order), agreedToAddBesideCertificates }))).state).toBe('completed');
    expect(await statesOnKey()).toEqual(['active', 'active']);
    expect(await remainingOf(order.orderLineId)).toBe(1);
  });

  it('refuses: everything of the account after the log-out', async () => {
    expect((await composed.engine.call('orders.listPendingWritings', {})).items.length).toBeGreaterThan(0);
    await composed.engine.call('session.logOut', undefined as never);
    expect(await composed.engine.call('session.get', undefined as never)).toBe(null);
    expect((await refusal(composed.engine.call('orders.listPendingWritings', {}))).code).toBe('NOT_SIGNED_IN');
  });

  /** Cuts the network when that step has begun; the deed stops at the next call to the CA or is closed by the engine. */
  async function interruptedAt(step: (typeof NEW_ISSUE_STEPS)[number], order: { orderLineId: string; code: string }): Promise<Deed> {
    const closing = new Promise<void>((resolve) => {
      const stop = composed.engine.onEvent((event) => {
        if (event.name !== 'deed.changed' || event.data.step !== step || event.data.state !== 'running') return;
        gate.cut();
        stop();
        resolve();
      });
    });
    const begun = await composed.engine.call('writing.startNewIssue', inputOf(order));
    await closing;
    const deed = await ended(begun);
    gate.mend();
    expect([deed.state, deed.error?.code]).toEqual(['interrupted', 'CA_UNREACHABLE']);
    return deed;
  }
});
