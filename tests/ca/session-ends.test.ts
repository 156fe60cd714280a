/** Sessions that end before their time over real HTTP: the certificate that opened them is unbound, suspended or revoked, or the password is changed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '#shared/contract/rest/accounts.ts';
import { DEMO_SM2_PROJECT_ID } from '../../src-ca/demo/demo-catalogue.ts';
import { rulesOf } from '../../src-ca/orders/order-port.ts';
import { customer, PASSWORD, SM2_WANTED, type Customer } from './support/journeys.ts';
import { answerTo, auditOf, heldKey, heldSm2Key, serialOf, staffMember, type HeldKey, type StaffMember } from './support/key-holders.ts';
import { acceptNotice, readyRequest, writeRequest } from './support/request-journeys.ts';
import { pairOf, subscriber } from './support/subscriber.ts';
import { testCa, type TestCa } from './support/test-ca.ts';

let ca: TestCa;
let foreign: TestCa;
let staff: StaffMember;
beforeAll(async () => {
  [ca, foreign] = await Promise.all([testCa(), testCa()]);
  staff = await staffMember(ca);
});
afterAll(() => Promise.all([ca.stop(), foreign.stop()]));

type Signing = { sign(message: Uint8Array): Uint8Array };
const keyLogin = async (certificateDer: string, key: Signing, accountId?: string): Promise<Session> =>
  ca.call('createCertificateSession', { body: { ...answerTo(await ca.call('createLoginChallenge', { body: { certificateDer } }), key), ...(accountId === undefined ? {} : { accountId }) } });
const logIn = (who: Customer, password = PASSWORD) => ca.call('createSession', { body: { loginName: who.loginName, password } });
const bindTo = async (who: Pick<Customer, 'token'>, certificateDer: string, key: Signing, projectId?: string) =>
  ca.call('createBinding', { token: who.token, body: answerTo(await ca.call('createBindingChallenge', { token: who.token, body: { certificateDer, ...(projectId === undefined ? {} : { projectId }) } }), key) });
const bySerial = (held: HeldKey<unknown>, body: object = {}) => ({ token: staff.token, params: { serialHex: held.signSerialHex }, body });

/** What both tokens of a session are good for. */
async function ends({ accessToken, refreshToken }: Session): Promise<string> {
  const access = await ca.raw('/v1/accounts/me', { headers: { authorization: `Bearer ${accessToken}` } });
  if (access.ok) return 'goes on';
  const refused = [((await access.json()) as { code: string }).code, (await ca.refusal('refreshSession', { body: { refreshToken } })).problem.code];
  return refused.join(' ');
}
const ENDED = 'UNAUTHENTICATED SESSION_EXPIRED';

async function allowSeveralAccounts(allowed: boolean): Promise<void> {
  await ca.ports.transactions.write(async ({ catalogue }) => {
    const project = await catalogue.project(DEMO_SM2_PROJECT_ID);
    if (project !== null) await catalogue.setRules(DEMO_SM2_PROJECT_ID, JSON.stringify({ ...rulesOf(project), bindingRule: { certificateToSeveralAccounts: allowed, accountToSeveralCertificates: true } }));
  });
}

describe('the certificate that opened a session', () => {
  it.each([
    ['suspended', (held: HeldKey<unknown>) => ca.call('suspendCertificate', bySerial(held))],
    ['revoked', (held: HeldKey<unknown>) => ca.call('revokeCertificate', bySerial(held, { reason: 'keyCompromise' }))],
    ['revoked as superseded, by staff', (held: HeldKey<unknown>) => ca.call('revokeCertificate', bySerial(held, { reason: 'superseded' }))],
    ['revoked under its encryption certificate', (held: HeldKey<unknown>) => ca.call('revokeCertificate', { ...bySerial(held, { reason: 'keyCompromise' }), params: { serialHex: held.encryptSerialHex } })],
  ])('refuses: %s: both tokens at once, on all tools; the password’s session goes on', async (_, change) => {
    const held = await heldSm2Key(ca);
    const sessions = [await keyLogin(held.certificateDer, held.key), await keyLogin(held.certificateDer, held.key)];
    await change(held);
    expect([await Promise.all(sessions.map(ends)), await ends(await logIn(held.who))]).toEqual([[ENDED, ENDED], 'goes on']);
    expect((await ca.call('getMyAccount', { token: held.who.token })).id).toBe(held.who.accountId);
    expect((await auditOf(ca, staff, 'session.ended-with-certificate')).filter((entry) => entry.startsWith(held.who.accountId))).toHaveLength(2);
  });

  it('refuses: what was ended by a suspension stays ended after the release; a new login opens', async () => {
    const held = await heldKey(ca);
    const before = await keyLogin(held.certificateDer, held.key);
    await ca.call('suspendCertificate', bySerial(held));
    await ca.call('releaseCertificate', bySerial(held));
    expect([await ends(before), await ends(await keyLogin(held.certificateDer, held.key))]).toEqual([ENDED, 'goes on']);
  });

  it('refuses: the holder’s own revocation by the key ends the session in which it was done, after its answer', async () => {
    const held = await heldSm2Key(ca);
    const session = await keyLogin(held.certificateDer, held.key);
    const request = await ca.call('createRequest', { token: session.accessToken, idempotencyKey: `key-${held.tokenSerial}`, body: { kind: 'revocation', certificateSerialHex: held.signSerialHex, revocationReason: 'cessationOfOperation' } });
    const call = { token: session.accessToken, params: { requestId: request.id } };
    const challenge = await ca.call('createRequestChallenge', call);
    expect((await ca.call('confirmRequestByKey', { ...call, body: answerTo(challenge, held.key) })).state).toBe('completed');
    expect(await ends(session)).toBe(ENDED);
  });

  it('ok: a renewal lets its session go on; refuses: that same session when the renewed certificate is revoked', async () => {
    const held = await heldKey(ca);
    const session = await keyLogin(held.certificateDer, held.key);
    const who = { ...held.who, token: session.accessToken };
    const request = await readyRequest(ca, who, staff, { kind: 'renewal', certificateSerialHex: held.signSerialHex, itemId: 'demo-renewal-organisation-1-year' });
    await acceptNotice(ca, who, request, held);
    const issuance = await writeRequest(ca, who, request, held.tokenSerial, subscriber());
    expect(await ends(session)).toBe('goes on');
    await ca.call('revokeCertificate', { token: staff.token, params: { serialHex: serialOf(pairOf(issuance).signCertificateDer) }, body: { reason: 'keyCompromise' } });
    expect(await ends(session)).toBe(ENDED);
  });

  it('ok: another key of the same account is not meant', async () => {
    const held = await heldSm2Key(ca);
    const other = await heldSm2Key(ca, held.who);
    const session = await keyLogin(other.certificateDer, other.key);
    await ca.call('revokeCertificate', bySerial(held, { reason: 'keyCompromise' }));
    expect(await ends(session)).toBe('goes on');
  });

  it('refuses: unbound by the account: its sessions, also the one that unbinds; of another account that the certificate opens they go on', async () => {
    const held = await heldSm2Key(ca);
    const other = await customer(ca);
    await allowSeveralAccounts(true);
    const { id: bindingId } = await bindTo(other, held.certificateDer, held.key);
    const [own, mine, unbinding] = [await keyLogin(held.certificateDer, held.key, held.who.accountId), await keyLogin(held.certificateDer, held.key, other.accountId), await keyLogin(held.certificateDer, held.key, other.accountId)];
    await ca.call('removeBinding', { token: unbinding.accessToken, params: { bindingId } });
    expect([await ends(mine), await ends(unbinding), await ends(own)]).toEqual([ENDED, ENDED, 'goes on']);
    expect((await ca.call('getMyAccount', { token: other.token })).id).toBe(other.accountId);
    const [binding] = (await ca.call('listBindings', { token: held.who.token })).items;
    await ca.call('removeBinding', { token: held.who.token, params: { bindingId: binding?.id ?? '' } });
    expect(await ends(own)).toBe(ENDED);
    await allowSeveralAccounts(false);
  });

  it('refuses: of a foreign CA: when its list names it, and when it is unbound', async () => {
    const [listed, unbound] = [await heldSm2Key(foreign), await heldSm2Key(foreign)];
    const who = await customer(ca);
    const params = { trustedCaId: 'foreign-ca' };
    await ca.call('putTrustedCa', { token: staff.token, params, body: { name: 'Foreign CA', withoutCrl: 'accept', chainDer: pairOf(listed.issuance).chainDer } });
    await ca.ports.transactions.write(async ({ catalogue }) => {
      const project = await catalogue.project(DEMO_SM2_PROJECT_ID);
      if (project !== null) await catalogue.setRules(DEMO_SM2_PROJECT_ID, JSON.stringify({ ...rulesOf(project), trustedCaIds: ['foreign-ca'] }));
    });
    await bindTo(who, listed.certificateDer, listed.key, SM2_WANTED.projectId);
    const { id: bindingId } = await bindTo(who, unbound.certificateDer, unbound.key, SM2_WANTED.projectId);
    const sessions = [await keyLogin(listed.certificateDer, listed.key), await keyLogin(unbound.certificateDer, unbound.key)] as const;
    const foreignStaff = await staffMember(foreign);
    await foreign.call('revokeCertificate', { token: foreignStaff.token, params: { serialHex: listed.signSerialHex }, body: { reason: 'keyCompromise' } });
    const crl = Buffer.from(await (await foreign.raw('/crl/demo-sm2.crl')).arrayBuffer()).toString('base64');
    await ca.call('putTrustedCaCrl', { token: staff.token, params, body: { crl } });
    expect([await ends(sessions[0]), await ends(sessions[1])]).toEqual([ENDED, 'goes on']);
    await ca.call('removeBinding', { token: who.token, params: { bindingId } });
    expect(await ends(sessions[1])).toBe(ENDED);
  });
});

describe('the password', () => {
  const NEW_PASSWORD = 'four-green-lanterns';
  const change = (token: string, currentPassword: string, newPassword = NEW_PASSWORD) => ({ token, body: { currentPassword, newPassword } });

  it('ok: changed: this session goes on, every other one ends, by password or by key; the old password opens nothing', async () => {
    const held = await heldSm2Key(ca);
    const [mine, elsewhere, byKey] = [await logIn(held.who), await logIn(held.who), await keyLogin(held.certificateDer, held.key)];
    await ca.call('changePassword', change(mine.accessToken, PASSWORD));
    expect([await ends(mine), await ends(elsewhere), await ends(byKey)]).toEqual(['goes on', ENDED, ENDED]);
    expect((await ca.refusal('createSession', { body: { loginName: held.who.loginName, password: PASSWORD } })).problem.code).toBe('LOGIN_FAILED');
    expect(await ends(await logIn(held.who, NEW_PASSWORD))).toBe('goes on');
    expect((await auditOf(ca, staff, 'account.password-changed')).filter((entry) => entry.startsWith(held.who.accountId))).toEqual([expect.stringContaining('"sessionsEnded":3') as string]);
    const other = await customer(ca);
    expect((await ca.call('getMyAccount', { token: other.token })).id).toBe(other.accountId);
  });

  it('refuses: a wrong current password, which counts as a failed log-in; a weak new one; nobody signed in', async () => {
    const who = await customer(ca);
    const elsewhere = await logIn(who);
    const refused = async (...wrong: Parameters<typeof change>) => (await ca.refusal('changePassword', change(...wrong))).problem.code;
    expect(await refused(who.token, PASSWORD, 'password')).toBe('ACCOUNT_PASSWORD_WEAK');
    for (let n = 0; n < 5; n += 1) expect(await refused(who.token, 'three-red-lanterns')).toBe('ACCOUNT_PASSWORD_WRONG');
    expect(await refused(who.token, PASSWORD)).toBe('LOGIN_LOCKED');
    expect([await refused('bka_00000000000000000000000000', PASSWORD), await ends(elsewhere)]).toEqual(['UNAUTHENTICATED', 'goes on']);
  });

  it('refuses: the second of two changes at once', async () => {
    const who = await customer(ca);
    const put = (newPassword: string) => ca.raw('/v1/accounts/me/password', { method: 'PUT', headers: { 'content-type': 'application/json', authorization: `Bearer ${who.token}` }, body: JSON.stringify({ currentPassword: PASSWORD, newPassword }) });
    const answers = await Promise.all([put('four-green-lanterns'), put('five-white-lanterns')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 422]);
  });
});
