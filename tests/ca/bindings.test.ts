/** Binding and login by certificate over real HTTP: challenges that count once, certificates that are not good any more, several accounts, foreign CAs with their lists. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '#shared/contract/rest/accounts.ts';
import { challengeMessage, checkChallengeMessage } from '#shared/crypto/signed-challenge.ts';
import { createHash } from 'node:crypto';
import { DEMO_PROJECT_ID, DEMO_SM2_PROJECT_ID } from '../../src-ca/demo/demo-catalogue.ts';
import { rulesOf, type ProjectRules } from '../../src-ca/orders/order-port.ts';
import { certify, customer, newSerial, paidOrder, PASSWORD, SM2_WANTED, start, type Customer } from './support/journeys.ts';
import { answerTo, auditOf, heldKey, heldSm2Key, staffMember, type HeldKey, type StaffMember } from './support/key-holders.ts';
import { sm2Subscriber } from './support/sm2-subscriber.ts';
import { pairOf } from './support/subscriber.ts';
import { testCa, type TestCa } from './support/test-ca.ts';

/** The service, and another one that is a foreign CA to it – with the very same names in its certificates. */
let ca: TestCa;
let foreign: TestCa;
let staff: StaffMember;
beforeAll(async () => {
  [ca, foreign] = await Promise.all([testCa(), testCa({ ratePolicies: { 'certificate-log-in': { quota: 4, windowMs: 60_000 } } })]);
  staff = await staffMember(ca);
});
afterAll(() => Promise.all([ca.stop(), foreign.stop()]));

type Signing = { sign(message: Uint8Array): Uint8Array };
const loginChallenge = (certificateDer: string) => ca.call('createLoginChallenge', { body: { certificateDer } });
const loginRefusal = async (certificateDer: string) => (await ca.refusal('createLoginChallenge', { body: { certificateDer } })).problem.code;
const logIn = async (certificateDer: string, key: Signing, accountId?: string): Promise<Session> =>
  ca.call('createCertificateSession', { body: { ...answerTo(await loginChallenge(certificateDer), key), ...(accountId === undefined ? {} : { accountId }) } });
const answerRefusal = async (body: object) => (await ca.refusal('createCertificateSession', { body })).problem.code;
const again = async (who: Customer): Promise<Customer> => ({ ...who, token: (await ca.call('createSession', { body: { loginName: who.loginName, password: PASSWORD } })).accessToken });
const bind = async (who: Pick<Customer, 'token'>, certificateDer: string, key: Signing, projectId?: string) =>
  ca.call('createBinding', { token: who.token, body: answerTo(await ca.call('createBindingChallenge', { token: who.token, body: { certificateDer, ...(projectId === undefined ? {} : { projectId }) } }), key) });

async function setRules(projectId: string, change: Partial<ProjectRules>): Promise<void> {
  await ca.ports.transactions.write(async ({ catalogue }) => {
    const project = await catalogue.project(projectId);
    if (project !== null) await catalogue.setRules(projectId, JSON.stringify({ ...rulesOf(project), ...change }));
  });
}

describe('login by certificate', () => {
  it.each([['RSA', heldKey], ['SM2', heldSm2Key]] as const)('ok: %s: a certificate logs in to the account that it was issued to', async (_, hold) => {
    const held = await hold(ca);
    const challenge = await loginChallenge(held.certificateDer);
    expect(challenge.accounts).toEqual([{ accountId: held.who.accountId, loginName: expect.stringMatching(/^c\*\*\*[0-9a-f]{2}$/) as string, displayName: '张***' }]);
    const parts = { purpose: 'login' as const, origin: ca.url, challengeId: challenge.challengeId, certificateSha256: createHash('sha256').update(Buffer.from(held.certificateDer, 'base64')).digest() };
    expect(checkChallengeMessage(new Uint8Array(Buffer.from(challenge.message, 'base64')), parts)).toEqual({ fits: true });
    const session = await ca.call('createCertificateSession', { body: answerTo(challenge, held.key) });
    expect((await ca.call('getMyAccount', { token: session.accessToken })).id).toBe(held.who.accountId);
    const { items } = await ca.call('listBindings', { token: session.accessToken });
    expect(items).toMatchObject([{ source: 'issued', serialHex: held.signSerialHex, trustedCaId: null, lastLoginAtUtc: ca.now().toISOString() }]);
    expect((await auditOf(ca, staff, 'account.certificate-login')).some((entry) => entry.startsWith(held.who.accountId))).toBe(true);
  });

  it('refuses: a replay, also ten at once; a wrong key, which uses the challenge up', async () => {
    const held = await heldSm2Key(ca);
    const body = JSON.stringify(answerTo(await loginChallenge(held.certificateDer), held.key));
    const answers = await Promise.all(Array.from({ length: 10 }, () => ca.raw('/v1/certificate-sessions', { method: 'POST', headers: { 'content-type': 'application/json' }, body })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(9).fill(409)]);
    expect(await answerRefusal(JSON.parse(body) as object)).toBe('CHALLENGE_USED');
    const challenge = await loginChallenge(held.certificateDer);
    expect(await answerRefusal(answerTo(challenge, sm2Subscriber()))).toBe('CHALLENGE_SIGNATURE');
    expect(await answerRefusal(answerTo(challenge, held.key))).toBe('CHALLENGE_USED');
    expect((await auditOf(ca, staff, 'account.certificate-login-refused')).some((entry) => entry.includes('CHALLENGE_SIGNATURE'))).toBe(true);
  });

  it('refuses: a signature of the bare random bytes, of the message for another service, of another challenge; a challenge of another purpose', async () => {
    const held = await heldSm2Key(ca);
    const message = async () => {
      const challenge = await loginChallenge(held.certificateDer);
      return { challenge, bytes: new Uint8Array(Buffer.from(challenge.message, 'base64')) };
    };
    const sent = async (make: (parts: Awaited<ReturnType<typeof message>>) => Uint8Array) => {
      const parts = await message();
      return await answerRefusal({ challengeId: parts.challenge.challengeId, signature: Buffer.from(held.key.sign(make(parts))).toString('base64') });
    };
    expect(await sent(({ bytes }) => bytes.subarray(-32))).toBe('CHALLENGE_SIGNATURE');
    const certificateSha256 = createHash('sha256').update(Buffer.from(held.certificateDer, 'base64')).digest();
    expect(await sent(({ bytes, challenge }) => challengeMessage({ purpose: 'login', origin: 'https://elsewhere.example', challengeId: challenge.challengeId, certificateSha256 }, bytes.subarray(-32)))).toBe('CHALLENGE_SIGNATURE');
    const first = await message();
    expect(await sent(() => first.bytes)).toBe('CHALLENGE_SIGNATURE');
    const other = await customer(ca);
    const binding = await ca.call('createBindingChallenge', { token: other.token, body: { certificateDer: held.certificateDer } });
    expect(await answerRefusal(answerTo(binding, held.key))).toBe('CHALLENGE_UNKNOWN');
    expect((await ca.refusal('createBinding', { token: other.token, body: answerTo(first.challenge, held.key) })).problem.code).toBe('CHALLENGE_UNKNOWN');
    expect(await answerRefusal({ challengeId: '0'.repeat(32), signature: 'AAAA' })).toBe('CHALLENGE_UNKNOWN');
  });

  it('refuses: an old challenge, and it does not come back when the clock is set back', async () => {
    const held = await heldSm2Key(ca);
    const [late, unused] = [await loginChallenge(held.certificateDer), await loginChallenge(held.certificateDer)];
    ca.advance(120_000);
    expect(await answerRefusal(answerTo(late, held.key))).toBe('CHALLENGE_EXPIRED');
    ca.advance(-119_000);
    expect(await answerRefusal(answerTo(late, held.key))).toBe('CHALLENGE_USED');
    // In its time again, by the clock; but the clock cannot be believed.
    expect(await answerRefusal(answerTo(unused, held.key))).toBe('CHALLENGE_EXPIRED');
    expect((await logIn(held.certificateDer, held.key)).account.id).toBe(held.who.accountId);
    ca.advance(119_000);
  });

  it('refuses: what is no good signing certificate', async () => {
    const held = await heldSm2Key(ca);
    const pair = pairOf(held.issuance);
    expect(await loginRefusal(pair.encryptionCertificateDer)).toBe('CERTIFICATE_NOT_FOR_SIGNING');
    expect(await loginRefusal(pair.chainDer[0] ?? '')).toBe('CERTIFICATE_NOT_TRUSTED');
    expect(await loginRefusal(Buffer.from('no certificate').toString('base64'))).toBe('CERTIFICATE_MALFORMED');
    expect(await loginRefusal('')).toBe('CERTIFICATE_MALFORMED');
    const trailing = Buffer.concat([Buffer.from(held.certificateDer, 'base64'), Buffer.from([0])]).toString('base64');
    expect(await loginRefusal(trailing)).toBe('CERTIFICATE_MALFORMED');
    const certified = await certify(ca, held.who, await start(ca, held.who, await paidOrder(ca, held.who, 1, SM2_WANTED), newSerial()), sm2Subscriber());
    expect(await loginRefusal(pairOf(certified).signCertificateDer)).toBe('CERTIFICATE_NOT_TRUSTED');
    // The same serial number in another certificate is no certificate of ours.
    const changed = Buffer.from(held.certificateDer, 'base64');
    changed[changed.length - 1] = (changed[changed.length - 1] ?? 0) ^ 1;
    expect(await loginRefusal(changed.toString('base64'))).toBe('CERTIFICATE_NOT_TRUSTED');
  });

  it('refuses: a suspended and a revoked certificate, at the challenge and at the answer; a released one logs in again', async () => {
    const held = await heldSm2Key(ca);
    const serial = { token: staff.token, params: { serialHex: held.signSerialHex }, body: {} };
    const before = await loginChallenge(held.certificateDer);
    await ca.call('suspendCertificate', serial);
    expect(await answerRefusal(answerTo(before, held.key))).toBe('CERTIFICATE_SUSPENDED');
    expect(await loginRefusal(held.certificateDer)).toBe('CERTIFICATE_SUSPENDED');
    await ca.call('releaseCertificate', serial);
    expect((await logIn(held.certificateDer, held.key)).account.id).toBe(held.who.accountId);
    const open = await loginChallenge(held.certificateDer);
    await ca.call('revokeCertificate', { ...serial, body: { reason: 'keyCompromise' } });
    expect([await answerRefusal(answerTo(open, held.key)), await loginRefusal(held.certificateDer)]).toEqual(['CERTIFICATE_REVOKED', 'CERTIFICATE_REVOKED']);
    expect((await ca.refusal('createBindingChallenge', { token: (await customer(ca)).token, body: { certificateDer: held.certificateDer } })).problem.code).toBe('CERTIFICATE_REVOKED');
  });

  it('refuses: an expired certificate', async () => {
    const held = await heldSm2Key(ca);
    const toTheEnd = Date.parse((await ca.call('listBindings', { token: held.who.token })).items[0]?.notAfterUtc ?? '') - ca.now().getTime() + 1000;
    ca.advance(toTheEnd);
    expect(await loginRefusal(held.certificateDer)).toBe('CERTIFICATE_EXPIRED');
    ca.advance(-toTheEnd);
  });

  it('refuses: more calls than the limit from one network', async () => {
    const ask = () => foreign.raw('/v1/certificate-sessions/challenges', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"certificateDer":"AAAA"}' });
    const statuses = [];
    for (let n = 0; n < 5; n += 1) statuses.push((await ask()).status);
    expect(statuses).toEqual([422, 422, 422, 422, 429]);
  });
});

describe('binding', () => {
  it('ok: a second account; login names the account; unbound, it is closed again', async () => {
    const held = await heldSm2Key(ca);
    const other = await customer(ca);
    const binding = await bind(other, held.certificateDer, held.key);
    expect(binding).toMatchObject({ source: 'signed', serialHex: held.signSerialHex, projectId: DEMO_SM2_PROJECT_ID, trustedCaId: null });
    const challenge = await loginChallenge(held.certificateDer);
    expect(challenge.accounts.map(({ accountId }) => accountId).sort()).toEqual([held.who.accountId, other.accountId].sort());
    expect(await answerRefusal(answerTo(challenge, held.key))).toBe('LOGIN_ACCOUNT_CHOICE');
    // Nobody was let in, so the challenge is still good.
    expect((await ca.call('createCertificateSession', { body: { ...answerTo(challenge, held.key), accountId: other.accountId } })).account.id).toBe(other.accountId);
    const stranger = await customer(ca);
    expect(await answerRefusal({ ...answerTo(await loginChallenge(held.certificateDer), held.key), accountId: stranger.accountId })).toBe('CERTIFICATE_NOT_BOUND');
    expect((await ca.refusal('removeBinding', { token: stranger.token, params: { bindingId: binding.id } })).status).toBe(404);
    await ca.call('removeBinding', { token: other.token, params: { bindingId: binding.id } });
    expect((await ca.refusal('removeBinding', { token: other.token, params: { bindingId: binding.id } })).status).toBe(404);
    expect((await logIn(held.certificateDer, held.key)).account.id).toBe(held.who.accountId);
    expect((await ca.call('listBindings', { token: other.token })).items).toEqual([]);
  });

  it('ok: one’s own certificate is unbound and bound again', async () => {
    const held = await heldSm2Key(ca);
    const [own] = (await ca.call('listBindings', { token: held.who.token })).items;
    await ca.call('removeBinding', { token: held.who.token, params: { bindingId: own?.id ?? '' } });
    expect([await loginRefusal(held.certificateDer), (await ca.call('listBindings', { token: held.who.token })).items]).toEqual(['CERTIFICATE_NOT_BOUND', []]);
    expect((await bind(held.who, held.certificateDer, held.key)).source).toBe('signed');
    expect((await logIn(held.certificateDer, held.key)).account.id).toBe(held.who.accountId);
  });

  it('refuses: what is bound already, another account’s challenge, a wrong key', async () => {
    const held = await heldSm2Key(ca);
    const [other, third] = [await customer(ca), await customer(ca)];
    expect((await ca.refusal('createBindingChallenge', { token: held.who.token, body: { certificateDer: held.certificateDer } })).problem.code).toBe('BINDING_EXISTS');
    const challenge = await ca.call('createBindingChallenge', { token: other.token, body: { certificateDer: held.certificateDer } });
    expect((await ca.refusal('createBinding', { token: third.token, body: answerTo(challenge, held.key) })).problem.code).toBe('CHALLENGE_UNKNOWN');
    expect((await ca.refusal('createBinding', { token: other.token, body: answerTo(challenge, sm2Subscriber()) })).problem.code).toBe('CHALLENGE_SIGNATURE');
  });

  it('refuses: against the rule of the project, either way; also two accounts at once', async () => {
    const held: HeldKey = await heldKey(ca);
    const [a, b] = [await customer(ca), await customer(ca)];
    const ask = (who: Customer) => ca.refusal('createBindingChallenge', { token: who.token, body: { certificateDer: held.certificateDer } });
    expect((await ask(a)).problem).toMatchObject({ code: 'BINDING_RULE', details: { rule: 'certificateToSeveralAccounts' } });
    await ca.call('removeBinding', { token: held.who.token, params: { bindingId: (await ca.call('listBindings', { token: held.who.token })).items[0]?.id ?? '' } });
    const bodies = await Promise.all([a, b].map(async (who) => ({ who, body: answerTo(await ca.call('createBindingChallenge', { token: who.token, body: { certificateDer: held.certificateDer } }), held.key) })));
    const answers = await Promise.all(bodies.map(({ who, body }) => ca.raw('/v1/bindings', { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${who.token}` }, body: JSON.stringify(body) })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    const bound = answers[0]?.status === 201 ? a : b;
    await setRules(DEMO_PROJECT_ID, { bindingRule: { certificateToSeveralAccounts: true, accountToSeveralCertificates: false } });
    const second = await heldKey(ca);
    expect((await ca.refusal('createBindingChallenge', { token: bound.token, body: { certificateDer: second.certificateDer } })).problem).toMatchObject({ code: 'BINDING_RULE', details: { rule: 'accountToSeveralCertificates' } });
    await setRules(DEMO_PROJECT_ID, { bindingRule: { certificateToSeveralAccounts: false, accountToSeveralCertificates: true } });
  });
});

describe('foreign CAs', () => {
  const trustedCaId = 'foreign-ca-1';
  const crlOfForeign = async () => Buffer.from(await (await foreign.raw('/crl/demo-sm2.crl')).arrayBuffer()).toString('base64');
  const put = (chainDer: readonly string[], withoutCrl: 'refuse' | 'accept' = 'refuse') => ca.call('putTrustedCa', { token: staff.token, params: { trustedCaId }, body: { name: 'Foreign CA', withoutCrl, chainDer } });
  const deposit = async (crl: string) => ca.call('putTrustedCaCrl', { token: staff.token, params: { trustedCaId }, body: { crl } });
  const bindRefusal = async (who: Customer, certificateDer: string, projectId?: string) =>
    (await ca.refusal('createBindingChallenge', { token: who.token, body: { certificateDer, ...(projectId === undefined ? {} : { projectId }) } })).problem;

  it('ok: bound where the project trusts its CA and its list is there; what is revoked there is refused here', async () => {
    const held = await heldSm2Key(foreign);
    const chain = pairOf(held.issuance).chainDer;
    const who = await customer(ca);
    expect(await bindRefusal(who, held.certificateDer)).toMatchObject({ code: 'CERTIFICATE_NOT_TRUSTED' });
    await put(chain);
    expect(await bindRefusal(who, held.certificateDer, DEMO_SM2_PROJECT_ID)).toMatchObject({ code: 'CERTIFICATE_NOT_TRUSTED', details: { reason: 'ISSUER_NOT_FOUND' } });
    await setRules(DEMO_SM2_PROJECT_ID, { trustedCaIds: [trustedCaId] });
    expect(await bindRefusal(who, held.certificateDer, DEMO_PROJECT_ID)).toMatchObject({ code: 'CERTIFICATE_NOT_TRUSTED' });
    // Unknown is not good.
    expect(await bindRefusal(who, held.certificateDer, DEMO_SM2_PROJECT_ID)).toMatchObject({ code: 'CERTIFICATE_NOT_TRUSTED', details: { reason: 'CRL_MISSING' } });
    const old = await crlOfForeign();
    expect((await deposit(old)).crlNextUpdateUtc).not.toBeNull();
    expect(await bind(who, held.certificateDer, held.key, DEMO_SM2_PROJECT_ID)).toMatchObject({ source: 'signed', trustedCaId, projectId: DEMO_SM2_PROJECT_ID });
    expect((await logIn(held.certificateDer, held.key)).account.id).toBe(who.accountId);
    expect((await bindRefusal(who, pairOf(held.issuance).encryptionCertificateDer, DEMO_SM2_PROJECT_ID)).code).toBe('CERTIFICATE_NOT_FOR_SIGNING');

    const foreignStaff = await staffMember(foreign);
    foreign.advance(1000);
    ca.advance(1000);
    await foreign.call('revokeCertificate', { token: foreignStaff.token, params: { serialHex: held.signSerialHex }, body: { reason: 'keyCompromise' } });
    await deposit(await crlOfForeign());
    expect(await loginRefusal(held.certificateDer)).toBe('CERTIFICATE_REVOKED');
    expect((await ca.refusal('putTrustedCaCrl', { token: staff.token, params: { trustedCaId }, body: { crl: old } })).problem).toMatchObject({ code: 'CRL_NOT_ACCEPTED', details: { reason: 'older' } });
  });

  it('ok: a list that has ended: refused or accepted as staff decided; what is on it stays revoked', async () => {
    const [good, gone] = [await heldSm2Key(foreign), await heldSm2Key(foreign)];
    await setRules(DEMO_SM2_PROJECT_ID, { trustedCaIds: [trustedCaId] });
    await put(pairOf(good.issuance).chainDer);
    const foreignStaff = await staffMember(foreign);
    await foreign.call('revokeCertificate', { token: foreignStaff.token, params: { serialHex: gone.signSerialHex }, body: { reason: 'keyCompromise' } });
    foreign.advance(1000);
    ca.advance(1000);
    await deposit(await crlOfForeign());
    const first = await customer(ca);
    await bind(first, good.certificateDer, good.key, DEMO_SM2_PROJECT_ID);
    const eightDays = 8 * 86_400_000;
    ca.advance(eightDays);
    const [who, now] = [await again(first), await staffMember(ca)];
    expect(await loginRefusal(good.certificateDer)).toBe('CERTIFICATE_NOT_TRUSTED');
    await ca.call('putTrustedCa', { token: now.token, params: { trustedCaId }, body: { name: 'Foreign CA', withoutCrl: 'accept', chainDer: pairOf(good.issuance).chainDer } });
    expect((await logIn(good.certificateDer, good.key)).account.id).toBe(who.accountId);
    expect((await bindRefusal(who, gone.certificateDer, DEMO_SM2_PROJECT_ID)).code).toBe('CERTIFICATE_REVOKED');
    await setRules(DEMO_SM2_PROJECT_ID, { trustedCaIds: [] });
    expect(await loginRefusal(good.certificateDer)).toBe('CERTIFICATE_NOT_TRUSTED');
    ca.advance(-eightDays);
  });

  it('refuses: chains and lists that do not hold, and anyone but staff', async () => {
    const held = await heldSm2Key(foreign);
    const { chainDer: [issuing = '', root = ''], signCertificateDer } = pairOf(held.issuance);
    const refused = async (chainDer: readonly string[]) => (await ca.refusal('putTrustedCa', { token: staff.token, params: { trustedCaId }, body: { name: 'x', withoutCrl: 'refuse', chainDer } })).problem.code;
    expect(await refused([signCertificateDer])).toBe('CERTIFICATE_NOT_TRUSTED');
    expect(await refused([root, issuing])).toBe('CERTIFICATE_NOT_TRUSTED');
    expect(await refused([issuing, pairOf((await heldSm2Key(ca)).issuance).chainDer[1] ?? ''])).toBe('CERTIFICATE_NOT_TRUSTED');
    expect(await refused(['AAAA'])).toBe('CERTIFICATE_MALFORMED');
    await put([issuing, root]);
    const crlRefused = async (crl: string) => (await ca.refusal('putTrustedCaCrl', { token: staff.token, params: { trustedCaId }, body: { crl } })).problem;
    expect(await crlRefused(Buffer.from(await (await ca.raw('/crl/demo-sm2.crl')).arrayBuffer()).toString('base64'))).toMatchObject({ code: 'CRL_NOT_ACCEPTED', details: { reason: 'signature' } });
    expect(await crlRefused(Buffer.from(await (await ca.raw('/crl/demo-rsa.crl')).arrayBuffer()).toString('base64'))).toMatchObject({ code: 'CRL_NOT_ACCEPTED', details: { reason: 'issuer' } });
    expect((await crlRefused('%%%')).code).toBe('CRL_NOT_ACCEPTED');
    expect((await crlRefused('MAAA')).code).toBe('CRL_NOT_ACCEPTED');
    expect((await ca.refusal('listTrustedCas', { token: held.who.token })).status).toBe(401);
    expect((await ca.refusal('listTrustedCas', { token: (await customer(ca)).token })).status).toBe(403);
    expect((await ca.call('listTrustedCas', { token: staff.token })).items.map(({ id }) => id)).toEqual([trustedCaId]);
  });
});
