/**
 * SIGKILL of the service at every fault point of an issuance, as a real process: after a restart the writing goes on, exactly one pair is active,
 * and neither a code nor a quantity is lost or used twice. Prints point × state found × result.
 */
import Sqlite from 'better-sqlite3';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import type { Order } from '#shared/contract/rest/orders.ts';
import { FAULT_POINTS, type FaultPoint } from '../../src-ca/issuance/fault-points.ts';
import { startCa, type RunningCa } from '../support/start-ca.ts';
import { newSerial } from './support/journeys.ts';
import { logInAs, serviceCaller, value, type ServiceCaller } from './support/service-calls.ts';
import { subscriber } from './support/subscriber.ts';
import { newKey } from './support/test-ca.ts';

let ca: RunningCa;
let call: ServiceCaller;
const logIn = () => logInAs(call);
const table: string[] = [];
beforeAll(async () => {
  ca = await startCa({ flags: ['--demo', '--log-level', 'error'] });
  call = serviceCaller(ca);
});
afterAll(async () => {
  await ca.stop();
  console.log(['killed at | found after restart | result', ...table].join('\n'));
});

interface Journey {
  readonly order: Order;
  readonly lineId: string;
  readonly startBody: object;
  readonly startKey: string;
  readonly tokenSerial: string;
}

/** A paid order of one key of the demo account. */
async function prepare(token: string): Promise<Journey> {
  const [template] = value(await call<{ items: Order[] }>('GET', '/v1/orders', token)).items;
  const line = template?.lines[0];
  const order = value(await call<Order>('POST', '/v1/orders', token, { projectId: template?.projectId, lines: [{ itemId: line?.item.id, quantity: 1, subject: line?.subject }] }, newKey()));
  const { paymentId } = value(await call<{ paymentId: string }>('POST', `/v1/orders/${order.id}/payments`, token, undefined, newKey()));
  value(await call('POST', `/v1/sandbox/payments/${paymentId}/decision`, null, { decision: 'pay' }));
  const [code] = await ca.sandboxCodes(order.number);
  const tokenSerial = newSerial();
  const lineId = order.lines[0]?.id ?? '';
  return { order, lineId, tokenSerial, startKey: newKey(), startBody: { requestId: lineId, authorizationCode: code, tokenSerial, tokenModelId: 'softhsm2' } };
}

/** As a desktop tool does: every step may be repeated. @returns the code at which it stopped, or null */
async function goThrough(token: string, journey: Journey, key: ReturnType<typeof subscriber>, cancelInstead: boolean): Promise<string | null> {
  const started = await call<Issuance>('POST', '/v1/issuances', token, journey.startBody, journey.startKey);
  if (!started.ok) return started.code;
  const certified = await call<Issuance>('PUT', `/v1/issuances/${started.value.id}/csr`, token, { csrDer: await key.csr(started.value) });
  if (!certified.ok) return certified.code;
  if (cancelInstead) {
    const cancelled = await call<Issuance>('PUT', `/v1/issuances/${started.value.id}/cancellation`, token);
    return cancelled.ok ? null : cancelled.code;
  }
  const completed = await call<Issuance>('PUT', `/v1/issuances/${started.value.id}/completion`, token, key.proof(certified.value));
  return completed.ok ? null : completed.code;
}

describe('SIGKILL', () => {
  it.each(FAULT_POINTS.map((point) => [point]))('ok: at %s', async (point: FaultPoint) => {
    const cancels = point.startsWith('cancellation');
    const journey = await prepare(await logIn());
    await ca.restart({ env: { BIDKEY_CA_TEST_ONLY_KILL_AT: point } });
    const key = subscriber();
    expect(await goThrough(await logIn(), journey, key, cancels)).toBe('GONE');
    expect((await ca.ended()).signal).toBe('SIGKILL');

    await ca.restart();
    const token = await logIn();
    const found = value(await call<{ items: Issuance[] }>('GET', `/v1/issuances?requestId=${journey.lineId}`, token)).items[0]?.state ?? 'none open';
    const stopped = await goThrough(token, journey, key, cancels);
    if (point === 'cancellation:committed') expect(stopped).toBe('ISSUANCE_STATE');
    else expect(stopped).toBeNull();

    const invariants = readInvariants(journey);
    const wanted = cancels
      ? { active: 0, pending: 0, revoked: 2, written: 0, open: 0, orderState: 'paid', uses: 0, openIntents: 0, escrowed: 1, triesLeft: 5 }
      : { active: 2, pending: 0, revoked: 0, written: 1, open: 0, orderState: 'completed', uses: 1, openIntents: 0, escrowed: 1, triesLeft: 5 };
    expect(invariants).toEqual(wanted);
    table.push(`${point} | ${found} | ${cancels ? 'cancelled, quantity back' : 'completed, one active pair'}`);
  });

  it('ok: the audit log is whole after all of them', async () => {
    const report = value(await call<{ passed: boolean; tests: { name: string; passed: boolean }[] }>('POST', '/selftests/run', null));
    expect(report.tests.filter(({ passed }) => !passed)).toEqual([]);
  });
});

function readInvariants({ order, lineId, tokenSerial }: Journey) {
  const file = new Sqlite(join(ca.dataFolder, 'ca.sqlite'), { readonly: true });
  const one = (query: string, parameter: string) => Object.values(file.prepare(query).get(parameter) as object)[0] as number | string;
  const certificates = (state: string) => one(`select count(*) from certificates where token_serial = ? and state = '${state}'`, tokenSerial);
  try {
    expect(file.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(file.pragma('foreign_key_check')).toEqual([]);
    return {
      active: certificates('active'), pending: certificates('pending'), revoked: certificates('revoked'),
      written: one('select written_quantity from requests where id = ?', lineId),
      open: one('select open_quantity from requests where id = ?', lineId),
      orderState: one('select state from orders where id = ?', order.id),
      uses: one('select count(*) from code_uses where request_id = ?', lineId),
      openIntents: one(`select count(*) from issuance_intents where state = 'open' and issuance_id in (select id from issuances where request_id = ?)`, lineId),
      escrowed: one('select count(*) from escrowed_keys where issuance_id in (select id from issuances where request_id = ?)', lineId),
      triesLeft: one('select tries_left from authorization_codes where request_id = ?', lineId),
    };
  } finally {
    file.close();
  }
}
