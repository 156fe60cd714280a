/**
 * The fault table of a new issue: at every journal step (before, during, after) × every fault. After the fault the deed is gone on with, and then
 * exactly one pair is active, the quantity and the code are used once, the key holds one container, and nothing private lies on the disk.
 * On every kind of key these are 105 cases. All 420 run with BIDKEY_FAULTS=all; otherwise 35: every step meets every fault, moments and kinds of key take turns,
 * so that each kind meets each fault and each step.
 */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NEW_ISSUE_STEPS, type Deed, type NewIssueStep } from '#shared/contract/desktop/deeds.ts';
import { toAppError } from '#shared/errors/app-error.ts';
import { KEY_KINDS, refOf, type KeyKind, type TestKey } from '../support/key-kinds.ts';
import { startCa, type RunningCa } from '../support/start-ca.ts';
import { faultKinds, inTurn, MOMENTS, type Fault, type Moment } from './fault-kinds.ts';
import { buildPrograms, createCustomer, filesWithSecrets, newDataFolder, removePrograms, startEngine, untilKeySeen, untilStandstill, type Case, type Customer, type EngineProcess } from './fault-world.ts';
import { sufferFault, type Running } from './suffer-fault.ts';
import { openTcpGate, type TcpGate } from './tcp-gate.ts';

let ca: RunningCa;
let gate: TcpGate;
let customer: Customer;
const results = new Map<string, string>();

const FAULTS: Readonly<Record<string, Fault>> = faultKinds(() => ({ ca, gate }));

beforeAll(buildPrograms);
afterAll(() => {
  printTable();
  removePrograms();
});

/** The cases of one fault on one kind of key. */
function casesOf(fault: string, kind: KeyKind): [NewIssueStep, Moment][] {
  const turn = Object.keys(FAULTS).indexOf(fault);
  return NEW_ISSUE_STEPS.flatMap((step, index) => (inTurn(KEY_KINDS, turn + index).includes(kind) ? inTurn(MOMENTS, turn + index).map((moment): [NewIssueStep, Moment] => [step, moment]) : []));
}

const nameOf = (kind: KeyKind, fault: string, step: NewIssueStep, moment: Moment) => `${kind.name}:${step}:${moment}:${fault}`;

for (const kind of KEY_KINDS) {
  describe.skipIf(kind.missing !== null)(`new issue on ${kind.name}`, () => {
    // A service for each kind: the table of one kind stands alone.
    beforeAll(async () => {
      gate = await openTcpGate();
      // Beyond the gate the service goes by the gate's name; it refuses to be called by another one (DNS rebinding).
      ca = await startCa({ flags: ['--demo', '--public-url', gate.url] });
      gate.leadTo(ca.url);
      customer = await createCustomer(gate.url);
    });
    afterAll(async () => {
      await gate?.close();
      await ca?.stop();
    });

    describe.each(Object.entries(FAULTS))('%s', (name, fault) => {
      const test = fault.strikesAll ? it : it.concurrent;
      test.each(casesOf(name, kind))('ok: at step %s, %s', async (step, moment) => {
        results.set(nameOf(kind, name, step, moment), 'FAILED');
        results.set(nameOf(kind, name, step, moment), await runCase(kind, fault, step, moment));
      });
    });
  });
}

/** @returns how the deed came to its end, for the table */
async function runCase(kind: KeyKind, fault: Fault, step: NewIssueStep, moment: Moment): Promise<string> {
  const key = await kind.create();
  const one: Case = { dataFolder: newDataFolder(), key, caBaseUrl: gate.url };
  const { requestId, code } = await customer.order(2, kind.algorithm);
  const running: Running = { engine: await startEngine(one, `${step}:${moment}`) };
  try {
    const { engine } = running;
    await engine.call('session.logIn', customer.login);
    const token = await untilKeySeen(engine, key.serial);
    const starting = engine.call('writing.startNewIssue', { requestId, token, tokenModelId: kind.modelId, authorizationCode: code, pin: key.pin }).catch((thrown: unknown) => toAppError(thrown));
    await sufferFault(running, one, fault, starting, customer);
    const how = await goOn(running.engine, code, key);
    await expectAllWell(running.engine, one, kind, { requestId, code });
    return how;
  } finally {
    await running.engine.kill();
    rmSync(one.dataFolder, { recursive: true, force: true });
    await key.dispose();
  }
}

/** What the person does: presses "continue", and enters the code again only when asked for it. */
async function goOn(engine: EngineProcess, code: string, { pin, serial }: TestKey): Promise<string> {
  await engine.call('tokens.rescan', undefined as never);
  await untilKeySeen(engine, serial);
  const [deed] = await engine.call('writing.listUnfinished', undefined as never);
  if (!deed) return 'went through';
  const resumed = await engine.call('writing.resume', { deedId: deed.id, pin }).then((answer) => ({ answer, how: `resumed at ${deed.step}` }), async (thrown: unknown) => {
    if (toAppError(thrown).code !== 'DEED_CODE_NEEDED') throw thrown;
    return { answer: await engine.call('writing.resume', { deedId: deed.id, pin, authorizationCode: code }), how: 'resumed, code asked again' };
  });
  const ended: Deed = await untilStandstill(engine, resumed.answer.id);
  expect([ended.state, ended.error]).toEqual(['completed', null]);
  return resumed.how;
}

async function expectAllWell(engine: EngineProcess, one: Case, kind: KeyKind, { requestId, code }: { readonly requestId: string; readonly code: string }): Promise<void> {
  const { ca: service } = customer.session;
  expect(await engine.call('writing.listUnfinished', undefined as never)).toEqual([]);
  // Exactly one active pair, and nothing open or forgotten.
  const { items: certificates } = await service.searchCertificates({ query: { tokenSerial: one.key.serial, limit: 100 } });
  expect(certificates.map((certificate) => `${certificate.purpose} ${certificate.state}`).sort()).toEqual(['encrypt active', 'sign active']);
  expect((await service.listOpenIssuances({ query: { tokenSerial: one.key.serial } })).items).toEqual([]);
  // Used once, neither lost nor twice: one key of two is left, and the code is spent for this key.
  const { items: lines } = await service.listPendingWritings({ query: { limit: 100 } });
  expect(lines.find((line) => line.requestId === requestId)).toMatchObject({ quantity: 2, remainingQuantity: 1, openQuantity: 0 });
  const again = service.startIssuance({ idempotencyKey: crypto.randomUUID(), body: { requestId, authorizationCode: code, tokenSerial: one.key.serial, tokenModelId: kind.modelId } });
  await expect(again).rejects.toMatchObject({ code: 'CODE_USED_FOR_KEY' });
  // The key holds exactly these two certificates, in one container, with their private keys.
  const { tokens } = await engine.call('tokens.list', undefined as never);
  const onKey = tokens.find((token) => token.ref.serial === one.key.serial)?.certificates ?? [];
  expect(onKey.map((certificate) => certificate.sha256Hex).sort()).toEqual(certificates.map((certificate) => certificate.sha256Hex).sort());
  expect(new Set(onKey.map((certificate) => certificate.containerId)).size).toBe(1);
  expect(await engine.call('tokens.checkPin', { token: refOf(one.key), pin: one.key.pin })).toMatchObject({ status: 'ok' });
  await engine.kill();
  expect(filesWithSecrets(one.dataFolder, [one.key.pin, code, customer.login.password])).toEqual([]);
}

/** Rows: where it struck, on which kinds of key; columns: what struck; cells: how the deed came to its end. */
function printTable(): void {
  const faults = Object.keys(FAULTS);
  const rows = KEY_KINDS.flatMap((kind) => NEW_ISSUE_STEPS.flatMap((step) => MOMENTS.map((moment) => [`${kind.name}: ${step}, ${moment}`, ...faults.map((fault) => results.get(nameOf(kind, fault, step, moment)) ?? '·')])));
  const table = [['kind: step, moment', ...faults], ...rows.filter((row) => row.slice(1).some((cell) => cell !== '·'))];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  console.log(table.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n'));
}
