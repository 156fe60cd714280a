/**
 * The fault table of every deed but the new issue (that has its own): at every journal step, before, during and after, × every fault × every kind of key. After the fault
 * the deed is gone on with, and then the request is completed once, one pair is in force, and whatever could be opened before can be opened after. With
 * BIDKEY_FAULTS=all every combination runs; otherwise every step of every plan once, with deeds, faults, moments and kinds of key taking turns.
 */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEED_PLANS, type DeedKind, type DeedPlanId, type DeedStepName } from '#shared/contract/desktop/deed-plans.ts';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { KeyPolicy } from '#shared/contract/rest/requests.ts';
import { toAppError } from '#shared/errors/app-error.ts';
import { KEY_KINDS, refOf, type KeyKind, type TestKey } from '../support/key-kinds.ts';
import { createLife, relaxRules, type Life, type ReadyRequest } from '../support/life.ts';
import { startCa, type RunningCa } from '../support/start-ca.ts';
import { startClient } from '../token/token-fixtures.ts';
import { expectAllOpen, NEW_PIN, pinsFor, readyFor, sealSecrets, startInput, type SealedSecret } from '../writing/life-desk.ts';
import { allFaults, FAULT_NAMES, faultKinds, inTurn, MOMENTS, type FaultName, type Moment } from './fault-kinds.ts';
import { buildPrograms, createCustomer, filesWithSecrets, newDataFolder, removePrograms, startEngine, untilKeySeen, untilStandstill, type Case, type Customer, type EngineProcess } from './fault-world.ts';
import { sufferFault, type Running } from './suffer-fault.ts';
import { openTcpGate, type TcpGate } from './tcp-gate.ts';

interface DeedRow {
  readonly plan: DeedPlanId;
  readonly kind: DeedKind;
  readonly keyPolicy: KeyPolicy;
}

/** Deeds of one row share a plan; in the short run they take turns. The steps of a new issue are tried in new-issue.test.ts, its end here. */
const PLANS: readonly { readonly steps: readonly DeedStepName[]; readonly deeds: readonly DeedRow[] }[] = [
  { steps: DEED_PLANS['new-keys'], deeds: [{ plan: 'new-keys', kind: 'renewal', keyPolicy: 'new-keys' }, { plan: 'new-keys', kind: 'change', keyPolicy: 'new-keys' }] },
  { steps: DEED_PLANS['same-keys'], deeds: [{ plan: 'same-keys', kind: 'renewal', keyPolicy: 'same-keys' }, { plan: 'same-keys', kind: 'change', keyPolicy: 'same-keys' }] },
  { steps: DEED_PLANS.reissue, deeds: [{ plan: 'reissue', kind: 'reissue', keyPolicy: 'new-keys' }] },
  { steps: DEED_PLANS.unlock, deeds: [{ plan: 'unlock', kind: 'unlock', keyPolicy: 'new-keys' }] },
  { steps: DEED_PLANS['key-recovery'], deeds: [{ plan: 'key-recovery', kind: 'key-recovery', keyPolicy: 'new-keys' }] },
  { steps: DEED_PLANS['administrator-pin'], deeds: [{ plan: 'administrator-pin', kind: 'administrator-pin', keyPolicy: 'new-keys' }] },
];

interface TableCase {
  readonly keyKind: KeyKind;
  readonly deed: DeedRow;
  readonly step: DeedStepName;
  readonly moment: Moment;
  readonly fault: FaultName;
}

const THERE = KEY_KINDS.filter(({ missing }) => missing === null);
let turn = 0;
/** Counting goes on over all plans, so that every kind of key meets every fault. */
const CASES: readonly TableCase[] = PLANS.flatMap(({ steps, deeds }) => steps.flatMap((step) => {
  const at = turn++;
  return inTurn(deeds, at).flatMap((deed) => inTurn(FAULT_NAMES, at).flatMap((fault) => inTurn(MOMENTS, at + Math.floor(at / MOMENTS.length)).flatMap((moment) => inTurn(THERE, at).map((keyKind) => ({ keyKind, deed, step, moment, fault })))));
}));

let ca: RunningCa;
let gate: TcpGate;
let customer: Customer;
let life: Life;
const FAULTS = faultKinds(() => ({ ca, gate }));
const results = new Map<string, string>();
const nameOf = ({ keyKind, deed, step, moment, fault }: TableCase) => `${deed.kind} (${deed.plan}) on ${keyKind.name} at ${step}, ${moment}: ${fault}`;

beforeAll(async () => {
  gate = await openTcpGate();
  ca = await startCa({ flags: ['--demo', '--public-url', gate.url] });
  gate.leadTo(ca.url);
  relaxRules(ca.dataFolder);
  customer = await createCustomer(gate.url);
  life = await createLife(gate.url, customer.session);
  await buildPrograms();
});
afterAll(async () => {
  printTable();
  removePrograms();
  await gate?.close();
  await ca?.stop();
});

it('ok: no kind of key is missing here (else its cases are not run)', ({ skip }) => {
  if (THERE.length < KEY_KINDS.length) skip(KEY_KINDS.map(({ missing }) => missing).join());
});

describe.skipIf(THERE.length === 0)('faults in the life of a certificate', () => {
  describe.concurrent('that strike one case', () => {
    it.each(CASES.filter(({ fault }) => !FAULTS[fault].strikesAll).map((one) => [nameOf(one), one] as const))('ok: %s', runNamed);
  });
  describe('that strike all', () => {
    it.each(CASES.filter(({ fault }) => FAULTS[fault].strikesAll).map((one) => [nameOf(one), one] as const))('ok: %s', runNamed);
  });
});

async function runNamed(name: string, one: TableCase): Promise<void> {
  results.set(name, 'FAILED');
  results.set(name, await runCase(one));
}

interface Prepared {
  readonly asked: ReadyRequest | null;
  /** The key that the deed is carried out on. */
  readonly key: TestKey;
  readonly secrets: readonly SealedSecret[];
}

/** @returns how the deed came to its end, for the table */
async function runCase(table: TableCase): Promise<string> {
  const fault = FAULTS[table.fault];
  const first = await table.keyKind.create();
  const data: Omit<Case, 'key'> = { dataFolder: newDataFolder(), caBaseUrl: gate.url };
  const running: Running = { engine: await startEngine({ ...data, key: first }, `${table.step}:${table.moment}:${table.deed.kind}`) };
  try {
    const { engine } = running;
    await engine.call('session.logIn', customer.login);
    const prepared = await prepare(engine, table, first);
    const one: Case = { ...data, key: prepared.key };
    await untilKeySeen(engine, prepared.key.serial);
    const starting = start(engine, table, prepared).catch((thrown: unknown) => toAppError(thrown));
    await sufferFault(running, one, fault, starting, customer);
    const how = await goOn(running.engine, prepared, table.step);
    await expectAllWell(running.engine, one, table, prepared);
    return how;
  } finally {
    await running.engine.kill();
    rmSync(data.dataFolder, { recursive: true, force: true });
    await first.dispose();
  }
}

/** A key with a pair in force, and a request that has its code. */
async function prepare(engine: EngineProcess, { keyKind, deed }: TableCase, first: TestKey): Promise<Prepared> {
  const order = await customer.order(1, keyKind.algorithm);
  await untilKeySeen(engine, first.serial);
  await write(engine, { kind: 'new-issue', requestId: order.requestId, token: refOf(first), tokenModelId: keyKind.modelId, authorizationCode: order.code, pin: first.pin });
  const scene = { life, customer, engine, keyKind, about: first, pin: first.pin };
  if (deed.kind === 'key-recovery') {
    const renewal = await readyFor(scene, 'renewal');
    const secrets = await sealSecrets(customer, keyKind, first.serial);
    await write(engine, { ...startInput('renewal', renewal, keyKind, first, first.pin), oldPair: 'keep-none', agreedToEscrowOnly: true });
    return { asked: await readyFor(scene, 'key-recovery'), key: first, secrets };
  }
  const secrets = await sealSecrets(customer, keyKind, first.serial);
  if (deed.kind === 'administrator-pin') return { asked: null, key: first, secrets };
  if (deed.kind === 'unlock') await handOver(engine, keyKind, first, order.requestId);
  const asked = await readyFor(scene, deed.kind, deed.keyPolicy);
  if (deed.kind === 'unlock') await first.soft?.lock();
  if (deed.kind !== 'reissue') return { asked, key: first, secrets };
  const fresh = await first.addKey('fresh');
  await engine.call('tokens.rescan', undefined as never);
  return { asked, key: fresh, secrets };
}

async function write(engine: EngineProcess, input: Parameters<typeof engine.call<'writing.start'>>[1]): Promise<void> {
  expect(await untilStandstill(engine, (await engine.call('writing.start', input)).id)).toMatchObject({ state: 'completed', error: null });
}

async function handOver(engine: EngineProcess, keyKind: KeyKind, key: TestKey, requestId: string): Promise<void> {
  const begun = await engine.call('writing.adoptAdministratorPin', { requestId, token: refOf(key), tokenModelId: keyKind.modelId, administratorPin: key.adminPin });
  expect(await untilStandstill(engine, begun.id)).toMatchObject({ state: 'completed', error: null });
}

async function start(engine: EngineProcess, { keyKind, deed }: TableCase, { asked, key }: Prepared): Promise<Deed> {
  if (asked) return engine.call('writing.start', startInput(deed.kind, asked, keyKind, key, key.pin));
  const { items } = await customer.session.ca.searchCertificates({ query: { tokenSerial: key.serial, limit: 1 } });
  const { requestId } = await customer.session.ca.getIssuance({ params: { issuanceId: items[0]?.issuanceId ?? '' } });
  return engine.call('writing.adoptAdministratorPin', { requestId, token: refOf(key), tokenModelId: keyKind.modelId, administratorPin: key.adminPin });
}

/** What the person does: presses "continue", and enters the code again only when asked for it. */
async function goOn(engine: EngineProcess, { asked, key }: Prepared, step: DeedStepName): Promise<string> {
  await engine.call('tokens.rescan', undefined as never);
  await untilKeySeen(engine, key.serial);
  const [deed] = await engine.call('writing.listUnfinished', undefined as never);
  if (!deed) return 'went through';
  const input = { deedId: deed.id, ...pinsFor(deed, key.pin), ...(deed.kind === 'administrator-pin' ? { administratorPin: key.adminPin } : {}) };
  const resumed = await engine.call('writing.resume', input).then((answer) => ({ answer, how: `resumed at ${deed.step}` }), async (thrown: unknown) => {
    if (toAppError(thrown).code !== 'DEED_CODE_NEEDED') throw thrown;
    return { answer: await engine.call('writing.resume', { ...input, authorizationCode: asked?.code ?? '' }), how: 'resumed, code asked again' };
  });
  const ended = await untilStandstill(engine, resumed.answer.id);
  expect([ended.state, ended.error], `after ${step}`).toEqual(['completed', null]);
  return resumed.how;
}

async function expectAllWell(engine: EngineProcess, one: Case, { keyKind, deed }: TableCase, { asked, key, secrets }: Prepared): Promise<void> {
  const { ca: service } = customer.session;
  expect(await engine.call('writing.listUnfinished', undefined as never)).toEqual([]);
  expect((await service.listOpenIssuances({ query: { tokenSerial: key.serial } })).items).toEqual([]);
  // Exactly one pair in force, with its certificates on the key.
  const { items: active } = await service.searchCertificates({ query: { tokenSerial: key.serial, state: 'active', limit: 100 } });
  expect(active.map(({ purpose }) => purpose).sort()).toEqual(['encrypt', 'sign']);
  const { tokens } = await engine.call('tokens.list', undefined as never);
  const onKey = tokens.find((token) => token.ref.serial === key.serial)?.certificates.map(({ sha256Hex }) => sha256Hex) ?? [];
  expect(onKey).toEqual(expect.arrayContaining(active.map(({ sha256Hex }) => sha256Hex)));
  // Done once, and never again with the same code.
  if (asked) {
    const request = await life.now(asked.request);
    expect([request.state, request.writtenQuantity, request.openQuantity]).toEqual(['completed', 1, 0]);
  }
  const pin = deed.kind === 'unlock' ? NEW_PIN : key.pin;
  // The administrator PIN that the service has in force is the key's: it unlocks it once more.
  if (deed.kind === 'unlock' || deed.kind === 'administrator-pin') await unlockAgain(engine, keyKind, key, pin);
  await engine.kill();
  expect(filesWithSecrets(one.dataFolder, [key.pin, pin, key.adminPin, asked?.code ?? key.pin, customer.login.password])).toEqual([]);
  const client = await startClient([key.driver]);
  try {
    const unlocked = deed.kind === 'unlock' || deed.kind === 'administrator-pin' ? NEW_PIN : pin;
    await expectAllOpen(client, key, unlocked, secrets);
  } finally {
    await client.close();
  }
}

async function unlockAgain(engine: EngineProcess, keyKind: KeyKind, key: TestKey, pin: string): Promise<void> {
  expect((await customer.session.ca.getAdministratorPinState({ params: { tokenSerial: key.serial } })).state).toBe('in-force');
  const asked = await readyFor({ life, customer, engine, keyKind, about: key, pin }, 'unlock');
  await write(engine, startInput('unlock', asked, keyKind, key, pin));
}

/** Rows: deed, kind of key, step and moment; columns: what struck; cells: how the deed came to its end. */
function printTable(): void {
  const rows = [...results].map(([name, how]) => `${how.padEnd(28)} ${name}`);
  const lost = rows.filter((row) => row.startsWith('FAILED')).length;
  console.log([`${results.size} cases of the life of a certificate, ${lost} lost`, ...(allFaults ? rows.filter((row) => row.startsWith('FAILED')) : rows)].join('\n'));
}
