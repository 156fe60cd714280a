/** The end of certificates over real HTTP: by staff, by the holder with key or code; suspension and release; lists at once, checked by openssl (RSA) and Bouncy Castle (SM2). */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCertificateRevocationList } from '#shared/x509/certificate-revocation-list.ts';
import { changePairByStaff } from '../../src-ca/revocation/staff-changes.ts';
import { NO_MESSAGE_PROVIDER } from '../../src-ca/sandbox/sandbox-providers.ts';
import { bouncyCastleMissing, compileBouncyCastle, type BouncyCastle } from '../interop-java/bouncy-castle.ts';
import { answerTo, auditOf, approvedRequest, codeOf, draftRequest, heldKey, heldSm2Key, staffMember, type HeldKey, type StaffMember } from './support/key-holders.ts';
import { certify, customer, newSerial, paidOrder, SM2_WANTED, start } from './support/journeys.ts';
import { sm2Subscriber } from './support/sm2-subscriber.ts';
import { pairOf } from './support/subscriber.ts';
import { newKey, testCa, type TestCa } from './support/test-ca.ts';

const run = promisify(execFile);
let ca: TestCa;
let staff: StaffMember;
beforeAll(async () => {
  ca = await testCa();
  staff = await staffMember(ca);
});
afterAll(() => ca.stop());

const bySerial = (serialHex: string) => ({ token: staff.token, params: { serialHex } });
const published = async (name: string) => parseCertificateRevocationList(new Uint8Array(await (await ca.raw(`/crl/${name}.crl`)).arrayBuffer()));
const entriesOf = async (held: Pick<HeldKey<unknown>, 'signSerialHex' | 'encryptSerialHex'>, list = 'demo-sm2') =>
  (await published(list)).entries.filter(({ serialHex }) => [held.signSerialHex, held.encryptSerialHex].includes(serialHex)).map(({ reason }) => reason);
const statesOf = async (held: HeldKey<unknown>) => (await ca.call('searchCertificates', { token: held.who.token, query: { tokenSerial: held.tokenSerial } })).items.map(({ state }) => state);

describe('by staff', () => {
  it('ok: revoked with a reason: both certificates, on the list at once, audited; for ever', async () => {
    const held = await heldSm2Key(ca);
    const { items } = await ca.call('revokeCertificate', { ...bySerial(held.encryptSerialHex), body: { reason: 'keyCompromise', note: 'reported by phone' } });
    expect(items.map(({ state, revocationReason, revokedAtUtc }) => [state, revocationReason, revokedAtUtc])).toEqual([['revoked', 'keyCompromise', ca.now().toISOString()], ['revoked', 'keyCompromise', ca.now().toISOString()]]);
    expect(await entriesOf(held)).toEqual(['keyCompromise', 'keyCompromise']);
    expect((await auditOf(ca, staff, 'certificate.revoked')).some((entry) => entry.startsWith(held.encryptSerialHex) && entry.includes('"way":"staff"'))).toBe(true);
    for (const call of [ca.refusal('revokeCertificate', { ...bySerial(held.signSerialHex), body: { reason: 'superseded' } }), ca.refusal('suspendCertificate', { ...bySerial(held.signSerialHex), body: {} }), ca.refusal('releaseCertificate', { ...bySerial(held.signSerialHex), body: {} })]) {
      expect((await call).problem).toMatchObject({ code: 'CERTIFICATE_STATE', details: { state: 'revoked' } });
    }
  });

  it('ok: suspended and released: the entry comes with certificateHold and goes again, the number grows', async () => {
    const held = await heldSm2Key(ca);
    expect((await ca.call('suspendCertificate', { ...bySerial(held.signSerialHex), body: {} })).items.map(({ state }) => state)).toEqual(['suspended', 'suspended']);
    const onHold = await published('demo-sm2');
    expect(await entriesOf(held)).toEqual(['certificateHold', 'certificateHold']);
    expect((await ca.call('searchCertificates', { token: held.who.token, query: { tokenSerial: held.tokenSerial, state: 'suspended' } })).items).toHaveLength(2);
    expect((await ca.call('releaseCertificate', { ...bySerial(held.signSerialHex), body: {} })).items.map(({ state, revokedAtUtc }) => [state, revokedAtUtc])).toEqual([['active', null], ['active', null]]);
    expect(await entriesOf(held)).toEqual([]);
    expect(Number((await crlNumber('demo-sm2')))).toBeGreaterThan(0);
    expect((await published('demo-sm2')).der).not.toEqual(onHold.der);
  });

  it('ok: one revoked while another is released: the list has exactly the one', async () => {
    const [leaving, coming] = [await heldSm2Key(ca), await heldSm2Key(ca)];
    await ca.call('suspendCertificate', { ...bySerial(leaving.signSerialHex), body: {} });
    await Promise.all([ca.call('releaseCertificate', { ...bySerial(leaving.signSerialHex), body: {} }), ca.call('revokeCertificate', { ...bySerial(coming.signSerialHex), body: { reason: 'superseded' } })]);
    expect([await entriesOf(leaving), await entriesOf(coming)]).toEqual([[], ['superseded', 'superseded']]);
  });

  it('ok: revoked after a hold: the entry keeps the date of the hold (X.509 §9.5.3.1)', async () => {
    const held = await heldSm2Key(ca);
    const [holdDate] = (await ca.call('suspendCertificate', { ...bySerial(held.signSerialHex), body: {} })).items.map(({ revokedAtUtc }) => revokedAtUtc);
    ca.advance(60_000);
    const revoked = await ca.call('revokeCertificate', { ...bySerial(held.signSerialHex), body: { reason: 'keyCompromise' } });
    expect(revoked.items.map(({ revokedAtUtc }) => revokedAtUtc)).toEqual([holdDate, holdDate]);
    expect(await entriesOf(held)).toEqual(['keyCompromise', 'keyCompromise']);
  });

  it('refuses: another account than staff, an unknown serial number, a reason that is not for subscribers, a release of what is active', async () => {
    const held = await heldSm2Key(ca);
    expect((await ca.refusal('revokeCertificate', { token: held.who.token, params: { serialHex: held.signSerialHex }, body: { reason: 'keyCompromise' } })).status).toBe(403);
    expect((await ca.refusal('revokeCertificate', { ...bySerial('00'), body: { reason: 'keyCompromise' } })).status).toBe(404);
    for (const reason of ['certificateHold', 'removeFromCRL', 'cACompromise', 'aACompromise', 'lost', '']) expect((await ca.refusal('revokeCertificate', { ...bySerial(held.signSerialHex), body: { reason } })).problem.code).toBe('INPUT_INVALID');
    expect((await ca.refusal('releaseCertificate', { ...bySerial(held.signSerialHex), body: {} })).problem.code).toBe('CERTIFICATE_STATE');
    expect(await statesOf(held)).toEqual(['active', 'active']);
  });

  it('ok: the holder is told of each change by SMS, with the reason and the end of the key’s number; not of the staff’s note', async () => {
    const held = await heldSm2Key(ca);
    await ca.call('suspendCertificate', { ...bySerial(held.signSerialHex), body: { note: 'call from the police' } });
    await ca.call('releaseCertificate', { ...bySerial(held.signSerialHex), body: {} });
    await ca.call('revokeCertificate', { ...bySerial(held.signSerialHex), body: { reason: 'privilegeWithdrawn', note: 'call from the police' } });
    const texts = (await ca.call('listSandboxMessages', { query: { to: held.who.phone, limit: 100 } })).items.map(({ text }) => text);
    const about = texts.filter((text) => text.includes(`UKey尾号${held.tokenSerial.slice(-4)}`) && text.includes('证书中心'));
    expect(['冻结，解除冻结前不能使用', '解除冻结，可以继续使用', '吊销，不能再使用，原因：使用资格被取消'].map((part) => about.filter((text) => text.includes(`由证书中心${part}`)).length)).toEqual([1, 1, 1]);
    expect(texts.join()).not.toContain('police');
  });

  it('refuses: a change that is refused tells nobody', async () => {
    const held = await heldSm2Key(ca);
    const count = async () => (await ca.call('listSandboxMessages', { query: { to: held.who.phone, limit: 100 } })).items.length;
    const before = await count();
    await ca.refusal('releaseCertificate', { ...bySerial(held.signSerialHex), body: {} });
    expect(await count()).toBe(before);
  });

  it('ok: revoked also when no provider takes messages; the audit log says that the holder was not told', async () => {
    const held = await heldSm2Key(ca);
    const caller = { accountId: staff.accountId, role: 'staff' as const, sessionId: 'none' };
    const { items } = await changePairByStaff({ ...ca.ports, messageProvider: NO_MESSAGE_PROVIDER }, caller, held.signSerialHex, { event: 'revoke', reason: 'keyCompromise' }, undefined);
    expect(items.map(({ state }) => state)).toEqual(['revoked', 'revoked']);
    expect((await auditOf(ca, staff, 'certificate.holder-not-told')).filter((entry) => entry.startsWith(held.signSerialHex))).toHaveLength(1);
  });

  it('ok: ten revocations of one pair at once: one holds', async () => {
    const held = await heldSm2Key(ca);
    const answers = await Promise.all(Array.from({ length: 10 }, () => ca.raw(`/v1/certificates/${held.signSerialHex}/revocation`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${staff.token}` }, body: '{"reason":"superseded"}' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(409)]);
  });
});

describe('by the holder', () => {
  const about = (held: HeldKey<unknown>, kind: 'revocation' | 'suspension' | 'release') => ({ kind, certificateSerialHex: held.signSerialHex, ...(kind === 'revocation' ? { revocationReason: 'cessationOfOperation' as const } : {}) });

  it.each([['RSA', heldKey, 'demo-rsa'], ['SM2', heldSm2Key, 'demo-sm2']] as const)('ok: %s: with the key, at once, without review', async (_, hold, list) => {
    const held = await hold(ca);
    const { id: requestId } = await draftRequest(ca, held.who, about(held, 'revocation'));
    const challenge = await ca.call('createRequestChallenge', { token: held.who.token, params: { requestId } });
    const confirmed = await ca.call('confirmRequestByKey', { token: held.who.token, params: { requestId }, body: answerTo(challenge, held.key) });
    expect([confirmed.state, confirmed.certificates.map(({ state, revocationReason }) => `${state} ${revocationReason}`)]).toEqual(['completed', ['revoked cessationOfOperation', 'revoked cessationOfOperation']]);
    expect(await entriesOf(held, list)).toEqual(['cessationOfOperation', 'cessationOfOperation']);
    expect((await ca.call('getRequest', { token: held.who.token, params: { requestId } })).history.at(-1)).toMatchObject({ event: 'confirm-by-key', actor: 'tool', to: 'completed' });
  });

  it('ok: a suspension with the code that was sent for it; staff release what was found again', async () => {
    const held = await heldSm2Key(ca);
    const { id: requestId } = await draftRequest(ca, held.who, about(held, 'suspension'));
    const submitted = await ca.call('submitRequest', { token: held.who.token, params: { requestId } });
    const call = { token: held.who.token, params: { requestId }, idempotencyKey: newKey(), body: { authorizationCode: await codeOf(ca, held.who, submitted.number) } };
    const confirmed = await ca.call('confirmRequestByCode', call);
    expect([confirmed.state, ...confirmed.certificates.map(({ state }) => state)]).toEqual(['completed', 'suspended', 'suspended']);
    expect(await ca.call('confirmRequestByCode', call)).toEqual(confirmed);
    const released = await approvedRequest(ca, held.who, staff, about(held, 'release'));
    expect(released.state).toBe('completed');
    expect(await statesOf(held)).toEqual(['active', 'active']);
    expect(await entriesOf(held)).toEqual([]);
  });

  it('refuses: a wrong code, counted; the code of another request', async () => {
    const [held, other] = [await heldSm2Key(ca), await heldSm2Key(ca)];
    const { id: requestId } = await draftRequest(ca, held.who, about(held, 'revocation'));
    const mine = await ca.call('submitRequest', { token: held.who.token, params: { requestId } });
    const theirs = await draftRequest(ca, other.who, about(other, 'revocation'));
    await ca.call('submitRequest', { token: other.who.token, params: { requestId: theirs.id } });
    const right = await codeOf(ca, held.who, mine.number);
    const foreign = await codeOf(ca, other.who, theirs.number);
    const wrong = String((Number(right) + 1) % 1_000_000).padStart(6, '0');
    for (const authorizationCode of [wrong, ...(foreign === right ? [] : [foreign])]) {
      expect((await ca.refusal('confirmRequestByCode', { token: held.who.token, params: { requestId }, idempotencyKey: newKey(), body: { authorizationCode } })).problem.code).toBe('CODE_WRONG');
    }
    expect(await statesOf(held)).toEqual(['active', 'active']);
  });

  it('refuses: another key, a replay, an old challenge, another account, a challenge of another request, a release', async () => {
    const [held, other] = [await heldSm2Key(ca), await heldSm2Key(ca)];
    const { id: requestId } = await draftRequest(ca, held.who, about(held, 'suspension'));
    const challenge = () => ca.call('createRequestChallenge', { token: held.who.token, params: { requestId } });
    const confirm = (body: object, token = held.who.token) => ca.refusal('confirmRequestByKey', { token, params: { requestId }, body });
    const first = await challenge();
    expect((await confirm(answerTo(first, other.key))).problem.code).toBe('CHALLENGE_SIGNATURE');
    // Used up by the wrong answer.
    expect((await confirm(answerTo(first, held.key))).problem.code).toBe('CHALLENGE_USED');
    const late = await challenge();
    ca.advance(120_000);
    expect((await confirm(answerTo(late, held.key))).problem.code).toBe('CHALLENGE_EXPIRED');
    expect((await confirm(answerTo(await challenge(), held.key), other.who.token)).status).toBe(404);
    expect((await confirm(answerTo(await ca.call('createLoginChallenge', { body: { certificateDer: held.certificateDer } }), held.key))).problem.code).toBe('CHALLENGE_UNKNOWN');
    expect(await statesOf(held)).toEqual(['active', 'active']);

    await ca.call('suspendCertificate', { ...bySerial(held.signSerialHex), body: {} });
    const release = await draftRequest(ca, held.who, about(held, 'release'));
    expect((await ca.refusal('createRequestChallenge', { token: held.who.token, params: { requestId: release.id } })).problem.code).toBe('CONFIRMATION_NOT_BY_KEY');
  });

  it('ok: the same confirmation ten times at once: done once', async () => {
    const held = await heldSm2Key(ca);
    const { id: requestId } = await draftRequest(ca, held.who, about(held, 'revocation'));
    const body = JSON.stringify(answerTo(await ca.call('createRequestChallenge', { token: held.who.token, params: { requestId } }), held.key));
    const answers = await Promise.all(Array.from({ length: 10 }, () => ca.raw(`/v1/requests/${requestId}/key-confirmation`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${held.who.token}` }, body })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
  });
});

describe('lists', () => {
  it('ok: openssl finds both certificates of a revoked pair revoked, and those of another one good', async () => {
    const [gone, good] = [await heldKey(ca), await heldKey(ca)];
    await ca.call('revokeCertificate', { ...bySerial(gone.signSerialHex), body: { reason: 'keyCompromise' } });
    await inFolder(async (file) => {
      const pair = pairOf(gone.issuance);
      await writeFile(file('chain.pem'), pair.chainDer.map(pem).join(''));
      await writeFile(file('list.der'), Buffer.from(await (await ca.raw('/crl/demo-rsa.crl')).arrayBuffer()));
      await run('openssl', ['crl', '-inform', 'DER', '-in', file('list.der'), '-out', file('list.pem')]);
      const at = String(Math.floor(ca.now().getTime() / 1000) + 1);
      const verify = async (der: string) => {
        await writeFile(file('leaf.pem'), pem(der));
        return await run('openssl', ['verify', '-x509_strict', '-attime', at, '-CAfile', file('chain.pem'), '-crl_check', '-CRLfile', file('list.pem'), file('leaf.pem')]);
      };
      for (const der of [pair.signCertificateDer, pair.encryptionCertificateDer]) await expect(verify(der)).rejects.toMatchObject({ stderr: expect.stringContaining('certificate revoked') as string });
      expect((await verify(good.certificateDer)).stdout).toContain('OK');
    });
  });

  const missing = bouncyCastleMissing();
  it.skipIf(missing !== null)(`ok: Bouncy Castle refuses a revoked and a suspended SM2 certificate by the list, and takes a released one${missing === null ? '' : ` (skipped: ${missing})`}`, async () => {
    const [gone, held] = [await heldSm2Key(ca), await heldSm2Key(ca)];
    const java: BouncyCastle = compileBouncyCastle();
    try {
      await ca.call('revokeCertificate', { ...bySerial(gone.signSerialHex), body: { reason: 'keyCompromise' } });
      await ca.call('suspendCertificate', { ...bySerial(held.signSerialHex), body: {} });
      await inFolder(async (file) => {
        const check = async (der: string) => {
          const [issuing = '', root = ''] = pairOf(held.issuance).chainDer;
          for (const [name, content] of [['leaf', der], ['issuing', issuing], ['root', root]] as const) await writeFile(file(name), Buffer.from(content, 'base64'));
          for (const name of ['demo-sm2', 'demo-sm2-root']) await writeFile(file(name), Buffer.from(await (await ca.raw(`/crl/${name}.crl`)).arrayBuffer()));
          expect(java.check('crl', file('demo-sm2'), file('issuing'))).toBe('valid');
          return java.check('path-at', ca.now().toISOString(), file('leaf'), file('issuing'), file('root'), file('demo-sm2'), file('demo-sm2-root'));
        };
        await expect(check(gone.certificateDer)).rejects.toThrow(/revocation after .*keyCompromise/);
        await expect(check(held.certificateDer)).rejects.toThrow(/revocation after .*certificateHold/);
        await ca.call('releaseCertificate', { ...bySerial(held.signSerialHex), body: {} });
        expect(await check(held.certificateDer)).toBe('valid');
      });
    } finally {
      java.remove();
    }
  });

  it('ok: the service signs the next list by itself, before anyone asks for it', async () => {
    const held = await heldSm2Key(ca);
    const authority = ca.ports.authorities.get('sm2');
    const newest = () => ca.ports.transactions.read(({ crls }) => crls.newest(authority?.caId ?? ''));
    await ca.raw('/crl/demo-sm2.crl');
    const before = (await newest())?.number ?? 0;
    await ca.call('revokeCertificate', { ...bySerial(held.signSerialHex), body: { reason: 'superseded' } });
    await ca.ports.crlPublisher.settled();
    expect(await newest()).toMatchObject({ number: before + 1, stale: 0 });
  });

  it('ok: a clock that is set back: the list is one of now, and what was revoked stays on it', async () => {
    const held = await heldSm2Key(ca);
    await ca.call('revokeCertificate', { ...bySerial(held.signSerialHex), body: { reason: 'superseded' } });
    await published('demo-sm2');
    ca.advance(-3_600_000);
    const list = await published('demo-sm2');
    expect(list.thisUpdate.date.getTime()).toBeLessThanOrEqual(ca.now().getTime());
    expect(await entriesOf(held)).toEqual(['superseded', 'superseded']);
    ca.advance(3_600_000);
  });

  it('ok: a pair that was never proven is revoked, too, and cannot be completed', async () => {
    const who = await customer(ca);
    const key = sm2Subscriber();
    const certified = await certify(ca, who, await start(ca, who, await paidOrder(ca, who, 1, SM2_WANTED), newSerial()), key);
    const [certificate] = (await ca.call('searchCertificates', { token: who.token })).items;
    await ca.call('revokeCertificate', { ...bySerial(certificate?.serialHex ?? ''), body: { reason: 'privilegeWithdrawn' } });
    expect((await ca.refusal('completeIssuance', { token: who.token, params: { issuanceId: certified.id }, body: await key.proof(certified) })).problem).toMatchObject({ code: 'REQUEST_CERTIFICATE_STATE', details: { state: 'revoked' } });
    expect((await ca.call('searchCertificates', { token: who.token })).items.map(({ state }) => state)).toEqual(['revoked', 'revoked']);
  });
});

const pem = (der: string) => `-----BEGIN CERTIFICATE-----\n${der.replaceAll(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;

async function crlNumber(name: string): Promise<string> {
  return await inFolder(async (file) => {
    await writeFile(file('list.der'), Buffer.from(await (await ca.raw(`/crl/${name}.crl`)).arrayBuffer()));
    return /crlNumber=(0x[0-9A-F]+)/.exec((await run('openssl', ['crl', '-inform', 'DER', '-in', file('list.der'), '-noout', '-crlnumber'])).stdout)?.[1] ?? '';
  });
}

async function inFolder<T>(work: (file: (name: string) => string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'bidkey-lists-'));
  try {
    return await work((name) => join(folder, name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
