/** Catalogue, orders, payments, idempotency and pages over real HTTP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Order } from '#shared/contract/rest/orders.ts';
import { DEMO_ITEM_ID, DEMO_PROJECT_ID } from '../../src-ca/demo/demo-catalogue.ts';
import { ORDER_TRANSITIONS } from '../../src-ca/orders/order-states.ts';
import { expireRequests } from '../../src-ca/requests/end-request.ts';
import { codesOf, COMPANY, customer, order, paidOrder, PASSWORD, pay, type Customer } from './support/journeys.ts';
import { auditOf } from './support/key-holders.ts';
import { twoStaff } from './support/request-journeys.ts';
import { newKey, testCa, type TestCa } from './support/test-ca.ts';

let ca: TestCa;
let who: Customer;
beforeAll(async () => {
  ca = await testCa();
  who = await customer(ca);
});
afterAll(() => ca.stop());

const orderBody = (changes: object = {}) => ({ projectId: DEMO_PROJECT_ID, lines: [{ itemId: DEMO_ITEM_ID, quantity: 1, subject: COMPANY, ...changes }] });

describe('orders', () => {
  it('ok: the catalogue says that it is a demo', async () => {
    const { items } = await ca.call('listProjects');
    expect(items.every(({ demo, name }) => demo && name.includes('演示'))).toBe(true);
  });

  it('ok: order, pay, code by SMS, 待制作证书', async () => {
    const { order: paid, lineId, code } = await paidOrder(ca, who, 3);
    expect(paid).toMatchObject({ state: 'paid', totalFen: 60_000 });
    expect(code).toMatch(/^\d{6}$/);
    const { items } = await ca.call('listPendingWritings', { token: who.token });
    expect(items.find(({ requestId }) => requestId === lineId)).toMatchObject({ orderNumber: paid.number, quantity: 3, remainingQuantity: 3, openQuantity: 0, companyName: COMPANY.commonName, codeExpiresAtUtc: new Date(ca.now().getTime() + 7 * 86_400_000).toISOString() });
    const { items: messages } = await ca.call('listSandboxMessages', { query: { to: who.phone } });
    expect(messages.filter(({ text }) => text.includes(paid.number)).map(({ text }) => text.includes(`操作授权码：${code}，有效期7天`))).toEqual([true]);
  });

  it('ok: an order keeps the price at which it was placed', async () => {
    const placed = await order(ca, who, 2);
    expect(placed.lines[0]?.item.unitPriceFen).toBe(20_000);
    expect(placed.totalFen).toBe(40_000);
  });

  it.each([
    ['an item of no project', { itemId: 'no-such-item' }, 'ORDER_ITEM_UNKNOWN'],
    ['a subject with a wrong credit code', { subject: { ...COMPANY, unifiedSocialCreditCode: '91330000MA27XL0K9I' } }, 'ACCOUNT_SUBJECT_INVALID'],
    ['an identity number for an organisation', { subject: { ...COMPANY, identityNumber: '11010519491231002X' } }, 'ACCOUNT_SUBJECT_INVALID'],
    ['no key at all', { quantity: 0 }, 'INPUT_INVALID'],
    ['half a key', { quantity: 1.5 }, 'INPUT_INVALID'],
    ['a number as text', { quantity: '1' }, 'INPUT_INVALID'],
    ['too many keys', { quantity: 1001 }, 'INPUT_INVALID'],
  ])('refuses: an order of %s', async (_, changes, code) => {
    expect((await ca.refusal('createOrder', { token: who.token, idempotencyKey: newKey(), body: orderBody(changes) })).problem.code).toBe(code);
  });

  it('refuses: another account’s order, as if it did not exist', async () => {
    const foreign = await order(ca, await customer(ca));
    for (const name of ['getOrder', 'cancelOrder'] as const) expect((await ca.refusal(name, { token: who.token, params: { orderId: foreign.id } })).status).toBe(404);
    expect((await ca.refusal('startPayment', { token: who.token, idempotencyKey: newKey(), params: { orderId: foreign.id } })).status).toBe(404);
    expect((await ca.refusal('resendAuthorizationCode', { token: who.token, idempotencyKey: newKey(), params: { requestId: foreign.lines[0]?.id ?? '' } })).status).toBe(404);
  });

  it('refuses: whatever the transition table does not know', async () => {
    const placed = await order(ca, who);
    await ca.call('cancelOrder', { token: who.token, params: { orderId: placed.id } });
    const again = await ca.refusal('cancelOrder', { token: who.token, params: { orderId: placed.id } });
    expect([again.status, again.problem.code, again.problem.details['state']]).toEqual([409, 'ORDER_STATE', 'cancelled']);
    expect((await ca.refusal('startPayment', { token: who.token, idempotencyKey: newKey(), params: { orderId: placed.id } })).problem.code).toBe('ORDER_STATE');
    const { order: paid } = await paidOrder(ca, who);
    expect((await ca.refusal('cancelOrder', { token: who.token, params: { orderId: paid.id } })).problem.code).toBe('ORDER_STATE');
  });

  it('ok: the table leads every state to an end', () => {
    const reach = (state: keyof typeof ORDER_TRANSITIONS, seen: readonly string[] = []): boolean =>
      Object.keys(ORDER_TRANSITIONS[state]).length === 0 || Object.values(ORDER_TRANSITIONS[state]).some((next) => next !== undefined && !seen.includes(next) && reach(next, [...seen, state]));
    for (const state of Object.keys(ORDER_TRANSITIONS) as (keyof typeof ORDER_TRANSITIONS)[]) expect(reach(state)).toBe(true);
  });
});

describe('payments', () => {
  it('refuses: a payment decided twice; the code is sent once', async () => {
    const mine = await customer(ca);
    const placed = await order(ca, mine);
    const { paymentId, checkoutUrl } = await ca.call('startPayment', { token: mine.token, idempotencyKey: newKey(), params: { orderId: placed.id } });
    expect(checkoutUrl).toBe(`${ca.url}/sandbox?payment=${paymentId}`);
    const post = (decision: string) => ca.raw(`/v1/sandbox/payments/${paymentId}/decision`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ decision }) });
    const answers = await Promise.all([post('pay'), post('pay'), post('pay')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    for (const decision of ['pay', 'refuse'] as const) expect((await ca.refusal('decideSandboxPayment', { params: { paymentId }, body: { decision } })).problem.code).toBe('PAYMENT_STATE');
    expect(await codesOf(ca, mine, placed.number)).toHaveLength(1);
  });

  it('ok: a payment that was refused can be started again; one that is open is the same one', async () => {
    const placed = await order(ca, who);
    const start = () => ca.call('startPayment', { token: who.token, idempotencyKey: newKey(), params: { orderId: placed.id } });
    const first = await start();
    expect((await start()).paymentId).toBe(first.paymentId);
    expect(await ca.call('decideSandboxPayment', { params: { paymentId: first.paymentId }, body: { decision: 'refuse' } })).toMatchObject({ state: 'refused' });
    const second = await start();
    expect(second.paymentId).not.toBe(first.paymentId);
    await ca.call('decideSandboxPayment', { params: { paymentId: second.paymentId }, body: { decision: 'pay' } });
    expect((await ca.call('getOrder', { token: who.token, params: { orderId: placed.id } })).state).toBe('paid');
  });

});

describe('money that nothing waits for any more', () => {
  const started = async (mine: Customer, orderId: string) => (await ca.call('startPayment', { token: mine.token, idempotencyKey: newKey(), params: { orderId } })).paymentId;
  const decide = (paymentId: string, decision: 'pay' | 'refuse') => ca.call('decideSandboxPayment', { params: { paymentId }, body: { decision } });
  const requestOf = (mine: Pick<Customer, 'token'>, placed: Order) => ca.call('getRequest', { token: mine.token, params: { requestId: placed.lines[0]?.id ?? '' } });
  const smsOf = async (mine: Customer) => (await ca.call('listSandboxMessages', { query: { to: mine.phone, limit: 100 } })).items.map(({ text }) => text);

  it('ok: after the cancellation of its order: taken and given back at once; applicant and staff see it, the applicant is told', async () => {
    const mine = await customer(ca);
    const placed = await order(ca, mine, 2);
    const paymentId = await started(mine, placed.id);
    await ca.call('cancelOrder', { token: mine.token, params: { orderId: placed.id } });
    expect(await decide(paymentId, 'pay')).toMatchObject({ state: 'returned', amountFen: 40_000, refundedFen: 40_000 });
    expect((await ca.call('getOrder', { token: mine.token, params: { orderId: placed.id } })).state).toBe('cancelled');
    const request = await requestOf(mine, placed);
    expect(request).toMatchObject({ state: 'cancelled', refundedFen: 40_000 });
    expect(request.history.at(-1)).toMatchObject({ event: 'pay-late', actor: 'system', from: 'cancelled', to: 'cancelled' });
    const [staff] = await twoStaff(ca);
    expect((await ca.call('getReviewRequest', { token: staff.token, params: { requestId: request.id } })).request).toMatchObject({ refundedFen: 40_000 });
    expect(await smsOf(mine)).toContain(`【标钥】您的申请${request.number}（证书新领）已结束，之后收到的付款 ¥400.00 将原路退回。`);
    expect(await codesOf(ca, mine, placed.number)).toEqual([]);
    expect((await auditOf(ca, staff, 'payment.late')).filter((entry) => entry.startsWith(paymentId))).toHaveLength(1);
    expect((await auditOf(ca, staff, 'payment.refunded')).filter((entry) => entry.startsWith(paymentId))).toEqual([expect.stringContaining('"amountFen":40000') as string]);
    expect((await ca.call('listSandboxPayments')).items.find(({ id }) => id === paymentId)).toMatchObject({ state: 'returned', refundedFen: 40_000 });
    // The provider says it again: the money has gone back once.
    expect((await ca.refusal('decideSandboxPayment', { params: { paymentId }, body: { decision: 'pay' } })).problem.code).toBe('PAYMENT_STATE');
    expect((await requestOf(mine, placed)).refundedFen).toBe(40_000);
  });

  it('ok: an order of two lines: each request gets back what it would have cost', async () => {
    const mine = await customer(ca);
    const body = { projectId: DEMO_PROJECT_ID, lines: [1, 2].map((quantity) => ({ itemId: DEMO_ITEM_ID, quantity, subject: COMPANY })) };
    const placed = await ca.call('createOrder', { token: mine.token, idempotencyKey: newKey(), body });
    const paymentId = await started(mine, placed.id);
    await ca.call('cancelOrder', { token: mine.token, params: { orderId: placed.id } });
    expect(await decide(paymentId, 'pay')).toMatchObject({ state: 'returned', refundedFen: 60_000 });
    const { items } = await ca.call('listRequests', { token: mine.token });
    expect(items.map(({ refundedFen }) => refundedFen).sort((a, b) => a - b)).toEqual([20_000, 40_000]);
  });

  it('ok: after the order has expired', async () => {
    const before = await customer(ca);
    const placed = await order(ca, before, 1);
    const paymentId = await started(before, placed.id);
    ca.advance(31 * 86_400_000);
    await expireRequests(ca.ports);
    const mine = { ...before, token: (await ca.call('createSession', { body: { loginName: before.loginName, password: PASSWORD } })).accessToken };
    expect(await requestOf(mine, placed)).toMatchObject({ state: 'expired', refundedFen: 0 });
    expect(await decide(paymentId, 'pay')).toMatchObject({ state: 'returned', refundedFen: 20_000 });
    expect(await requestOf(mine, placed)).toMatchObject({ state: 'expired', refundedFen: 20_000 });
    ca.advance(-31 * 86_400_000);
  });

  it('ok: given up at the till and paid all the same: the order that still waits is paid, another payment of it is given up', async () => {
    const mine = await customer(ca);
    const placed = await order(ca, mine, 1);
    const first = await started(mine, placed.id);
    await decide(first, 'refuse');
    const second = await started(mine, placed.id);
    expect(await decide(first, 'pay')).toMatchObject({ state: 'paid', refundedFen: 0 });
    expect((await ca.call('getOrder', { token: mine.token, params: { orderId: placed.id } })).state).toBe('paid');
    expect((await ca.call('listSandboxPayments')).items.find(({ id }) => id === second)).toMatchObject({ state: 'refused' });
    expect(await codesOf(ca, mine, placed.number)).toHaveLength(1);
  });

  it('ok: paid twice: the second goes back, the request goes on, and its own refund is of the first', async () => {
    const mine = await customer(ca);
    const placed = await order(ca, mine, 1);
    const first = await started(mine, placed.id);
    await decide(first, 'refuse');
    const second = await started(mine, placed.id);
    expect(await decide(second, 'pay')).toMatchObject({ state: 'paid' });
    expect(await decide(first, 'pay')).toMatchObject({ state: 'returned', refundedFen: 20_000 });
    expect(await requestOf(mine, placed)).toMatchObject({ state: 'code-sent', refundedFen: 20_000 });
    expect((await smsOf(mine)).filter((text) => text.includes('重复支付的 ¥200.00 将原路退回'))).toHaveLength(1);
    expect((await codesOf(ca, mine, placed.number)).filter((code) => code !== '')).toHaveLength(1);
    const cancelled = await ca.call('cancelRequest', { token: mine.token, idempotencyKey: newKey(), params: { requestId: placed.lines[0]?.id ?? '' } });
    expect(cancelled).toMatchObject({ state: 'cancelled', refundedFen: 40_000 });
    const payments = (await ca.call('listSandboxPayments')).items.filter(({ orderNumber }) => orderNumber === placed.number);
    expect(payments.map(({ state, refundedFen }) => `${state} ${refundedFen}`).sort()).toEqual(['paid 20000', 'returned 20000']);
  });

  it('ok: the cancellation and the money at once: paid, or cancelled and given back', async () => {
    const mine = await customer(ca);
    const placed = await order(ca, mine, 1);
    const paymentId = await started(mine, placed.id);
    const post = (path: string, body: object) => ca.raw(path, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${mine.token}` }, body: JSON.stringify(body) });
    const [, paid] = await Promise.all([ca.raw(`/v1/orders/${placed.id}/cancellation`, { method: 'POST', headers: { authorization: `Bearer ${mine.token}` } }), post(`/v1/sandbox/payments/${paymentId}/decision`, { decision: 'pay' })]);
    expect(paid.status).toBe(200);
    const request = await requestOf(mine, placed);
    expect(['code-sent 0', 'cancelled 20000']).toContain(`${request.state} ${request.refundedFen}`);
  });
});

describe('Idempotency-Key', () => {
  const create = (idempotencyKey: string | undefined, body: object = orderBody()) =>
    ({ token: who.token, body, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) });

  it('refuses: a call without one, or with one that is too short', async () => {
    for (const key of [undefined, 'short', 'with space in it']) expect((await ca.refusal('createOrder', create(key))).problem.code).toBe('IDEMPOTENCY_KEY_MISSING');
  });

  it('ok: the same key and request gets the same answer, and one order stands', async () => {
    const key = newKey();
    const first = await ca.call('createOrder', create(key));
    ca.advance(1000);
    expect(await ca.call('createOrder', create(key))).toEqual(first);
    expect(await ca.call('createOrder', create(`"${key}"`))).toEqual(first);
  });

  it('refuses: the same key with another body, or at another endpoint', async () => {
    const key = newKey();
    const placed = await ca.call('createOrder', create(key));
    const other = await ca.refusal('createOrder', create(key, orderBody({ quantity: 2 })));
    expect([other.status, other.problem.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect((await ca.refusal('startPayment', { token: who.token, idempotencyKey: key, params: { orderId: placed.id } })).problem.code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('ok: another account may use the same key', async () => {
    const key = newKey();
    const mine = await ca.call('createOrder', create(key));
    const other = await customer(ca);
    expect((await ca.call('createOrder', { ...create(key), token: other.token })).id).not.toBe(mine.id);
  });

  it('ok: ten at once make one order; the others get its answer or are told that it is in flight', async () => {
    const mine = await customer(ca);
    const key = newKey();
    const send = () => ca.raw('/v1/orders', { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${mine.token}`, 'idempotency-key': key }, body: JSON.stringify(orderBody()) });
    const answers = await Promise.all(Array.from({ length: 10 }, send));
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect((await ca.call('listOrders', { token: mine.token })).items).toHaveLength(1);
    expect((await send()).status).toBe(201);
  });

  it('ok: a refused request may be sent again under its key once its cause is gone', async () => {
    const { lineId } = await paidOrder(ca, who);
    const key = newKey();
    const resend = { token: who.token, idempotencyKey: key, params: { requestId: lineId } };
    const early = await ca.refusal('resendAuthorizationCode', resend);
    expect([early.problem.code, early.headers.get('retry-after')]).toEqual(['RATE_LIMITED', '60']);
    ca.advance(60_000);
    const sent = await ca.call('resendAuthorizationCode', resend);
    expect(sent.sentToPhone).toBe(`${who.phone.slice(0, 3)}****${who.phone.slice(-4)}`);
    expect(await ca.call('resendAuthorizationCode', resend)).toEqual(sent);
  });

  it('refuses: more than five codes a day for one order line', async () => {
    const mine = await customer(ca);
    const { lineId } = await paidOrder(ca, mine);
    for (let sent = 0; sent < 4; sent += 1) {
      ca.advance(60_000);
      await ca.call('resendAuthorizationCode', { token: mine.token, idempotencyKey: newKey(), params: { requestId: lineId } });
    }
    ca.advance(60_000);
    const tooMany = await ca.refusal('resendAuthorizationCode', { token: mine.token, idempotencyKey: newKey(), params: { requestId: lineId } });
    expect([tooMany.problem.code, Number(tooMany.headers.get('retry-after'))]).toEqual(['RATE_LIMITED', 86_400 - 5 * 60]);
  });

});

describe('pages', () => {
  it('ok: every order once, newest first, whatever is added in between', async () => {
    const mine = await customer(ca);
    const placed: string[] = [];
    for (let n = 0; n < 7; n += 1) {
      placed.unshift((await order(ca, mine)).id);
      if (n % 2 === 0) ca.advance(10);
    }
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof ca.call<'listOrders'>>> = await ca.call('listOrders', { token: mine.token, query: { limit: 2, ...(after === null ? {} : { after }) } });
      seen.push(...page.items.map(({ id }) => id));
      after = page.next;
      await order(ca, mine);
    } while (after !== null);
    expect([...seen].sort()).toEqual([...placed].sort());
    expect(new Set(seen).size).toBe(placed.length);
  });

  it('ok: orders of one state only', async () => {
    const mine = await customer(ca);
    await order(ca, mine);
    const { order: paid } = await paidOrder(ca, mine);
    expect((await ca.call('listOrders', { token: mine.token, query: { state: 'paid' } })).items.map(({ id }) => id)).toEqual([paid.id]);
  });

  it('refuses: a cursor that was changed, made up, or taken from another list or account', async () => {
    const mine = await customer(ca);
    for (let n = 0; n < 3; n += 1) await order(ca, mine);
    const { next } = await ca.call('listOrders', { token: mine.token, query: { limit: 1 } });
    const cursor = next ?? '';
    const decoded = Buffer.from(cursor, 'base64url').toString('latin1');
    const shifted = Buffer.from(decoded.replace(/^\d/, (digit) => String((Number(digit) + 1) % 10)), 'latin1').toString('base64url');
    const tries = [`${cursor}A`, shifted, 'bm9uc2Vuc2U', '%00', cursor.slice(2)];
    for (const after of tries) expect((await ca.refusal('listOrders', { token: mine.token, query: { limit: 1, after } })).problem.code).toBe('CURSOR_INVALID');
    expect((await ca.refusal('listPendingWritings', { token: mine.token, query: { after: cursor } })).problem.code).toBe('CURSOR_INVALID');
    expect((await ca.refusal('listOrders', { token: who.token, query: { after: cursor } })).problem.code).toBe('CURSOR_INVALID');
    expect((await ca.refusal('listOrders', { token: mine.token, query: { after: cursor, state: 'paid' } })).problem.code).toBe('CURSOR_INVALID');
  });

  it('refuses: a page of none, of too many, of text', async () => {
    for (const limit of [0, 101, 'many']) expect((await ca.refusal('listOrders', { token: who.token, query: { limit } })).problem.code).toBe('INPUT_INVALID');
  });
});

it('ok: paying through the page’s own call sends mail to a log-in name that is an address', async () => {
  const loginName = `m${newKey()}@example.cn`;
  await ca.call('registerAccount', { body: { loginName, password: 'three-blue-lanterns', kind: 'person', displayName: '李四', phone: '13912340000' } });
  const { accessToken } = await ca.call('createSession', { body: { loginName, password: 'three-blue-lanterns' } });
  const buyer: Customer = { accountId: '', loginName, phone: '13912340000', token: accessToken, refreshToken: '' };
  await pay(ca, buyer, (await order(ca, buyer, 1)).id);
  const { items } = await ca.call('listSandboxMessages', { query: { to: loginName } });
  expect(items[0]).toMatchObject({ channel: 'mail' });
  expect(items[0]?.text).not.toMatch(/\d{6}，/);
});
