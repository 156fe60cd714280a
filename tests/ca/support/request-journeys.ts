/** Ways through the review and the kinds of request that many tests take: a key with an active pair, a request approved, paid and ready to be written. */
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import type { Request, RequestDraft } from '#shared/contract/rest/requests.ts';
import { DEMO_SECOND_STAFF_LOGIN_NAME, DEMO_STAFF_LOGIN_NAME } from '../../../src-ca/demo/demo-names.ts';
import { certify, issue, newSerial, paidOrder, RSA_WANTED, type Customer, type Wanted } from './journeys.ts';
import { subscriber, type Subscriber, type SubscriberKey } from './subscriber.ts';
import { newKey, type TestCa } from './test-ca.ts';

export interface Staff {
  readonly accountId: string;
  readonly token: string;
}

/** The two demo staff accounts. */
export async function twoStaff(ca: TestCa): Promise<[Staff, Staff]> {
  const { sandbox } = await ca.call('getServiceInfo');
  const logIn = async (loginName: string) => {
    const { accessToken, account } = await ca.call('createSession', { body: { loginName, password: sandbox?.demoLogin?.password } });
    return { accountId: account.id, token: accessToken };
  };
  return [await logIn(DEMO_STAFF_LOGIN_NAME), await logIn(DEMO_SECOND_STAFF_LOGIN_NAME)];
}

/** A key with an active pair, as after a new issue. */
export interface WrittenKey {
  readonly tokenSerial: string;
  readonly key: SubscriberKey & Pick<Subscriber, 'sign'>;
  readonly signSerialHex: string;
  readonly issuance: Issuance;
}

export async function writtenKey<K extends SubscriberKey & { sign(message: Uint8Array): Uint8Array }>(ca: TestCa, who: Customer, key: K, wanted: Wanted): Promise<WrittenKey & { readonly key: K }>;
export async function writtenKey(ca: TestCa, who: Customer): Promise<WrittenKey & { readonly key: Subscriber }>;
export async function writtenKey(ca: TestCa, who: Customer, key: SubscriberKey & { sign(message: Uint8Array): Uint8Array } = subscriber(), wanted = RSA_WANTED): Promise<WrittenKey> {
  const tokenSerial = newSerial();
  const issuance = await issue(ca, who, await paidOrder(ca, who, 1, wanted), tokenSerial, key);
  return { tokenSerial, key: key as WrittenKey['key'], signSerialHex: await activeSerial(ca, who, tokenSerial), issuance };
}

export async function activeSerial(ca: TestCa, who: Customer, tokenSerial: string): Promise<string> {
  const { items } = await ca.call('searchCertificates', { token: who.token, query: { tokenSerial, state: 'active' } });
  return items.find(({ purpose }) => purpose === 'sign')?.serialHex ?? '';
}

export const draft = (ca: TestCa, who: Customer, body: RequestDraft): Promise<Request> => ca.call('createRequest', { token: who.token, idempotencyKey: newKey(), body });
export const on = (request: Pick<Request, 'id'>) => ({ params: { requestId: request.id } });
export const submit = (ca: TestCa, who: Customer, request: Request): Promise<Request> => ca.call('submitRequest', { token: who.token, ...on(request) });
export const now = (ca: TestCa, who: Customer, request: Pick<Request, 'id'>): Promise<Request> => ca.call('getRequest', { token: who.token, ...on(request) });

/** Claimed and approved by one staff member. */
export async function approve(ca: TestCa, staff: Staff, request: Request): Promise<Request> {
  await ca.call('claimRequest', { token: staff.token, ...on(request) });
  return await ca.call('approveRequest', { token: staff.token, ...on(request) });
}

export async function payRequest(ca: TestCa, who: Customer, request: Request): Promise<Request> {
  if (request.orderId !== null && request.state === 'awaiting-payment') {
    const { paymentId } = await ca.call('startPayment', { token: who.token, idempotencyKey: newKey(), params: { orderId: request.orderId } });
    await ca.call('decideSandboxPayment', { params: { paymentId }, body: { decision: 'pay' } });
  }
  return await now(ca, who, request);
}

/** The newest code sent for this request. */
export async function codeOf(ca: TestCa, who: Customer, request: Pick<Request, 'number'>): Promise<string> {
  const { items } = await ca.call('listSandboxMessages', { query: { to: who.phone, limit: 100 } });
  return items.filter(({ text }) => text.includes(request.number)).map(({ text }) => /操作授权码：(\d{6})/.exec(text)?.[1]).find((code) => code !== undefined) ?? '';
}

export async function acceptNotice(ca: TestCa, who: Customer, request: Pick<Request, 'id'>, { key, signSerialHex }: Pick<WrittenKey, 'signSerialHex'> & { key: { sign(message: Uint8Array): Uint8Array } }): Promise<Request> {
  const signature = Buffer.from(key.sign(Buffer.from(`BidKey risk notice v1\0${request.id}\x002026-01`, 'utf8'))).toString('base64');
  return await ca.call('acceptRiskNotice', { token: who.token, ...on(request), body: { noticeVersion: '2026-01', certificateSerialHex: signSerialHex, signature } });
}

/** Submitted, approved, paid: ready to be written. */
export async function readyRequest(ca: TestCa, who: Customer, staff: Staff, body: RequestDraft): Promise<Request> {
  return await payRequest(ca, who, await approve(ca, staff, await submit(ca, who, await draft(ca, who, body))));
}

export async function startRequest(ca: TestCa, who: Customer, request: Pick<Request, 'id' | 'number'>, tokenSerial: string): Promise<Issuance> {
  return await ca.call('startIssuance', { token: who.token, idempotencyKey: newKey(), body: { requestId: request.id, authorizationCode: await codeOf(ca, who, request), tokenSerial, tokenModelId: 'softhsm2' } });
}

/** Start, request, proof. */
export async function writeRequest(ca: TestCa, who: Customer, request: Pick<Request, 'id' | 'number'>, tokenSerial: string, key: SubscriberKey): Promise<Issuance> {
  const certified = await certify(ca, who, await startRequest(ca, who, request, tokenSerial), key);
  return await ca.call('completeIssuance', { token: who.token, params: { issuanceId: certified.id }, body: await key.proof(certified) });
}

export async function certificateStates(ca: TestCa, who: Customer, tokenSerial: string): Promise<string[]> {
  const { items } = await ca.call('searchCertificates', { token: who.token, query: { tokenSerial, limit: 100 } });
  return items.map(({ purpose, state, revocationReason }) => `${purpose} ${state}${revocationReason === null ? '' : ` ${revocationReason}`}`).sort();
}
