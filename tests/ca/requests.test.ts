/** Renewal, change and reissue over real HTTP, from the draft to the new pair; and the roads that end before. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certify, COMPANY, customer, newSerial, otherThan, paidOrder, SM2_WANTED, start, type Customer } from './support/journeys.ts';
import { acceptNotice, activeSerial, approve, certificateStates, codeOf, draft, now, on, payRequest, readyRequest, startRequest, submit, twoStaff, writeRequest, writtenKey, type Staff } from './support/request-journeys.ts';
import { sm2Subscriber } from './support/sm2-subscriber.ts';
import { certificateOf, pairOf, subscriber } from './support/subscriber.ts';
import { newKey, testCa, type TestCa } from './support/test-ca.ts';

const DAY = 86_400_000;
let ca: TestCa;
let who: Customer;
let staff: [Staff, Staff];
beforeAll(async () => {
  ca = await testCa();
  who = await customer(ca);
  staff = await twoStaff(ca);
});
afterAll(() => ca.stop());

/** Time has passed and the sessions with it. */
async function logInAgain(): Promise<void> {
  who = { ...who, token: (await ca.call('createSession', { body: { loginName: who.loginName, password: 'three-blue-lanterns' } })).accessToken };
  staff = await twoStaff(ca);
}

const renewal = (certificateSerialHex: string, itemId = 'demo-renewal-organisation-1-year') => ({ kind: 'renewal' as const, certificateSerialHex, itemId });
const refusalOf = async (...call: Parameters<TestCa['refusal']>) => (await ca.refusal(...call)).problem.code;

describe('renewal', () => {
  it('ok: draft, review, payment, code, writing: the new pair goes on from the old end, the old one is revoked in the same moment', async () => {
    const old = await writtenKey(ca, who);
    const begun = await draft(ca, who, renewal(old.signSerialHex));
    expect(begun).toMatchObject({ state: 'draft', version: 1, tokenSerial: old.tokenSerial, keyPolicy: 'new-keys', years: 1, unitPriceFen: 15_000, subject: COMPANY });
    expect(await submit(ca, who, begun)).toMatchObject({ state: 'submitted' });
    const approved = await approve(ca, staff[0], begun);
    expect(approved).toMatchObject({ state: 'awaiting-payment', claimedByStaffId: staff[0].accountId });
    const paid = await payRequest(ca, who, approved);
    expect(paid.state).toBe('code-sent');
    expect(paid.history.map(({ actor, event, to }) => `${actor} ${event} ${to}`)).toEqual([
      'applicant draft draft', 'applicant submit submitted', 'staff claim in-review', 'staff approve approved', 'system ask-payment awaiting-payment', 'system pay paid', 'system send-code code-sent',
    ]);
    await acceptNotice(ca, who, paid, old);
    const key = subscriber();
    const started = await startRequest(ca, who, paid, old.tokenSerial);
    expect(started).toMatchObject({ kind: 'renewal', keyPolicy: 'new-keys', replacesCertificateSerialHex: old.signSerialHex });
    const certified = await certify(ca, who, started, key);
    expect(await certificateStates(ca, who, old.tokenSerial)).toEqual(['encrypt active', 'encrypt pending', 'sign active', 'sign pending']);
    const completed = await ca.call('completeIssuance', { token: who.token, params: { issuanceId: certified.id }, body: key.proof(certified) });
    expect(await certificateStates(ca, who, old.tokenSerial)).toEqual(['encrypt active', 'encrypt revoked superseded', 'sign active', 'sign revoked superseded']);
    const [before, after] = [pairOf(old.issuance), pairOf(completed)].map((pair) => new Date(certificateOf(pair.signCertificateDer).validTo));
    expect(after?.getUTCFullYear()).toBe((before?.getUTCFullYear() ?? 0) + 1);
    expect(after?.toISOString().slice(4)).toBe(before?.toISOString().slice(4));
    expect(await now(ca, who, begun)).toMatchObject({ state: 'completed', writtenQuantity: 1, openQuantity: 0 });
    expect((await ca.call('getOrder', { token: who.token, params: { orderId: paid.orderId ?? '' } })).state).toBe('completed');
  });

  it('ok: every step is told by SMS, and the code is called by its name', async () => {
    const mine = await customer(ca);
    const old = await writtenKey(ca, mine);
    const ready = await readyRequest(ca, mine, staff[0], renewal(old.signSerialHex));
    const { items } = await ca.call('listSandboxMessages', { query: { to: mine.phone, limit: 100 } });
    const told = items.map(({ text }) => text).filter((text) => text.includes(ready.number));
    // All in the same moment of the test's clock, so in no order.
    expect(told.map((text) => /正在等待审核|正在审核|审核已通过|请在30天内支付 ¥150\.00|更新码/.exec(text)?.[0]).sort()).toEqual(['正在等待审核', '正在审核', '审核已通过', '请在30天内支付 ¥150.00', '更新码'].sort());
  });

  it('ok: an expired certificate is renewed from the day of payment', async () => {
    const old = await writtenKey(ca, who);
    ca.advance(400 * DAY);
    await logInAgain();
    const ready = await readyRequest(ca, who, staff[0], renewal(old.signSerialHex));
    const paidAt = ca.now();
    await acceptNotice(ca, who, ready, old);
    const completed = await writeRequest(ca, who, ready, old.tokenSerial, subscriber());
    const validTo = new Date(certificateOf(pairOf(completed).signCertificateDer).validTo);
    expect(validTo.getTime()).toBe(Date.UTC(paidAt.getUTCFullYear() + 1, paidAt.getUTCMonth(), paidAt.getUTCDate(), paidAt.getUTCHours(), paidAt.getUTCMinutes(), paidAt.getUTCSeconds()) - 1000);
  });

  it('ok: same keys: new certificates over both keys, no envelope; a chain of two renewals; refuses: another key', async () => {
    const key = sm2Subscriber();
    const old = await writtenKey(ca, who, key, SM2_WANTED);
    ca.advance(340 * DAY);
    await logInAgain();
    let current = old.signSerialHex;
    const encryptKeys = new Set<string>([certificateOf(pairOf(old.issuance).encryptionCertificateDer).publicKey.export({ type: 'spki', format: 'der' }).toString('hex')]);
    for (let round = 0; round < 2; round += 1) {
      const ready = await readyRequest(ca, who, staff[0], { ...renewal(current, 'demo-sm2-renewal-organisation-1-year'), keyPolicy: 'same-keys' });
      await acceptNotice(ca, who, ready, { key, signSerialHex: current });
      const started = await startRequest(ca, who, ready, old.tokenSerial);
      expect(await refusalOf('submitCsr', { token: who.token, params: { issuanceId: started.id }, body: { csrDer: await sm2Subscriber().csr(started) } })).toBe('CSR_KEY_NOT_THE_SAME');
      const certified = await certify(ca, who, started, key);
      expect(pairOf(certified).envelopedEncryptionKey).toBeNull();
      encryptKeys.add(certificateOf(pairOf(certified).encryptionCertificateDer).publicKey.export({ type: 'spki', format: 'der' }).toString('hex'));
      const encryptKey = await key.open(pairOf(old.issuance));
      const completed = await ca.call('completeIssuance', { token: who.token, params: { issuanceId: certified.id }, body: await key.proofWith(certified, encryptKey) });
      expect(completed.state).toBe('completed');
      current = await activeSerial(ca, who, old.tokenSerial);
      ca.advance(364 * DAY);
      await logInAgain();
    }
    expect(encryptKeys.size).toBe(1);
  });

  it('refuses: outside the window of the project; says from when', async () => {
    const old = await writtenKey(ca, who, sm2Subscriber(), SM2_WANTED);
    const begun = await draft(ca, who, renewal(old.signSerialHex, 'demo-sm2-renewal-organisation-1-year'));
    const { problem } = await ca.refusal('submitRequest', { token: who.token, ...on(begun) });
    expect(problem.code).toBe('REQUEST_NOT_IN_WINDOW');
    const notAfter = new Date(begun.certificateNotAfterUtc ?? '').getTime();
    expect(problem.details['fromUtc']).toBe(new Date(notAfter - 30 * DAY).toISOString());
    ca.advance(notAfter - 30 * DAY - ca.now().getTime() - 1);
    await logInAgain();
    expect(await refusalOf('submitRequest', { token: who.token, ...on(begun) })).toBe('REQUEST_STATE');
    const again = await draft(ca, who, renewal(old.signSerialHex, 'demo-sm2-renewal-organisation-1-year'));
    expect(await refusalOf('submitRequest', { token: who.token, ...on(again) })).toBe('REQUEST_NOT_IN_WINDOW');
    ca.advance(1);
    expect((await submit(ca, who, again)).state).toBe('submitted');
  });

  it('refuses: more years than the profile allows; an item of another kind; a policy that the project decides itself', async () => {
    const mine = await customer(ca);
    const old = await writtenKey(ca, mine);
    const once = await readyRequest(ca, mine, staff[0], renewal(old.signSerialHex, 'demo-renewal-organisation-3-years'));
    await acceptNotice(ca, mine, once, old);
    await writeRequest(ca, mine, once, old.tokenSerial, subscriber());
    const more = await draft(ca, mine, renewal(await activeSerial(ca, mine, old.tokenSerial), 'demo-renewal-organisation-3-years'));
    expect(await refusalOf('submitRequest', { token: mine.token, ...on(more) })).toBe('REQUEST_VALIDITY_TOO_LONG');
    const begin = (body: object) => refusalOf('createRequest', { token: mine.token, idempotencyKey: newKey(), body: { ...renewal(more.certificateSerialHex ?? ''), ...body } });
    expect(await begin({ itemId: 'demo-organisation-1-year' })).toBe('ORDER_ITEM_UNKNOWN');
    expect(await begin({ itemId: 'demo-renewal-person-1-year' })).toBe('ORDER_ITEM_UNKNOWN');
    expect(await begin({ keyPolicy: 'same-keys' })).toBe('REQUEST_FIELD_NOT_FOR_KIND');
    expect(await begin({ subject: COMPANY })).toBe('REQUEST_FIELD_NOT_FOR_KIND');
    expect(await begin({ tokenSerial: newSerial() })).toBe('REQUEST_OTHER_KEY');
    expect(await begin({ projectId: 'demo-zhejiang-land-rsa' })).toBe('REQUEST_FIELD_NOT_FOR_KIND');
  });
});

describe('writing', () => {
  it('refuses: another key, an unread notice, a wrong code, a code of another request', async () => {
    const mine = await customer(ca);
    const [one, two] = [await writtenKey(ca, mine), await writtenKey(ca, mine)];
    const ready = await readyRequest(ca, mine, staff[0], renewal(one.signSerialHex));
    const other = await readyRequest(ca, mine, staff[0], renewal(two.signSerialHex));
    const code = await codeOf(ca, mine, ready);
    const begin = (changes: object) => refusalOf('startIssuance', { token: mine.token, idempotencyKey: newKey(), body: { requestId: ready.id, authorizationCode: code, tokenSerial: one.tokenSerial, tokenModelId: 'softhsm2', ...changes } });
    expect(await begin({ tokenSerial: two.tokenSerial })).toBe('REQUEST_OTHER_KEY');
    expect(await begin({})).toBe('REQUEST_RISK_NOTICE');
    await acceptNotice(ca, mine, ready, one);
    expect(await begin({ authorizationCode: otherThan(code) })).toBe('CODE_WRONG');
    const codeOfOther = await codeOf(ca, mine, other);
    if (codeOfOther !== code) expect(await begin({ authorizationCode: codeOfOther })).toBe('CODE_WRONG');
    expect((await writeRequest(ca, mine, ready, one.tokenSerial, subscriber())).state).toBe('completed');
    expect(await begin({})).toBe('CODE_USED_FOR_KEY');
  });

  it('refuses: a risk notice signed by another key, for another certificate, or over another request', async () => {
    const mine = await customer(ca);
    const [one, two] = [await writtenKey(ca, mine), await writtenKey(ca, mine)];
    const request = await draft(ca, mine, renewal(one.signSerialHex));
    const signed = (key: { sign(message: Uint8Array): Buffer }, text: string) => key.sign(Buffer.from(text, 'utf8')).toString('base64');
    const right = `BidKey risk notice v1\0${request.id}\x00v1`;
    const accept = (certificateSerialHex: string, signature: string) => refusalOf('acceptRiskNotice', { token: mine.token, ...on(request), body: { noticeVersion: 'v1', certificateSerialHex, signature } });
    expect(await accept(one.signSerialHex, signed(two.key, right))).toBe('REQUEST_SIGNATURE');
    expect(await accept(two.signSerialHex, signed(two.key, right))).toBe('REQUEST_SIGNATURE');
    expect(await accept(one.signSerialHex, signed(one.key, `BidKey risk notice v1\0${newKey()}\x00v1`))).toBe('REQUEST_SIGNATURE');
    expect(await accept(one.signSerialHex, signed(one.key, `BidKey risk notice v1\0${request.id}\x00v2`))).toBe('REQUEST_SIGNATURE');
    expect((await ca.call('acceptRiskNotice', { token: mine.token, ...on(request), body: { noticeVersion: 'v1', certificateSerialHex: one.signSerialHex, signature: signed(one.key, right) } })).riskNoticeAcceptedAtUtc).not.toBeNull();
  });

  it('ok: a renewal that is given up leaves the old pair as it is, and can be written again with the same code', async () => {
    const mine = await customer(ca);
    const old = await writtenKey(ca, mine);
    const ready = await readyRequest(ca, mine, staff[0], renewal(old.signSerialHex));
    await acceptNotice(ca, mine, ready, old);
    const certified = await certify(ca, mine, await startRequest(ca, mine, ready, old.tokenSerial), subscriber());
    await ca.call('cancelIssuance', { token: mine.token, params: { issuanceId: certified.id } });
    expect(await certificateStates(ca, mine, old.tokenSerial)).toEqual(['encrypt active', 'encrypt revoked cessationOfOperation', 'sign active', 'sign revoked cessationOfOperation']);
    expect((await now(ca, mine, ready)).state).toBe('code-sent');
    expect((await writeRequest(ca, mine, ready, old.tokenSerial, subscriber())).state).toBe('completed');
    expect((await certificateStates(ca, mine, old.tokenSerial)).filter((state) => state.includes('active'))).toEqual(['encrypt active', 'sign active']);
  });

  it('refuses: completion of a renewal whose old pair was revoked meanwhile; the money comes back', async () => {
    const mine = await customer(ca);
    const old = await writtenKey(ca, mine);
    const ready = await readyRequest(ca, mine, staff[0], renewal(old.signSerialHex));
    await acceptNotice(ca, mine, ready, old);
    const key = subscriber();
    const certified = await certify(ca, mine, await startRequest(ca, mine, ready, old.tokenSerial), key);
    await ca.call('revokeCertificate', { token: staff[0].token, params: { serialHex: old.signSerialHex }, body: { reason: 'keyCompromise' } });
    expect(await refusalOf('completeIssuance', { token: mine.token, params: { issuanceId: certified.id }, body: key.proof(certified) })).toBe('REQUEST_CERTIFICATE_STATE');
    await ca.call('cancelIssuance', { token: mine.token, params: { issuanceId: certified.id } });
    expect(await refusalOf('startIssuance', { token: mine.token, idempotencyKey: newKey(), body: { requestId: ready.id, authorizationCode: await codeOf(ca, mine, ready), tokenSerial: old.tokenSerial, tokenModelId: 'softhsm2' } })).toBe('REQUEST_CERTIFICATE_STATE');
    expect(await ca.call('cancelRequest', { token: mine.token, idempotencyKey: newKey(), ...on(ready) })).toMatchObject({ state: 'cancelled', refundedFen: 15_000 });
  });

  it('refuses: completion of a renewal whose old pair was reported as lost meanwhile; ok: after its release', async () => {
    const mine = await customer(ca);
    const old = await writtenKey(ca, mine);
    const ready = await readyRequest(ca, mine, staff[0], renewal(old.signSerialHex));
    await acceptNotice(ca, mine, ready, old);
    const key = subscriber();
    const certified = await certify(ca, mine, await startRequest(ca, mine, ready, old.tokenSerial), key);
    const complete = { token: mine.token, params: { issuanceId: certified.id }, body: key.proof(certified) };
    await ca.call('suspendCertificate', { token: staff[0].token, params: { serialHex: old.signSerialHex }, body: {} });
    expect(await refusalOf('completeIssuance', complete)).toBe('REQUEST_CERTIFICATE_STATE');
    await ca.call('releaseCertificate', { token: staff[0].token, params: { serialHex: old.signSerialHex }, body: {} });
    expect((await ca.call('completeIssuance', complete)).state).toBe('completed');
  });

  it('refuses: a new issue on a key that has a valid pair of the project', async () => {
    const mine = await customer(ca);
    const old = await writtenKey(ca, mine);
    const { paidOrder, startBody } = await import('./support/journeys.ts');
    expect(await refusalOf('startIssuance', { token: mine.token, idempotencyKey: newKey(), body: startBody(await paidOrder(ca, mine), old.tokenSerial) })).toBe('ISSUANCE_KEY_HAS_PAIR');
  });
});

describe('reissue', () => {
  it('ok: the old pair stays until the new key works, then it is revoked for the reason given', async () => {
    const mine = await customer(ca);
    const old = await writtenKey(ca, mine);
    const ready = await readyRequest(ca, mine, staff[0], { kind: 'reissue', certificateSerialHex: old.signSerialHex, revocationReason: 'keyCompromise' });
    expect(ready).toMatchObject({ state: 'code-sent', oldKeyHandling: 'hold-until-new-works', unitPriceFen: 10_000 });
    expect(await certificateStates(ca, mine, old.tokenSerial)).toEqual(['encrypt active', 'sign active']);
    expect(await refusalOf('startIssuance', { token: mine.token, idempotencyKey: newKey(), body: { requestId: ready.id, authorizationCode: await codeOf(ca, mine, ready), tokenSerial: old.tokenSerial, tokenModelId: 'softhsm2' } })).toBe('REQUEST_OTHER_KEY');
    const fresh = newSerial();
    const completed = await writeRequest(ca, mine, ready, fresh, subscriber());
    expect(await certificateStates(ca, mine, old.tokenSerial)).toEqual(['encrypt revoked keyCompromise', 'sign revoked keyCompromise']);
    expect(await certificateStates(ca, mine, fresh)).toEqual(['encrypt active', 'sign active']);
    // Without years the end stays.
    expect(certificateOf(pairOf(completed).signCertificateDer).validTo).toBe(certificateOf(pairOf(old.issuance).signCertificateDer).validTo);
  });

  it('ok: revoked at once when approved; the old encryption keys are offered after two agreements; refuses: a second reissue of the same pair', async () => {
    const mine = await customer(ca);
    const old = await writtenKey(ca, mine);
    const body = { kind: 'reissue' as const, certificateSerialHex: old.signSerialHex, revocationReason: 'keyCompromise' as const, oldKeyHandling: 'revoke-at-once' as const };
    const ready = await readyRequest(ca, mine, staff[0], body);
    expect(await certificateStates(ca, mine, old.tokenSerial)).toEqual(['encrypt revoked keyCompromise', 'sign revoked keyCompromise']);
    const fresh = newSerial();
    const started = await startRequest(ca, mine, ready, fresh);
    const key = subscriber();
    expect(pairOf(await certify(ca, mine, started, key)).restorableKeys).toEqual([]);
    for (const { token } of staff) await ca.call('approveRecovery', { token, ...on(ready) });
    expect(await refusalOf('approveRecovery', { token: staff[1].token, ...on(ready) })).toBe('RECOVERY_APPROVED_ALREADY');
    const offered = await ca.call('getIssuance', { token: mine.token, params: { issuanceId: started.id } });
    expect(pairOf(offered).restorableKeys.map(({ certificateDer }) => certificateDer)).toEqual([pairOf(old.issuance).encryptionCertificateDer]);
    await ca.call('completeIssuance', { token: mine.token, params: { issuanceId: started.id }, body: key.proof(offered) });
    const again = await draft(ca, mine, body);
    const { problem } = await ca.refusal('submitRequest', { token: mine.token, ...on(again) });
    expect([problem.code, problem.details['state']]).toEqual(['REQUEST_CERTIFICATE_STATE', 'replaced']);
  });

  it('refuses: certificates of a writing that was given up, whose money goes back', async () => {
    const mine = await customer(ca);
    const tokenSerial = newSerial();
    const given = await certify(ca, mine, await start(ca, mine, await paidOrder(ca, mine, 1), tokenSerial), subscriber());
    await ca.call('cancelIssuance', { token: mine.token, params: { issuanceId: given.id } });
    const { items } = await ca.call('searchCertificates', { token: mine.token, query: { tokenSerial } });
    for (const { serialHex } of items) {
      const { problem } = await ca.refusal('createRequest', { token: mine.token, idempotencyKey: newKey(), body: { kind: 'reissue', certificateSerialHex: serialHex, revocationReason: 'superseded' } });
      expect([problem.code, problem.details['state']]).toEqual(['REQUEST_CERTIFICATE_STATE', 'never-active']);
    }
    expect(items).toHaveLength(2);
  });
});
