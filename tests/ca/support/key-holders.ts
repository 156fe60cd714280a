/** Holders of working keys, members of staff, and requests on their way through review: what the tests of the time after issuance begin with. */
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import type { Request, RequestDraft } from '#shared/contract/rest/requests.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { registerAccount } from '../../../src-ca/accounts/register-account.ts';
import { customer, issue, newSerial, paidOrder, pay, PASSWORD, RSA_WANTED, SM2_WANTED, type Customer, type Wanted } from './journeys.ts';
import { sm2Subscriber, type Sm2Subscriber } from './sm2-subscriber.ts';
import { pairOf, subscriber, type Subscriber } from './subscriber.ts';
import { newKey, type TestCa } from './test-ca.ts';

export interface HeldKey<Key = Subscriber> {
  readonly who: Customer;
  readonly key: Key;
  readonly tokenSerial: string;
  readonly issuance: Issuance;
  /** Signing certificate. */
  readonly certificateDer: string;
  readonly signSerialHex: string;
  readonly encryptSerialHex: string;
}

export async function heldKey(ca: TestCa, who?: Customer, tokenSerial = newSerial()): Promise<HeldKey> {
  return await held(ca, who ?? (await customer(ca)), subscriber(), RSA_WANTED, tokenSerial);
}

export async function heldSm2Key(ca: TestCa, who?: Customer, tokenSerial = newSerial()): Promise<HeldKey<Sm2Subscriber>> {
  return await held(ca, who ?? (await customer(ca)), sm2Subscriber(), SM2_WANTED, tokenSerial);
}

async function held<Key extends Subscriber | Sm2Subscriber>(ca: TestCa, who: Customer, key: Key, wanted: Wanted, tokenSerial: string): Promise<HeldKey<Key>> {
  const issuance = await issue(ca, who, await paidOrder(ca, who, 1, wanted), tokenSerial, key);
  const pair = pairOf(issuance);
  return { who, key, tokenSerial, issuance, certificateDer: pair.signCertificateDer, signSerialHex: serialOf(pair.signCertificateDer), encryptSerialHex: serialOf(pair.encryptionCertificateDer) };
}

export const serialOf = (certificateDer: string) => parseCertificate(new Uint8Array(Buffer.from(certificateDer, 'base64'))).serialHex;

/** What a key says to a challenge. */
export function answerTo(challenge: { readonly challengeId: string; readonly message: string }, key: { sign(message: Uint8Array): Uint8Array }): { challengeId: string; signature: string } {
  return { challengeId: challenge.challengeId, signature: Buffer.from(key.sign(Buffer.from(challenge.message, 'base64'))).toString('base64') };
}

export interface StaffMember {
  readonly accountId: string;
  readonly token: string;
}

export async function staffMember(ca: TestCa): Promise<StaffMember> {
  const loginName = `s${newKey()}`;
  const account = await registerAccount(ca.ports, { loginName, password: PASSWORD, kind: 'person', displayName: '审核员', phone: '13900000000' }, 'staff');
  const session = await ca.call('createSession', { body: { loginName, password: PASSWORD } });
  return { accountId: account.id, token: session.accessToken };
}

export function draftRequest(ca: TestCa, who: Pick<Customer, 'token'>, body: RequestDraft): Promise<Request> {
  return ca.call('createRequest', { token: who.token, idempotencyKey: newKey(), body });
}

/** Drafted, submitted, claimed, approved, paid where it has a price. */
export async function approvedRequest(ca: TestCa, who: Customer, staff: StaffMember, body: RequestDraft): Promise<Request> {
  const { id: requestId } = await draftRequest(ca, who, body);
  const params = { requestId };
  await ca.call('submitRequest', { token: who.token, params });
  await ca.call('claimRequest', { token: staff.token, params });
  const approved = await ca.call('approveRequest', { token: staff.token, params });
  if (approved.state === 'awaiting-payment' && approved.orderId !== null) await pay(ca, who, approved.orderId);
  return await ca.call('getRequest', { token: who.token, params });
}

/** The newest authorization code that was sent for a request. */
export async function codeOf(ca: TestCa, who: Customer, requestNumber: string): Promise<string> {
  const { items } = await ca.call('listSandboxMessages', { query: { to: who.phone, limit: 100 } });
  return items.filter(({ text }) => text.includes(requestNumber)).map(({ text }) => /操作授权码：(\d{6})/.exec(text)?.[1]).find((code) => code !== undefined) ?? '';
}

/** Names of what was audited, newest last, as one text per entry. */
export async function auditOf(ca: TestCa, staff: StaffMember, event: string): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | null = null; ; ) {
    const page: { items: { event: string; target: string | null; details: Record<string, unknown> }[]; next: string | null } = await ca.call('listAudit', { token: staff.token, query: { limit: 100, ...(after === null ? {} : { after }) } });
    found.push(...page.items.filter((entry) => entry.event === event).map(({ target, details }) => `${target ?? ''} ${JSON.stringify(details)}`));
    after = page.next;
    if (after === null) return found;
  }
}
