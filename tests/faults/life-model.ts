/**
 * The model beside the real service and tool: what may be done next with two keys, and what must come of it. Each action is carried out for real – requests, reviews,
 * payments, expiries, writings with and without kills, giving up, revocations, restarts of the service – and predicts the state of its request.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { DEED_PLANS, planOf, type DeedKind } from '#shared/contract/desktop/deed-plans.ts';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { KeyPolicy, Request, RequestState } from '#shared/contract/rest/requests.ts';
import { toAppError } from '#shared/errors/app-error.ts';
import { refOf, type KeyKind, type TestKey } from '../support/key-kinds.ts';
import type { Life } from '../support/life.ts';
import type { RunningCa } from '../support/start-ca.ts';
import { draftOf, NEW_PIN, pinsFor, sealSecrets, signerInForce, startInput, type SealedSecret } from '../writing/life-desk.ts';
import { letGoOn, startEngine, untilHeld, untilKeySeen, untilStandstill, type Customer, type EngineProcess } from './fault-world.ts';

export interface KeyModel {
  pair: 'none' | 'active' | 'suspended' | 'ended';
  locked: boolean;
  request: { readonly kind: DeedKind; readonly policy: KeyPolicy; state: RequestState } | null;
  /** A writing was cut off. */
  unfinished: boolean;
}

export interface Model {
  readonly keys: readonly KeyModel[];
}

export interface RealKey {
  readonly key: TestKey;
  pin: string;
  request: Request | null;
  /** Of a reissue: which key is written. */
  writtenOn: TestKey | null;
}

export interface Real {
  readonly keyKind: KeyKind;
  readonly keys: readonly RealKey[];
  readonly ca: RunningCa;
  readonly caUrl: string;
  readonly customer: Customer;
  readonly life: Life;
  readonly dataFolder: string;
  engine: EngineProcess;
  /** Sealed to whatever came into force, when it did. */
  readonly secrets: SealedSecret[];
}

/** What a test may do: `model` as it will be is changed by `run`, which also does it. */
export interface Action {
  readonly name: string;
  mayRun(model: Model): boolean;
  run(model: Model, real: Real): Promise<void>;
}

const other = (at: number) => 1 - at;
const keyOf = (model: Model, at: number): KeyModel => model.keys[at] ?? expect.unreachable();
const realOf = (real: Real, at: number): RealKey => real.keys[at] ?? expect.unreachable();
const asked = ({ request }: RealKey): Request => request ?? expect.unreachable();

export async function bootEngine(real: Pick<Real, 'dataFolder' | 'caUrl' | 'customer' | 'keys'>, stopAt: string | null): Promise<EngineProcess> {
  const first = real.keys[0]?.key ?? expect.unreachable();
  const engine = await startEngine({ dataFolder: real.dataFolder, key: first, caBaseUrl: real.caUrl }, stopAt);
  await engine.call('session.logIn', real.customer.login);
  for (const { key } of real.keys) await untilKeySeen(engine, key.serial);
  return engine;
}

/** Buys a pair for an empty key; the writing is an action of its own. */
export const order = (at: number): Action => ({
  name: `order for key ${at}`,
  mayRun: (model) => keyOf(model, at).request === null && ['none', 'ended'].includes(keyOf(model, at).pair) && !keyOf(model, at).locked,
  async run(model, real) {
    const { requestId } = await real.customer.order(1, real.keyKind.algorithm);
    realOf(real, at).request = await real.life.now({ id: requestId });
    keyOf(model, at).request = { kind: 'new-issue', policy: 'new-keys', state: 'code-sent' };
  },
});

export const ask = (at: number, kind: 'renewal' | 'change' | 'reissue' | 'unlock', policy: KeyPolicy): Action => ({
  name: `ask for ${kind} (${policy}) of key ${at}`,
  mayRun(model) {
    const key = keyOf(model, at);
    if (key.request !== null || key.unfinished || key.pair !== 'active') return false;
    if (kind === 'unlock') return true;
    const target = keyOf(model, other(at));
    return !key.locked && (kind !== 'reissue' || (['none', 'ended'].includes(target.pair) && target.request === null && !target.locked));
  },
  async run(model, real) {
    const one = realOf(real, at);
    if (kind === 'unlock') {
      await one.key.soft?.lock();
      keyOf(model, at).locked = true;
    }
    const drafted = await real.life.draft(await draftOf(real.customer, kind, real.keyKind, one.key, policy));
    if (kind === 'renewal' || kind === 'change') {
      const { version } = await real.engine.call('requests.riskNotice', undefined as never);
      await real.engine.call('requests.acceptRiskNotice', { requestId: drafted.id, noticeVersion: version, token: refOf(one.key), pin: one.pin });
    }
    one.request = await real.life.submit(drafted);
    one.writtenOn = kind === 'reissue' ? realOf(real, other(at)).key : null;
    keyOf(model, at).request = { kind, policy, state: 'submitted' };
  },
});

/** An action on the request of a key that is in one of these states. */
const onRequest = (name: string, at: number, states: readonly RequestState[], run: (one: RealKey, real: Real, kind: DeedKind) => Promise<RequestState>): Action => ({
  name: `${name} (key ${at})`,
  mayRun: (model) => states.includes(keyOf(model, at).request?.state ?? 'completed') && !keyOf(model, at).unfinished,
  async run(model, real) {
    const key = keyOf(model, at);
    const state = await run(realOf(real, at), real, key.request?.kind ?? 'new-issue');
    if (key.request) key.request.state = state;
    if (ENDED.includes(state)) key.request = null;
  },
});

const ENDED: readonly RequestState[] = ['withdrawn', 'expired', 'cancelled', 'completed'];
/** Unlocking costs nothing in the demo. */
const FREE: readonly DeedKind[] = ['unlock', 'key-recovery'];

export const review = (at: number, approve: boolean): Action => onRequest(approve ? 'approve' : 'reject', at, ['submitted'], async (one, real, kind) => {
  await real.life.claim(asked(one));
  if (!approve) {
    await real.life.staff[0]?.ca.rejectRequest({ params: { requestId: asked(one).id }, body: { reason: '材料不清晰' } });
    return 'rejected';
  }
  one.request = await real.life.approve(asked(one));
  if (kind === 'reissue') await real.life.approveRecovery(asked(one));
  return FREE.includes(kind) ? 'code-sent' : 'awaiting-payment';
});

export const resubmit = (at: number): Action => onRequest('submit again', at, ['rejected'], async (one, real) => (await real.life.submit(asked(one))).state);
export const withdraw = (at: number): Action => onRequest('withdraw', at, ['submitted', 'rejected'], async (one, real) => (await real.customer.session.ca.withdrawRequest({ params: { requestId: asked(one).id } })).state);
export const pay = (at: number): Action => onRequest('pay', at, ['awaiting-payment'], async (one, real) => {
  await real.life.pay(asked(one));
  return 'code-sent';
});
export const cancel = (at: number): Action => onRequest('cancel with refund', at, ['awaiting-payment', 'code-sent'], async (one, real) => (await real.customer.session.ca.cancelRequest({ params: { requestId: asked(one).id }, idempotencyKey: crypto.randomUUID() })).state);

/** Its time runs out, and the service looks after its requests at its next start. */
export const expire = (at: number): Action => onRequest('let expire', at, ['awaiting-payment', 'code-sent', 'rejected'], async (one, real) => {
  const database = new Database(join(real.ca.dataFolder, 'ca.sqlite'));
  database.pragma('busy_timeout = 5000');
  database.prepare('UPDATE requests SET expires_at_ms = 1 WHERE id = ?').run(asked(one).id);
  database.close();
  await real.ca.restart();
  return 'expired';
});

/** Carries a request out. @param killAt place in the plan at which the tool is killed, and the moment; null: it is not */
export const write = (at: number, killAt: { readonly step: number; readonly moment: 'before' | 'during' | 'after' } | null): Action => ({
  name: `write for key ${at}${killAt ? `, killed ${killAt.moment} step ${killAt.step}` : ''}`,
  mayRun(model) {
    const key = keyOf(model, at);
    return key.request?.state === 'code-sent' && !key.unfinished && (key.request.kind === 'unlock' || !key.locked);
  },
  async run(model, real) {
    const { kind } = keyOf(model, at).request ?? expect.unreachable();
    const one = realOf(real, at);
    const ready = { request: await real.life.now(asked(one)), code: await codeOf(real, asked(one)) };
    const on = one.writtenOn ?? one.key;
    const input = { ...startInput(kind, ready, real.keyKind, on, realOf(real, real.keys.findIndex(({ key }) => key === on)).pin) };
    const present = (await real.engine.call('tokens.list', undefined as never)).tokens.find(({ ref }) => ref.serial === on.serial)?.certificates.map(({ sha256Hex }) => sha256Hex) ?? [];
    if (kind === 'new-issue' || kind === 'reissue') Object.assign(input, { agreedToAddBesideCertificates: present });
    if (killAt) return killInside(model, real, at, input, killAt);
    const ended = await untilStandstill(real.engine, (await real.engine.call('writing.start', input)).id);
    expect([ended.state, ended.error]).toEqual(['completed', null]);
    await written(model, real, at);
  },
});

async function codeOf(real: Real, request: Request): Promise<string> {
  if (request.kind !== 'new-issue') return real.life.codeOf(request);
  const [code] = await real.ca.sandboxCodes(request.orderNumber ?? '');
  return code ?? expect.unreachable('a code was sent');
}

async function killInside(model: Model, real: Real, at: number, input: ReturnType<typeof startInput>, { step, moment }: { readonly step: number; readonly moment: string }): Promise<void> {
  const plan = DEED_PLANS[planOf(input.kind, { keyPolicy: keyOf(model, at).request?.policy ?? null, handover: false })];
  await real.engine.kill();
  real.engine = await bootEngine(real, `${plan[step % plan.length] ?? ''}:${moment}:${input.kind}`);
  real.engine.call('writing.start', input).catch(() => undefined);
  await untilHeld(real.dataFolder);
  await real.engine.kill();
  letGoOn(real.dataFolder);
  forgetStandstill(real.dataFolder);
  real.engine = await bootEngine(real, null);
  const [unfinished] = await real.engine.call('writing.listUnfinished', undefined as never);
  if (!unfinished) return written(model, real, at);
  keyOf(model, at).unfinished = true;
}

function forgetStandstill(dataFolder: string): void {
  for (const name of ['held', 'go-on']) rmSync(join(dataFolder, name), { force: true });
}

const mine = async (real: Real, at: number): Promise<Deed> => {
  const serial = (realOf(real, at).writtenOn ?? realOf(real, at).key).serial;
  return (await real.engine.call('writing.listUnfinished', undefined as never)).find(({ token }) => token.serial === serial) ?? expect.unreachable('a deed is unfinished');
};

export const resume = (at: number): Action => ({
  name: `go on with key ${at}`,
  mayRun: (model) => keyOf(model, at).unfinished,
  async run(model, real) {
    const deed = await mine(real, at);
    const on = realOf(real, real.keys.findIndex(({ key }) => key.serial === deed.token.serial));
    const input = { deedId: deed.id, ...pinsFor(deed, on.pin) };
    const answer = await real.engine.call('writing.resume', input).catch(async (thrown: unknown) => {
      expect(toAppError(thrown).code).toBe('DEED_CODE_NEEDED');
      return real.engine.call('writing.resume', { ...input, authorizationCode: await codeOf(real, asked(realOf(real, at))) });
    });
    const ended = await untilStandstill(real.engine, answer.id);
    expect([ended.state, ended.error]).toEqual(['completed', null]);
    await written(model, real, at);
  },
});

export const giveUp = (at: number): Action => ({
  name: `give up the writing of key ${at}`,
  mayRun: (model) => keyOf(model, at).unfinished && keyOf(model, at).request?.kind !== 'unlock',
  async run(model, real) {
    const deed = await mine(real, at);
    const { pin } = realOf(real, real.keys.findIndex(({ key }) => key.serial === deed.token.serial));
    const outcome = await real.engine.call('writing.cancel', { deedId: deed.id, pin }).then(({ state }) => state, (thrown: unknown) => toAppError(thrown).code);
    if (outcome === 'DEED_NOT_CANCELLABLE') return written(model, real, at);
    expect(outcome).toBe('cancelled');
    const key = keyOf(model, at);
    key.unfinished = false;
    if (key.request) key.request.state = 'code-sent';
  },
});

/** What a completed writing makes of the model, and something sealed to what is in force now. */
async function written(model: Model, real: Real, at: number): Promise<void> {
  const key = keyOf(model, at);
  const one = realOf(real, at);
  const kind = key.request?.kind;
  expect((await real.life.now(asked(one))).state).toBe('completed');
  Object.assign(key, { request: null, unfinished: false });
  if (kind === 'unlock') {
    key.locked = false;
    one.pin = NEW_PIN;
  } else if (kind === 'reissue') {
    key.pair = 'ended';
    keyOf(model, other(at)).pair = 'active';
    await handOver(real, other(at), asked(one).id);
  } else {
    key.pair = 'active';
  }
  if (kind === 'new-issue') await handOver(real, at, asked(one).id);
  Object.assign(one, { request: null, writtenOn: null });
  const inForce = kind === 'reissue' ? realOf(real, other(at)).key : one.key;
  const { serialHex } = await signerInForce(real.customer, inForce.serial);
  expect(serialHex).not.toBe('');
  const known = new Set(real.secrets.map(({ certificateSha256Hex }) => certificateSha256Hex));
  real.secrets.push(...(await sealSecrets(real.customer, real.keyKind, inForce.serial)).filter(({ certificateSha256Hex }) => !known.has(certificateSha256Hex)));
}

/** So that the key can be unlocked later. A key is handed over once. */
async function handOver(real: Real, at: number, requestId: string): Promise<void> {
  const { key } = realOf(real, at);
  if ((await real.customer.session.ca.getAdministratorPinState({ params: { tokenSerial: key.serial } })).state !== 'none') return;
  const begun = await real.engine.call('writing.adoptAdministratorPin', { requestId, token: refOf(key), tokenModelId: real.keyKind.modelId, administratorPin: key.adminPin });
  expect((await untilStandstill(real.engine, begun.id)).state).toBe('completed');
}

export const staffEnds = (at: number, how: 'revoke' | 'suspend' | 'release'): Action => ({
  name: `staff: ${how} key ${at}`,
  mayRun: (model) => keyOf(model, at).request === null && keyOf(model, at).pair === (how === 'release' ? 'suspended' : 'active'),
  async run(model, real) {
    const { ca } = real.life.staff[0] ?? expect.unreachable();
    const { items } = await ca.searchCertificates({ query: { tokenSerial: realOf(real, at).key.serial, state: how === 'release' ? 'suspended' : 'active', limit: 10 } });
    const params = { serialHex: items[0]?.serialHex ?? expect.unreachable('a pair is in force') };
    if (how === 'revoke') await ca.revokeCertificate({ params, body: { reason: 'cessationOfOperation' } });
    else if (how === 'suspend') await ca.suspendCertificate({ params, body: {} });
    else await ca.releaseCertificate({ params, body: {} });
    keyOf(model, at).pair = how === 'revoke' ? 'ended' : how === 'suspend' ? 'suspended' : 'active';
  },
});

export const restartService: Action = {
  name: 'the service is killed and started again',
  mayRun: () => true,
  async run(_model, real) {
    await real.ca.kill();
    await real.ca.restart();
  },
};
