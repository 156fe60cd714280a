/** Keys back from escrow over real HTTP: onto the new key of a reissue and onto a working key; two approvals, whose signature vouches, what the envelope opens to, every refusal. */
import { constants, createDecipheriv, createHash, createPrivateKey, createPublicKey, generateKeyPairSync, privateDecrypt, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EnvelopedEncryptionKey, Issuance } from '#shared/contract/rest/issuances.ts';
import type { Request } from '#shared/contract/rest/requests.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import { openSm2EnvelopedKey, readSm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import { generateSm2KeyPair } from '#shared/sm/sm2-key.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { buildEcPublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { registerAccount } from '../../src-ca/accounts/register-account.ts';
import { MOST_DELIVERIES } from '../../src-ca/recovery/restore-key.ts';
import { certify, newSerial, PASSWORD, type Customer } from './support/journeys.ts';
import { approvedRequest, auditOf, codeOf, draftRequest, heldKey, heldSm2Key, staffMember, type HeldKey, type StaffMember } from './support/key-holders.ts';
import { sm2Subscriber } from './support/sm2-subscriber.ts';
import { pairOf, subscriber, type SubscriberKey } from './support/subscriber.ts';
import { newKey, testCa, type TestCa } from './support/test-ca.ts';

let ca: TestCa;
let staff: StaffMember;
let second: StaffMember;
beforeAll(async () => {
  ca = await testCa();
  [staff, second] = await Promise.all([staffMember(ca), staffMember(ca)]);
});
afterAll(() => ca.stop());

type Signing = SubscriberKey & { sign(message: Uint8Array): Uint8Array };

interface OpeningKey {
  readonly spkiDer: Uint8Array;
  /** @returns public key of what the envelope holds, as SPKI in base64 */
  open(envelope: EnvelopedEncryptionKey): Promise<string>;
}

function rsaOpeningKey(bits = 2048): OpeningKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return {
    spkiDer: publicKey.export({ type: 'spki', format: 'der' }),
    async open(envelope) {
      if (envelope.format !== 'rsa-oaep+aes-kwp') throw new Error(envelope.format);
      const wrappingKey = privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, Buffer.from(envelope.wrappedKeyEncryptionKey, 'base64'));
      const unwrap = createDecipheriv('id-aes256-wrap-pad', wrappingKey, Buffer.from('a65959a6', 'hex'));
      const pkcs8 = Buffer.concat([unwrap.update(Buffer.from(envelope.wrappedPrivateKey, 'base64')), unwrap.final()]);
      return createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })).export({ type: 'spki', format: 'der' }).toString('base64');
    },
  };
}

function sm2OpeningKey(): OpeningKey {
  const pair = generateSm2KeyPair((length) => randomBytes(length));
  return {
    spkiDer: buildEcPublicKeyInfo('sm2', pair.publicKey),
    async open(envelope) {
      if (envelope.format !== 'sm2-enveloped-key') throw new Error(envelope.format);
      const opened = await openSm2EnvelopedKey(portableEngine, pair.privateKey, readSm2EnvelopedKey(new Uint8Array(Buffer.from(envelope.envelopedKey, 'base64'))));
      return Buffer.from(buildEcPublicKeyInfo('sm2', opened.publicKey)).toString('base64');
    },
  };
}

function vouched(key: Signing, deedId: string, serialHex: string, spkiDer: Uint8Array) {
  const message = Buffer.concat([Buffer.from(`BidKey restore v1\0${deedId}\0${serialHex}\0`), createHash('sha256').update(spkiDer).digest()]);
  return { openingPublicKeySpkiDer: Buffer.from(spkiDer).toString('base64'), signature: Buffer.from(key.sign(message)).toString('base64') };
}

const publicKeyIn = (certificateDer: string) => Buffer.from(parseCertificate(new Uint8Array(Buffer.from(certificateDer, 'base64'))).publicKeySpkiDer).toString('base64');
const agree = (requestId: string, by: StaffMember) => ca.call('approveRecovery', { token: by.token, params: { requestId } });

/** A reissue of a lost key, written as far as its certificates. */
async function reissued(held: HeldKey<unknown>, key: Signing, item: string, approvals: readonly StaffMember[] = [staff, second]): Promise<{ request: Request; issuance: Issuance }> {
  const request = await approvedRequest(ca, held.who, staff, { kind: 'reissue', certificateSerialHex: held.signSerialHex, itemId: item, revocationReason: 'keyCompromise', oldKeyHandling: 'hold-until-new-works' });
  for (const one of approvals) await agree(request.id, one);
  const started = await ca.call('startIssuance', { token: held.who.token, idempotencyKey: newKey(), body: { requestId: request.id, authorizationCode: await codeOf(ca, held.who, request.number), tokenSerial: newSerial(), tokenModelId: 'softhsm2' } });
  return { request, issuance: await certify(ca, held.who, started, key) };
}

const REISSUE_SM2 = 'demo-sm2-reissue-organisation';
const restoreCall = (who: Pick<Customer, 'token'>, issuanceId: string, serialHex: string, body: object) => ({ token: who.token, params: { issuanceId, serialHex }, body });

describe('reissue', () => {
  it.each([
    ['RSA', heldKey, subscriber, rsaOpeningKey, 'demo-reissue-organisation'],
    ['SM2', heldSm2Key, sm2Subscriber, sm2OpeningKey, REISSUE_SM2],
  ] as const)('ok: %s: the old encryption key comes back, before and after the new pair is proven; the old pair ends with the new one', async (_, hold, newSubscriber, openingKey, item) => {
    const held = await hold(ca);
    const key = newSubscriber();
    const { issuance } = await reissued(held, key, item);
    expect(pairOf(issuance).restorableKeys).toEqual([{ certificateSerialHex: held.encryptSerialHex, certificateDer: pairOf(held.issuance).encryptionCertificateDer, from: 'escrow' }]);
    const restore = async () => {
      const opening = openingKey();
      const restored = await ca.call('restoreKeyOnIssuance', restoreCall(held.who, issuance.id, held.encryptSerialHex, vouched(key, issuance.id, held.encryptSerialHex, opening.spkiDer)));
      expect(await opening.open(restored.envelopedEncryptionKey)).toBe(publicKeyIn(restored.certificateDer));
    };
    await restore();
    await ca.call('completeIssuance', { token: held.who.token, params: { issuanceId: issuance.id }, body: await key.proof(issuance) });
    await restore();
    expect((await ca.call('getCertificate', { token: held.who.token, params: { serialHex: held.encryptSerialHex } })).state).toBe('revoked');
    expect((await auditOf(ca, staff, 'recovery.delivered')).filter((entry) => entry.startsWith(held.encryptSerialHex))).toHaveLength(2);
    ca.advance(8 * 86_400_000);
    const session = await ca.call('createSession', { body: { loginName: held.who.loginName, password: PASSWORD } });
    expect((await ca.refusal('restoreKeyOnIssuance', restoreCall({ token: session.accessToken }, issuance.id, held.encryptSerialHex, vouched(key, issuance.id, held.encryptSerialHex, openingKey().spkiDer)))).problem.code).toBe('ISSUANCE_STATE');
    ca.advance(-8 * 86_400_000);
  });

  it('refuses: before two different members of staff agreed; the same one twice; the applicant; whoever is no staff', async () => {
    const held = await heldSm2Key(ca);
    const key = sm2Subscriber();
    const { request, issuance } = await reissued(held, key, REISSUE_SM2, [staff]);
    const opening = sm2OpeningKey();
    const call = restoreCall(held.who, issuance.id, held.encryptSerialHex, vouched(key, issuance.id, held.encryptSerialHex, opening.spkiDer));
    expect(pairOf(issuance).restorableKeys).toEqual([]);
    expect((await ca.refusal('restoreKeyOnIssuance', call)).problem).toMatchObject({ code: 'RECOVERY_NOT_APPROVED', details: { approvals: 1 } });
    expect((await ca.refusal('approveRecovery', { token: staff.token, params: { requestId: request.id } })).problem.code).toBe('RECOVERY_APPROVED_ALREADY');
    expect((await ca.refusal('approveRecovery', { token: held.who.token, params: { requestId: request.id } })).status).toBe(403);
    expect((await ca.refusal('restoreKeyOnIssuance', call)).problem.code).toBe('RECOVERY_NOT_APPROVED');
    await agree(request.id, second);
    expect((await ca.call('restoreKeyOnIssuance', call)).certificateSerialHex).toBe(held.encryptSerialHex);
  });

  it('refuses: agreements that were given before the request was rejected and handed in again', async () => {
    const held = await heldSm2Key(ca);
    const body = { kind: 'reissue' as const, certificateSerialHex: held.signSerialHex, itemId: REISSUE_SM2, revocationReason: 'keyCompromise' as const };
    const request = await ca.call('createRequest', { token: held.who.token, idempotencyKey: newKey(), body });
    const on = { params: { requestId: request.id } };
    await ca.call('submitRequest', { token: held.who.token, ...on });
    await ca.call('claimRequest', { token: staff.token, ...on });
    for (const one of [staff, second]) await agree(request.id, one);
    expect((await ca.call('rejectRequest', { token: staff.token, ...on, body: { reason: '原因不明' } })).recoveryApprovals).toBe(2);
    expect((await ca.call('submitRequest', { token: held.who.token, ...on })).recoveryApprovals).toBe(0);
  });

  it('refuses: a member of staff as applicant of the own recovery', async () => {
    const loginName = `s${newKey()}`;
    await registerAccount(ca.ports, { loginName, password: PASSWORD, kind: 'person', displayName: '员工', phone: '13911112222' }, 'staff');
    const { accessToken, account } = await ca.call('createSession', { body: { loginName, password: PASSWORD } });
    const who: Customer = { accountId: account.id, loginName, phone: '13911112222', token: accessToken, refreshToken: '' };
    const held = await heldSm2Key(ca, who);
    const request = await approvedRequest(ca, who, staff, { kind: 'reissue', certificateSerialHex: held.signSerialHex, itemId: REISSUE_SM2, revocationReason: 'keyCompromise', oldKeyHandling: 'hold-until-new-works' });
    await agree(request.id, staff);
    expect((await ca.refusal('approveRecovery', { token: accessToken, params: { requestId: request.id } })).problem.code).toBe('REQUEST_OWN_REVIEW');
    // Even if it stood in the records, it would not count.
    await ca.ports.transactions.write(({ requests }) => requests.insertRecoveryApproval({ requestId: request.id, staffId: who.accountId, atMs: ca.now().getTime() }));
    const key = sm2Subscriber();
    const started = await ca.call('startIssuance', { token: who.token, idempotencyKey: newKey(), body: { requestId: request.id, authorizationCode: await codeOf(ca, who, request.number), tokenSerial: newSerial(), tokenModelId: 'softhsm2' } });
    const issuance = await certify(ca, who, started, key);
    expect((await ca.refusal('restoreKeyOnIssuance', restoreCall(who, issuance.id, held.encryptSerialHex, vouched(key, issuance.id, held.encryptSerialHex, sm2OpeningKey().spkiDer)))).problem).toMatchObject({ code: 'RECOVERY_NOT_APPROVED', details: { approvals: 1 } });
  });

  it('refuses: an opening key that is not vouched for, a weak or foreign one; keys of others; another account; more deliveries than allowed', async () => {
    const [held, other] = [await heldSm2Key(ca), await heldSm2Key(ca)];
    const key = sm2Subscriber();
    const { issuance } = await reissued(held, key, REISSUE_SM2);
    const opening = sm2OpeningKey();
    const good = vouched(key, issuance.id, held.encryptSerialHex, opening.spkiDer);
    const refused = async (body: object, serialHex = held.encryptSerialHex, who: Pick<Customer, 'token'> = held.who) => (await ca.refusal('restoreKeyOnIssuance', restoreCall(who, issuance.id, serialHex, body))).problem.code;
    expect(await refused({ ...good, openingPublicKeySpkiDer: Buffer.from(sm2OpeningKey().spkiDer).toString('base64') })).toBe('RESTORE_PROOF');
    expect(await refused(vouched(held.key, issuance.id, held.encryptSerialHex, opening.spkiDer))).toBe('RESTORE_PROOF');
    expect(await refused(vouched(key, held.issuance.id, held.encryptSerialHex, opening.spkiDer))).toBe('RESTORE_PROOF');
    expect(await refused(vouched(key, issuance.id, other.encryptSerialHex, opening.spkiDer), other.encryptSerialHex)).toBe('NOT_FOUND');
    expect(await refused(vouched(key, issuance.id, held.signSerialHex, opening.spkiDer), held.signSerialHex)).toBe('NOT_FOUND');
    expect(await refused(good, held.encryptSerialHex, other.who)).toBe('NOT_FOUND');
    const rsa = rsaOpeningKey();
    expect(await refused(vouched(key, issuance.id, held.encryptSerialHex, rsa.spkiDer))).toBe('CSR_KEY_ALGORITHM');
    const nonsense = new Uint8Array(randomBytes(64));
    expect(await refused(vouched(key, issuance.id, held.encryptSerialHex, nonsense))).toBe('KEY_INVALID');
    // A point that is not on the curve.
    const offCurve = Uint8Array.from(opening.spkiDer);
    offCurve[offCurve.length - 1] = (offCurve[offCurve.length - 1] ?? 0) ^ 1;
    expect(await refused(vouched(key, issuance.id, held.encryptSerialHex, offCurve))).toBe('KEY_INVALID');
    for (let n = 0; n < MOST_DELIVERIES; n += 1) await ca.call('restoreKeyOnIssuance', restoreCall(held.who, issuance.id, held.encryptSerialHex, good));
    expect(await refused(good)).toBe('RECOVERY_DELIVERED_TOO_OFTEN');
  });

  it('refuses: the issuance of another kind of request, and a new pair that was revoked', async () => {
    const plain = await heldSm2Key(ca);
    const opening = sm2OpeningKey();
    expect((await ca.refusal('restoreKeyOnIssuance', restoreCall(plain.who, plain.issuance.id, plain.encryptSerialHex, vouched(plain.key, plain.issuance.id, plain.encryptSerialHex, opening.spkiDer)))).problem.code).toBe('NOT_FOUND');
    const key = sm2Subscriber();
    const { issuance } = await reissued(plain, key, REISSUE_SM2);
    await ca.call('revokeCertificate', { token: staff.token, params: { serialHex: parseCertificate(new Uint8Array(Buffer.from(pairOf(issuance).signCertificateDer, 'base64'))).serialHex }, body: { reason: 'keyCompromise' } });
    expect((await ca.refusal('restoreKeyOnIssuance', restoreCall(plain.who, issuance.id, plain.encryptSerialHex, vouched(key, issuance.id, plain.encryptSerialHex, opening.spkiDer)))).problem).toMatchObject({ code: 'CERTIFICATE_STATE', details: { state: 'revoked' } });
  });
});

describe('key recovery', () => {
  /** A lost key, and a working one of the same account. */
  async function recovery(approvals: readonly StaffMember[] = [staff, second]) {
    const lost = await heldSm2Key(ca);
    const works = await heldSm2Key(ca, lost.who);
    const request = await approvedRequest(ca, lost.who, staff, { kind: 'key-recovery', certificateSerialHex: lost.signSerialHex, tokenSerial: works.tokenSerial });
    for (const one of approvals) await agree(request.id, one);
    return { lost, works, request };
  }
  const startCall = async (who: Customer, request: Request, tokenSerial: string) => ({ token: who.token, params: { requestId: request.id }, idempotencyKey: newKey(), body: { authorizationCode: (await codeOf(ca, who, request.number)) || '000000', tokenSerial } });

  it('ok: onto a working key: code, envelope, completion; again the same answers', async () => {
    const { lost, works, request } = await recovery();
    const start = await startCall(lost.who, request, works.tokenSerial);
    const begun = await ca.call('startKeyRecovery', start);
    expect(begun).toMatchObject({ state: 'writing', tokenSerial: works.tokenSerial, signCertificateSerialHex: works.signSerialHex, restorableKeys: [{ certificateSerialHex: lost.encryptSerialHex, from: 'escrow' }] });
    expect(await ca.call('startKeyRecovery', start)).toEqual(begun);
    expect(await ca.call('getKeyRecovery', { token: lost.who.token, params: { requestId: request.id } })).toEqual(begun);
    const opening = sm2OpeningKey();
    const params = { requestId: request.id, serialHex: lost.encryptSerialHex };
    const restored = await ca.call('restoreKeyOnRequest', { token: lost.who.token, params, body: vouched(works.key, request.id, lost.encryptSerialHex, opening.spkiDer) });
    expect(await opening.open(restored.envelopedEncryptionKey)).toBe(publicKeyIn(pairOf(lost.issuance).encryptionCertificateDer));
    const completed = await ca.call('completeKeyRecovery', { token: lost.who.token, params: { requestId: request.id } });
    expect(completed.state).toBe('completed');
    expect(await ca.call('completeKeyRecovery', { token: lost.who.token, params: { requestId: request.id } })).toEqual(completed);
    expect((await ca.refusal('restoreKeyOnRequest', { token: lost.who.token, params, body: vouched(works.key, request.id, lost.encryptSerialHex, opening.spkiDer) })).problem.code).toBe('REQUEST_STATE');
    // A recovery revokes nothing.
    expect((await ca.call('getCertificate', { token: lost.who.token, params: { serialHex: lost.signSerialHex } })).state).toBe('active');
  });

  it('ok: a recovery whose tool is lost is ended by staff; a new one can be asked for, and of the old one nothing is given out', async () => {
    const { lost, works, request } = await recovery();
    await ca.call('startKeyRecovery', await startCall(lost.who, request, works.tokenSerial));
    const again = await draftRequest(ca, lost.who, { kind: 'key-recovery', certificateSerialHex: lost.signSerialHex, tokenSerial: works.tokenSerial });
    expect((await ca.refusal('submitRequest', { token: lost.who.token, params: { requestId: again.id } })).problem.code).toBe('REQUEST_OPEN_FOR_KEY');
    expect(await ca.call('cancelRequestByStaff', { token: second.token, params: { requestId: request.id }, body: { reason: '电脑已损坏' } })).toMatchObject({ state: 'cancelled', refundedFen: 0, openQuantity: 0 });
    expect((await ca.call('submitRequest', { token: lost.who.token, params: { requestId: again.id } })).state).toBe('submitted');
    const body = vouched(works.key, request.id, lost.encryptSerialHex, sm2OpeningKey().spkiDer);
    expect((await ca.refusal('restoreKeyOnRequest', { token: lost.who.token, params: { requestId: request.id, serialHex: lost.encryptSerialHex }, body })).problem.code).toBe('REQUEST_STATE');
    expect((await ca.refusal('completeKeyRecovery', { token: lost.who.token, params: { requestId: request.id } })).problem.code).toBe('REQUEST_STATE');
  });

  it('refuses: before both approvals, on another key, with another key’s signature, on a key without a valid pair', async () => {
    const { lost, works, request } = await recovery([]);
    expect((await ca.refusal('startKeyRecovery', await startCall(lost.who, request, works.tokenSerial))).problem.code).toBe('REQUEST_STATE');
    expect((await ca.refusal('getKeyRecovery', { token: lost.who.token, params: { requestId: request.id } })).problem.code).toBe('REQUEST_STATE');
    await agree(request.id, staff);
    await agree(request.id, second);
    expect((await ca.refusal('startKeyRecovery', await startCall(lost.who, request, lost.tokenSerial))).problem.code).toBe('REQUEST_OTHER_KEY');
    const held = { token: staff.token, params: { serialHex: works.signSerialHex }, body: {} };
    await ca.call('suspendCertificate', held);
    expect((await ca.refusal('startKeyRecovery', await startCall(lost.who, request, works.tokenSerial))).problem.code).toBe('CERTIFICATE_STATE');
    await ca.call('releaseCertificate', held);
    await ca.call('startKeyRecovery', await startCall(lost.who, request, works.tokenSerial));
    const opening = sm2OpeningKey();
    const refused = async (body: object) => (await ca.refusal('restoreKeyOnRequest', { token: lost.who.token, params: { requestId: request.id, serialHex: lost.encryptSerialHex }, body })).problem.code;
    expect(await refused(vouched(lost.key, request.id, lost.encryptSerialHex, opening.spkiDer))).toBe('RESTORE_PROOF');
    await ca.call('suspendCertificate', held);
    expect(await refused(vouched(works.key, request.id, lost.encryptSerialHex, opening.spkiDer))).toBe('CERTIFICATE_STATE');
  });
});
