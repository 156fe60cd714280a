/**
 * SIGKILL of the service while a request is reviewed, ended with money back, or a renewal is written: after a restart the same call goes on or has
 * its answer; exactly one pair is active, money is given back once, nothing is half done. Prints point × state found × result.
 */
import Sqlite from 'better-sqlite3';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import type { Order } from '#shared/contract/rest/orders.ts';
import type { Request } from '#shared/contract/rest/requests.ts';
import { startCa, type RunningCa } from '../support/start-ca.ts';
import { newSerial } from './support/journeys.ts';
import { logInAs, serviceCaller, value, type ServiceCaller } from './support/service-calls.ts';
import { subscriber, type Subscriber } from './support/subscriber.ts';
import { newKey } from './support/test-ca.ts';

let ca: RunningCa;
let call: ServiceCaller;
const table: string[] = [];
beforeAll(async () => {
  ca = await startCa({ flags: ['--demo', '--log-level', 'error'] });
  call = serviceCaller(ca);
});
afterAll(async () => {
  await ca.stop();
  console.log(['killed at | found after restart | result', ...table].join('\n'));
});

const post = <T>(path: string, token: string | null, body?: object) => call<T>('POST', path, token, body, newKey());

async function pay(orderId: string, token: string): Promise<void> {
  const { paymentId } = value(await post<{ paymentId: string }>(`/v1/orders/${orderId}/payments`, token));
  value(await post(`/v1/sandbox/payments/${paymentId}/decision`, null, { decision: 'pay' }));
}

async function issue(token: string, body: object, key: Subscriber): Promise<Issuance> {
  const started = value(await post<Issuance>('/v1/issuances', token, body));
  const certified = value(await call<Issuance>('PUT', `/v1/issuances/${started.id}/csr`, token, { csrDer: await key.csr(started) }));
  return value(await call<Issuance>('PUT', `/v1/issuances/${started.id}/completion`, token, key.proof(certified)));
}

interface Prepared {
  readonly request: Request;
  readonly tokenSerial: string;
  readonly key: Subscriber;
}

/** A key with an active pair, and a renewal of it that has been submitted. */
async function prepare(): Promise<Prepared> {
  const token = await logInAs(call);
  const template = value(await call<{ items: Order[] }>('GET', '/v1/orders?limit=100', token)).items.find(({ projectName, lines }) => !projectName.includes('国密') && lines[0]?.item.kind === 'new-issue');
  const line = template?.lines[0];
  const order = value(await post<Order>('/v1/orders', token, { projectId: template?.projectId, lines: [{ itemId: line?.item.id, quantity: 1, subject: line?.subject }] }));
  await pay(order.id, token);
  const [code] = await ca.sandboxCodes(order.number);
  const tokenSerial = newSerial();
  const key = subscriber();
  await issue(token, { requestId: order.lines[0]?.id, authorizationCode: code, tokenSerial, tokenModelId: 'softhsm2' }, key);
  const { items } = value(await call<{ items: { serialHex: string; purpose: string }[] }>('GET', `/v1/certificates?tokenSerial=${tokenSerial}`, token));
  const certificateSerialHex = items.find(({ purpose }) => purpose === 'sign')?.serialHex;
  const draft = value(await post<Request>('/v1/requests', token, { kind: 'renewal', certificateSerialHex, itemId: 'demo-renewal-organisation-1-year' }));
  return { tokenSerial, key, request: value(await post<Request>(`/v1/requests/${draft.id}/submission`, token)) };
}

/** Approved, paid, its risk notice accepted. */
async function prepareReady(): Promise<Prepared> {
  const prepared = await prepare();
  const { request, key } = prepared;
  const staff = await logInAs(call, 'demo-staff');
  value(await post(`/v1/requests/${request.id}/claim`, staff));
  const approved = value(await post<Request>(`/v1/requests/${request.id}/approval`, staff));
  const token = await logInAs(call);
  await pay(approved.orderId ?? '', token);
  const signature = key.sign(Buffer.from(`BidKey risk notice v1\0${request.id}\x00v1`, 'utf8')).toString('base64');
  value(await post(`/v1/requests/${request.id}/risk-notice`, token, { noticeVersion: 'v1', certificateSerialHex: request.certificateSerialHex, signature }));
  return prepared;
}

const stateNow = async ({ request }: Prepared) => value(await call<Request>('GET', `/v1/requests/${request.id}`, await logInAs(call)));

/** Restarts with the kill, lets the deed run into it, restarts without. */
async function killedAt(point: string, deed: () => Promise<string | null>): Promise<void> {
  await ca.restart({ env: { BIDKEY_CA_TEST_ONLY_KILL_AT: point } });
  expect(await deed()).toBe('GONE');
  expect((await ca.ended()).signal).toBe('SIGKILL');
  await ca.restart();
}

describe('SIGKILL while a request is reviewed', () => {
  it.each([['review:in-transaction', 'submitted'], ['approval:committed', 'awaiting-payment']] as const)('ok: at %s', async (point, found) => {
    const prepared = await prepare();
    const { id } = prepared.request;
    const review = async () => {
      const staff = await logInAs(call, 'demo-staff');
      const claimed = await post(`/v1/requests/${id}/claim`, staff);
      const approved = claimed.ok ? await post(`/v1/requests/${id}/approval`, staff) : claimed;
      return approved.ok ? null : approved.code;
    };
    await killedAt(point, review);
    expect((await stateNow(prepared)).state).toBe(found);
    expect(await review()).toBe(found === 'submitted' ? null : 'REQUEST_STATE');
    const after = await stateNow(prepared);
    expect(after.state).toBe('awaiting-payment');
    expect(after.history.filter(({ event }) => event === 'approve')).toHaveLength(1);
    expect(invariants(prepared)).toEqual({ active: 2, pending: 0, refunds: 0, refundedFen: 0, orders: 1 });
    table.push(`${point} | ${found} | approved once, one order`);
  });
});

describe('SIGKILL while money is given back', () => {
  it.each([['request-end:in-transaction', 'code-sent'], ['request-end:committed', 'cancelled']] as const)('ok: at %s', async (point, found) => {
    const prepared = await prepareReady();
    const idempotencyKey = newKey();
    const cancel = async () => {
      const answer = await call<Request>('POST', `/v1/requests/${prepared.request.id}/cancellation`, await logInAs(call), undefined, idempotencyKey);
      return answer.ok ? null : answer.code;
    };
    await killedAt(point, cancel);
    expect((await stateNow(prepared)).state).toBe(found);
    expect(await cancel()).toBeNull();
    expect(await stateNow(prepared)).toMatchObject({ state: 'cancelled', refundedFen: 15_000 });
    expect(invariants(prepared)).toEqual({ active: 2, pending: 0, refunds: 1, refundedFen: 15_000, orders: 1 });
    table.push(`${point} | ${found} | paid back once, old pair active`);
  });
});

describe('SIGKILL while a renewal is written', () => {
  it.each([['csr:in-transaction'], ['completion:in-transaction'], ['completion:committed']] as const)('ok: at %s', async (point) => {
    const prepared = await prepareReady();
    const { request, tokenSerial } = prepared;
    const { items } = value(await call<{ items: { text: string }[] }>('GET', '/v1/sandbox/messages?limit=100', null));
    const authorizationCode = items.filter(({ text }) => text.includes(request.number)).map(({ text }) => /操作授权码：(\d{6})/.exec(text)?.[1]).find((code) => code !== undefined);
    const startKey = newKey();
    const key = subscriber();
    const write = async () => {
      const token = await logInAs(call);
      const started = await call<Issuance>('POST', '/v1/issuances', token, { requestId: request.id, authorizationCode, tokenSerial, tokenModelId: 'softhsm2' }, startKey);
      if (!started.ok) return started.code;
      const certified = await call<Issuance>('PUT', `/v1/issuances/${started.value.id}/csr`, token, { csrDer: await key.csr(started.value) });
      if (!certified.ok) return certified.code;
      const completed = await call<Issuance>('PUT', `/v1/issuances/${started.value.id}/completion`, token, key.proof(certified.value));
      return completed.ok ? null : completed.code;
    };
    await killedAt(point, write);
    const found = (await stateNow(prepared)).state;
    // Whenever it dies, one pair is active: the old one until the new one is proven.
    expect(invariants(prepared).active).toBe(2);
    expect(await write()).toBeNull();
    expect((await stateNow(prepared)).state).toBe('completed');
    expect(invariants(prepared)).toEqual({ active: 2, pending: 0, refunds: 0, refundedFen: 0, orders: 1 });
    table.push(`${point} | ${found} | renewed, one active pair`);
  });

  it('ok: the audit log is whole after all of them', async () => {
    const report = value(await call<{ passed: boolean; tests: { name: string; passed: boolean }[] }>('POST', '/selftests/run', null));
    expect(report.tests.filter(({ passed }) => !passed)).toEqual([]);
  });
});

function invariants({ request, tokenSerial }: Prepared) {
  const file = new Sqlite(join(ca.dataFolder, 'ca.sqlite'), { readonly: true });
  const one = (query: string, parameter: string) => Number(Object.values(file.prepare(query).get(parameter) as object)[0]);
  try {
    expect(file.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(file.pragma('foreign_key_check')).toEqual([]);
    return {
      active: one(`select count(*) from certificates where token_serial = ? and state = 'active'`, tokenSerial),
      pending: one(`select count(*) from certificates where token_serial = ? and state = 'pending'`, tokenSerial),
      refunds: one('select count(*) from refunds where request_id = ?', request.id),
      refundedFen: one('select coalesce(sum(amount_fen), 0) from refunds where request_id = ?', request.id),
      orders: one('select count(*) from order_lines where id = ?', request.id),
    };
  } finally {
    file.close();
  }
}
