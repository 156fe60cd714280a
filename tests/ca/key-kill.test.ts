/**
 * SIGKILL of the service, as a real process, in what happens to pairs and keys after their issuance: whatever was cut off is done or done again after a
 * restart, an administrator PIN that fits is always kept, and no PIN ever stands in the log. Prints point × what the repetition found.
 */
import Sqlite from 'better-sqlite3';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CertificateRecord, KeyChallenge } from '#shared/contract/rest/certificates.ts';
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import type { AdministratorPinRelease, KeyRecovery } from '#shared/contract/rest/keys.ts';
import type { Order } from '#shared/contract/rest/orders.ts';
import type { Request } from '#shared/contract/rest/requests.ts';
import { generateSm2KeyPair } from '#shared/sm/sm2-key.ts';
import { buildEcPublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { DEMO_LOGIN_NAME, DEMO_SECOND_STAFF_LOGIN_NAME, DEMO_STAFF_LOGIN_NAME } from '../../src-ca/demo/demo-names.ts';
import { KEY_FAULT_POINTS, type FaultPoint } from '../../src-ca/issuance/fault-points.ts';
import { startCa, type RunningCa } from '../support/start-ca.ts';
import { newSerial } from './support/journeys.ts';
import { answerTo, serialOf } from './support/key-holders.ts';
import { sm2Subscriber, type Sm2Subscriber } from './support/sm2-subscriber.ts';
import { pairOf } from './support/subscriber.ts';
import { newKey } from './support/test-ca.ts';

let ca: RunningCa;
let password = '';
let logs = '';
const table: string[] = [];
const pins = new Set<string>();
const FLAGS = ['--demo', '--log-level', 'debug'];
beforeAll(async () => {
  ca = await startCa({ flags: FLAGS });
});
afterAll(async () => {
  await ca.stop();
  console.log(['killed at | the repetition', ...table].join('\n'));
});

class Gone extends Error {}
class Refused extends Error {}

/** @throws Gone when the service is not there (any more), Refused with its code */
async function call<T>(method: string, path: string, token: string | null, body?: object, idempotencyKey = newKey()): Promise<T> {
  const sent = await fetch(`${ca.url}${path}`, {
    method,
    headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...(method === 'POST' ? { 'idempotency-key': idempotencyKey } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  }).then(async (response) => ({ ok: response.ok, answer: (await response.json()) as T & { code: string } })).catch((thrown: unknown) => {
    throw thrown instanceof TypeError ? new Gone() : thrown;
  });
  if (!sent.ok) throw new Refused(sent.answer.code);
  return sent.answer;
}

async function logIn(loginName: string): Promise<string> {
  const { sandbox } = await call<{ sandbox: { demoLogin: { password: string } } }>('GET', '/v1/service', null);
  password = sandbox.demoLogin.password;
  return (await call<{ accessToken: string }>('POST', '/v1/sessions', null, { loginName, password })).accessToken;
}

interface Held {
  readonly key: Sm2Subscriber;
  readonly tokenSerial: string;
  readonly signSerialHex: string;
  readonly encryptSerialHex: string;
}

async function writtenKeys(token: string): Promise<Held[]> {
  const orders = (await call<{ items: Order[] }>('GET', '/v1/orders', token)).items;
  const order = orders.find(({ projectId }) => projectId.endsWith('sm2'));
  const [authorizationCode] = await ca.sandboxCodes(order?.number);
  const held: Held[] = [];
  for (let n = 0; n < 2; n += 1) {
    const [key, tokenSerial] = [sm2Subscriber(), newSerial()];
    const started = await call<Issuance>('POST', '/v1/issuances', token, { requestId: order?.lines[0]?.id, authorizationCode, tokenSerial, tokenModelId: 'softhsm2' });
    const certified = await call<Issuance>('PUT', `/v1/issuances/${started.id}/csr`, token, { csrDer: await key.csr(started) });
    await call('PUT', `/v1/issuances/${started.id}/completion`, token, await key.proof(certified));
    const pair = pairOf(certified);
    held.push({ key, tokenSerial, signSerialHex: serialOf(pair.signCertificateDer), encryptSerialHex: serialOf(pair.encryptionCertificateDer) });
  }
  return held;
}

const draft = (token: string, body: object) => call<Request>('POST', '/v1/requests', token, body);

/** Through review; a key recovery with both agreements. @returns the request and its code */
async function approved(token: string, body: object): Promise<{ id: string; code: string }> {
  const { id, number, kind } = await draft(token, body);
  await call('POST', `/v1/requests/${id}/submission`, token);
  const [first, second] = [await logIn(DEMO_STAFF_LOGIN_NAME), await logIn(DEMO_SECOND_STAFF_LOGIN_NAME)];
  await call('POST', `/v1/requests/${id}/claim`, first);
  await call('POST', `/v1/requests/${id}/approval`, first);
  if (kind === 'key-recovery') for (const by of [first, second]) await call('POST', `/v1/requests/${id}/recovery-approvals`, by);
  const [code = ''] = await ca.sandboxCodes(number);
  return { id, code };
}

const stateOf = async (token: string, requestId: string) => (await call<Request>('GET', `/v1/requests/${requestId}`, token)).state;
const certificate = (token: string, serialHex: string) => call<CertificateRecord>('GET', `/v1/certificates/${serialHex}`, token);

/** The holder's word: repeated, it is found done, or done now. */
async function confirmByKey(token: string, requestId: string, key: Sm2Subscriber): Promise<string> {
  if ((await stateOf(token, requestId)) === 'completed') return 'found it done';
  const challenge = await call<KeyChallenge>('POST', `/v1/requests/${requestId}/key-challenges`, token);
  await call('POST', `/v1/requests/${requestId}/key-confirmation`, token, answerTo(challenge, key));
  return 'did it';
}

interface Deed {
  readonly point: FaultPoint;
  /** May be repeated. @returns what it found */
  run(token: string): Promise<string>;
  check(token: string): Promise<void>;
}

/** The life of two keys, a deed per point, in that order. `next` of one unlock is what the following one must find in force. */
async function deeds(token: string): Promise<Deed[]> {
  const [lost, kept] = (await writtenKeys(token)) as [Held, Held];
  const suspension = await draft(token, { kind: 'suspension', certificateSerialHex: lost.signSerialHex });
  const revocation = { id: '' };
  const pin = `/v1/keys/${kept.tokenSerial}/administrator-pin`;
  const unlocks: { id: string; code: string; deedId: string; key: string; next: string; current: string | null }[] = [];
  const unlock = async () => {
    const { id, code } = await approved(token, { kind: 'unlock', certificateSerialHex: kept.signSerialHex, tokenSerial: kept.tokenSerial, itemId: 'demo-sm2-unlock-organisation' });
    unlocks.push({ id, code, deedId: newKey(), key: newKey(), next: '', current: null });
  };
  const release = async (by: string, index: number) => {
    const one = unlocks[index];
    if (one === undefined) throw new Error('no such unlock');
    const released = await call<AdministratorPinRelease>('POST', `/v1/requests/${one.id}/administrator-pin-release`, by, { authorizationCode: one.code, tokenSerial: kept.tokenSerial, deedId: one.deedId }, one.key);
    for (const value of [released.administratorPin, released.nextAdministratorPin]) if (value !== null) pins.add(value);
    [one.current, one.next] = [released.administratorPin, released.nextAdministratorPin];
    return one;
  };
  const completion = async (by: string, index: number) => {
    const one = unlocks[index];
    if (one === undefined) throw new Error('no such unlock');
    if ((await stateOf(by, one.id)) === 'completed') return 'found it done';
    const challenge = await call<KeyChallenge>('POST', `/v1/requests/${one.id}/key-challenges`, by);
    await call('PUT', `/v1/requests/${one.id}/unlock-completion`, by, { deedId: one.deedId, rotated: true, proof: answerTo(challenge, kept.key) });
    return 'did it';
  };
  const recovery = { id: '', code: '', key: newKey() };
  let deposited = '';
  return [
    { point: 'pair-change:in-transaction', run: (by) => confirmByKey(by, suspension.id, lost.key), check: async (by) => expect((await certificate(by, lost.encryptSerialHex)).state).toBe('suspended') },
    {
      point: 'pin-deposit:committed',
      async run(by) {
        deposited = (await call<{ nextAdministratorPin: string }>('PUT', pin, by, { currentAdministratorPin: 'Factory-So-Pin-1' })).nextAdministratorPin;
        pins.add(deposited).add('Factory-So-Pin-1');
        return 'got the same PIN again';
      },
      check: async (by) => expect((await call<{ nextAdministratorPin: string }>('PUT', pin, by, { currentAdministratorPin: null })).nextAdministratorPin).toBe(deposited),
    },
    {
      point: 'pair-change:committed',
      async run(by) {
        if (revocation.id === '') revocation.id = (await draft(by, { kind: 'revocation', certificateSerialHex: lost.signSerialHex, revocationReason: 'keyCompromise' })).id;
        return await confirmByKey(by, revocation.id, lost.key);
      },
      check: async (by) => expect((await certificate(by, lost.encryptSerialHex)).state).toBe('revoked'),
    },
    { point: 'pin-confirmation:committed', run: async (by) => `state ${(await call<{ state: string }>('PUT', `${pin}/confirmation`, by)).state}`, check: async (by) => expect((await call<{ state: string }>('GET', pin, by)).state).toBe('in-force') },
    {
      point: 'pin-release:committed',
      async run(by) {
        if (unlocks.length === 0) await unlock();
        return `current PIN ${(await release(by, 0)).current === deposited ? 'is the deposited one' : 'is lost'}`;
      },
      check: async () => expect(unlocks[0]?.current).toBe(deposited),
    },
    { point: 'unlock-completion:in-transaction', run: (by) => completion(by, 0), check: async (by) => expect(await stateOf(by, unlocks[0]?.id ?? '')).toBe('completed') },
    {
      point: 'restore:committed',
      async run(by) {
        if (recovery.id === '') Object.assign(recovery, await approved(by, { kind: 'key-recovery', certificateSerialHex: lost.signSerialHex, tokenSerial: kept.tokenSerial }));
        const begun = await call<KeyRecovery>('POST', `/v1/requests/${recovery.id}/key-recovery`, by, { authorizationCode: recovery.code, tokenSerial: kept.tokenSerial }, recovery.key);
        const spkiDer = buildEcPublicKeyInfo('sm2', generateSm2KeyPair((length) => randomBytes(length)).publicKey);
        const message = Buffer.concat([Buffer.from(`BidKey restore v1\0${recovery.id}\0${lost.encryptSerialHex}\0`), createHash('sha256').update(spkiDer).digest()]);
        await call('PUT', `/v1/requests/${recovery.id}/restored-keys/${lost.encryptSerialHex}`, by, { openingPublicKeySpkiDer: Buffer.from(spkiDer).toString('base64'), signature: Buffer.from(kept.key.sign(message)).toString('base64') });
        return `${begun.restorableKeys.length} key given out again`;
      },
      check: async () => expect(count(`select count(*) from restored_keys where request_id = '${recovery.id}'`)).toBe(2),
    },
    {
      point: 'unlock-completion:committed',
      async run(by) {
        if (unlocks.length === 1) {
          await unlock();
          await release(by, 1);
        }
        return await completion(by, 1);
      },
      async check(by) {
        expect(unlocks[1]?.current).toBe(unlocks[0]?.next);
        expect((await call<{ state: string }>('GET', pin, by)).state).toBe('in-force');
      },
    },
  ];
}

function count(query: string): number {
  const file = new Sqlite(join(ca.dataFolder, 'ca.sqlite'), { readonly: true });
  try {
    expect(file.pragma('integrity_check', { simple: true })).toBe('ok');
    return Number(Object.values(file.prepare(query).get() as object)[0]);
  } finally {
    file.close();
  }
}

async function restart(point: FaultPoint | null): Promise<string> {
  logs += ca.log();
  await ca.restart({ flags: FLAGS, env: point === null ? {} : { BIDKEY_CA_TEST_ONLY_KILL_AT: point } });
  return await logIn(DEMO_LOGIN_NAME);
}

/** No deed's repetition comes past the point of the deed after it. */
const ORDER: readonly FaultPoint[] = [
  'pair-change:in-transaction', 'pin-deposit:committed', 'pair-change:committed', 'pin-confirmation:committed', 'pin-release:committed', 'unlock-completion:in-transaction', 'restore:committed', 'unlock-completion:committed',
];

describe('SIGKILL', () => {
  let all: Deed[] = [];
  let token = '';

  it('ok: two written keys to begin with, and a deed for every point', async () => {
    all = await deeds(await logIn(DEMO_LOGIN_NAME));
    expect(all.map(({ point }) => point)).toEqual(ORDER);
    expect(ORDER.toSorted()).toEqual(KEY_FAULT_POINTS.toSorted());
    token = await restart(ORDER[0] ?? null);
  });

  it.each(ORDER.map((point, index) => [point, index] as const))('ok: at %s; what was cut off is done, or done again', async (point, index) => {
    const deed = all[index];
    if (deed === undefined) throw new Error('no deed for this point');
    await expect(deed.run(token)).rejects.toThrow(Gone);
    expect((await ca.ended()).signal).toBe('SIGKILL');
    token = await restart(ORDER[index + 1] ?? null);
    table.push(`${point} | ${await deed.run(token)}`);
    await deed.check(token);
  });

  it('ok: the audit log is whole after all of them', async () => {
    const report = await call<{ tests: { name: string; passed: boolean }[] }>('POST', '/selftests/run', null);
    expect(report.tests.filter(({ passed }) => !passed)).toEqual([]);
  });

  it('ok: no administrator PIN stands in the log or in any file of the data folder', () => {
    logs += ca.log();
    expect(logs).toContain('administrator-pin-release');
    expect(pins.size).toBeGreaterThanOrEqual(4);
    const files = ['ca.sqlite', 'ca.sqlite-wal'].map((name) => readFileSync(join(ca.dataFolder, name)));
    for (const pin of pins) {
      expect(logs.includes(pin)).toBe(false);
      expect(files.some((file) => file.includes(Buffer.from(pin, 'utf8')))).toBe(false);
    }
  });
});
