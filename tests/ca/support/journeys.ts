/** Ways through the service that many tests take: an account, a paid order, its code. Every journey uses an account of its own, so that tests do not meet. */
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import type { Order } from '#shared/contract/rest/orders.ts';
import { unifiedSocialCreditCheckDigit } from '#shared/subject/unified-social-credit-code.ts';
import { DEMO_ITEM_ID, DEMO_PROJECT_ID, DEMO_SM2_ITEM_ID, DEMO_SM2_PROJECT_ID } from '../../../src-ca/demo/demo-catalogue.ts';
import type { SubscriberKey } from './subscriber.ts';
import { newKey, type TestCa } from './test-ca.ts';

export const PASSWORD = 'three-blue-lanterns';
const codeBody = '91330000MA27XL0K9';
export const USCC = `${codeBody}${unifiedSocialCreditCheckDigit(codeBody)}`;
export const COMPANY = { commonName: '测试建设有限公司', organisationName: '测试建设有限公司', unifiedSocialCreditCode: USCC, identityNumber: null, handlerName: '张三', province: '浙江省', locality: '杭州市' };

export interface Customer {
  readonly accountId: string;
  readonly loginName: string;
  readonly phone: string;
  readonly token: string;
  readonly refreshToken: string;
}

export async function customer(ca: TestCa): Promise<Customer> {
  const loginName = `c${newKey()}`;
  const phone = `139${String(Math.floor(Math.random() * 1e8)).padStart(8, '0')}`;
  const account = await ca.call('registerAccount', { body: { loginName, password: PASSWORD, kind: 'organisation', displayName: '张三', organisationName: COMPANY.commonName, unifiedSocialCreditCode: USCC, phone } });
  const session = await ca.call('createSession', { body: { loginName, password: PASSWORD } });
  return { accountId: account.id, loginName, phone, token: session.accessToken, refreshToken: session.refreshToken };
}

/** What is ordered: a row of the price list of a project. */
export interface Wanted {
  readonly projectId: string;
  readonly itemId: string;
}
export const RSA_WANTED: Wanted = { projectId: DEMO_PROJECT_ID, itemId: DEMO_ITEM_ID };
export const SM2_WANTED: Wanted = { projectId: DEMO_SM2_PROJECT_ID, itemId: DEMO_SM2_ITEM_ID };

export function order(ca: TestCa, who: Customer, quantity = 2, { projectId, itemId } = RSA_WANTED): Promise<Order> {
  return ca.call('createOrder', { token: who.token, idempotencyKey: newKey(), body: { projectId, lines: [{ itemId, quantity, subject: COMPANY }] } });
}

export async function pay(ca: TestCa, who: Customer, orderId: string): Promise<void> {
  const { paymentId } = await ca.call('startPayment', { token: who.token, idempotencyKey: newKey(), params: { orderId } });
  await ca.call('decideSandboxPayment', { params: { paymentId }, body: { decision: 'pay' } });
}

/** Codes sent to this customer for one order, newest first. */
export async function codesOf(ca: TestCa, who: Customer, orderNumber: string): Promise<string[]> {
  const { items } = await ca.call('listSandboxMessages', { query: { to: who.phone, limit: 100 } });
  return items.filter(({ text }) => text.includes(orderNumber)).map(({ text }) => /操作授权码：(\d{6})/.exec(text)?.[1] ?? '');
}

export interface PaidOrder {
  readonly order: Order;
  readonly lineId: string;
  readonly code: string;
}

export async function paidOrder(ca: TestCa, who: Customer, quantity = 2, wanted = RSA_WANTED): Promise<PaidOrder> {
  const { id } = await order(ca, who, quantity, wanted);
  await pay(ca, who, id);
  const paid = await ca.call('getOrder', { token: who.token, params: { orderId: id } });
  const [code = ''] = await codesOf(ca, who, paid.number);
  return { order: paid, lineId: paid.lines[0]?.id ?? '', code };
}

/** A code that is not this one. */
export function otherThan(code: string): string {
  return String((Number(code) + 1) % 1_000_000).padStart(6, '0');
}

export function startBody(paid: PaidOrder, tokenSerial: string, code = paid.code) {
  return { requestId: paid.lineId, authorizationCode: code, tokenSerial, tokenModelId: 'softhsm2' };
}

export function start(ca: TestCa, who: Customer, paid: PaidOrder, tokenSerial: string): Promise<Issuance> {
  return ca.call('startIssuance', { token: who.token, idempotencyKey: newKey(), body: startBody(paid, tokenSerial) });
}

export async function certify(ca: TestCa, who: Customer, issuance: Issuance, key: SubscriberKey): Promise<Issuance> {
  return await ca.call('submitCsr', { token: who.token, params: { issuanceId: issuance.id }, body: { csrDer: await key.csr(issuance) } });
}

/** Start, request, proof: the whole issuance. */
export async function issue(ca: TestCa, who: Customer, paid: PaidOrder, tokenSerial: string, key: SubscriberKey): Promise<Issuance> {
  const certified = await certify(ca, who, await start(ca, who, paid, tokenSerial), key);
  return await ca.call('completeIssuance', { token: who.token, params: { issuanceId: certified.id }, body: await key.proof(certified) });
}

/** Serial numbers of tokens that no other test uses. */
export const newSerial = () => `T${newKey().slice(0, 12).toUpperCase()}`;
