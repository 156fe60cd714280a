/** Drafts, materials, review, withdrawal, cancellation with refund, expiry: requests over real HTTP before anything is written. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Request } from '#shared/contract/rest/requests.ts';
import { expireMaterials, sweepMaterials } from '../../src-ca/requests/materials.ts';
import { maintain } from '../../src-ca/maintenance.ts';
import { certify, COMPANY, customer, newSerial, order, paidOrder, PASSWORD, start, type Customer } from './support/journeys.ts';
import { auditOf } from './support/key-holders.ts';
import { approve, certificateStates, codeOf, draft, now, on, payRequest, submit, twoStaff, writtenKey, type Staff, type WrittenKey } from './support/request-journeys.ts';
import { subscriber } from './support/subscriber.ts';
import { newKey, testCa, type TestCa } from './support/test-ca.ts';

const DAY = 86_400_000;
let ca: TestCa;
let who: Customer;
let key: WrittenKey;
let staff: [Staff, Staff];
beforeAll(async () => {
  ca = await testCa();
  who = await customer(ca);
  staff = await twoStaff(ca);
  key = await writtenKey(ca, who);
});
afterAll(() => ca.stop());

const refusalOf = async (...call: Parameters<TestCa['refusal']>) => (await ca.refusal(...call)).problem.code;
const renewal = () => draft(ca, who, { kind: 'renewal', certificateSerialHex: key.signSerialHex, itemId: 'demo-renewal-organisation-1-year' });
const PDF = Buffer.from('%PDF-1.7\nscan of a stamped form');
const upload = (materialKindId: string, changes: object = {}) => ({ materialKindId, fileName: '申请单.pdf', mediaType: 'application/pdf', content: PDF.toString('base64'), ...changes });
const addMaterial = (request: Request, body: object, token = who.token) => ({ token, idempotencyKey: newKey(), ...on(request), body });
const end = async (request: Request) => {
  const { state } = await now(ca, who, request);
  if (['draft', 'submitted', 'rejected'].includes(state)) await ca.call('withdrawRequest', { token: who.token, ...on(request) });
  else if (['awaiting-payment', 'code-sent'].includes(state)) await ca.call('cancelRequest', { token: who.token, idempotencyKey: newKey(), ...on(request) });
};

describe('drafts', () => {
  it('ok: a change is drafted bit by bit, with its materials, and submitted when it is whole', async () => {
    const begun = await draft(ca, who, { kind: 'change', certificateSerialHex: key.signSerialHex });
    expect(begun).toMatchObject({ subject: COMPANY, changeKindId: null, itemId: 'demo-change-organisation' });
    const missing = await ca.refusal('submitRequest', { token: who.token, ...on(begun) });
    expect([missing.problem.code, missing.problem.details['fields']]).toEqual(['REQUEST_INCOMPLETE', ['changeKindId']]);
    const update = (version: number, body: object) => ({ token: who.token, ...on(begun), body: { version, ...body } });
    const chosen = await ca.call('updateRequest', update(1, { changeKindId: 'handler-or-place' }));
    const same = await ca.refusal('submitRequest', { token: who.token, ...on(begun) });
    expect([same.problem.code, same.problem.details['fields']]).toEqual(['REQUEST_INCOMPLETE', ['subject']]);
    expect(await refusalOf('updateRequest', update(1, { subject: COMPANY }))).toBe('REQUEST_VERSION');
    expect(await refusalOf('updateRequest', update(chosen.version, { subject: { ...COMPANY, commonName: '另一家公司' } }))).toBe('REQUEST_FIELD_NOT_CHANGEABLE');
    expect(await refusalOf('updateRequest', update(chosen.version, { oldKeyHandling: 'revoke-at-once' }))).toBe('REQUEST_FIELD_NOT_FOR_KIND');
    await ca.call('updateRequest', update(chosen.version, { subject: { ...COMPANY, handlerName: '李四' } }));
    const short = await ca.refusal('submitRequest', { token: who.token, ...on(begun) });
    expect([short.problem.code, short.problem.details['materials']]).toEqual(['REQUEST_MATERIALS_MISSING', ['application-form', 'handler-identity']]);
    await ca.call('addMaterial', addMaterial(begun, upload('application-form')));
    const whole = await ca.call('addMaterial', addMaterial(begun, upload('handler-identity')));
    expect(whole.materials.map(({ sha256Hex }) => sha256Hex)).toEqual([1, 2].map(() => createHash('sha256').update(PDF).digest('hex')));
    expect((await submit(ca, who, begun)).state).toBe('submitted');
    await end(begun);
  });

  it('refuses: fields that the kind does not know, a certificate of somebody else, one that is not there', async () => {
    const begin = (body: object, token = who.token) => refusalOf('createRequest', { token, idempotencyKey: newKey(), body });
    expect(await begin({ kind: 'renewal' })).toBe('REQUEST_INCOMPLETE');
    expect(await begin({ kind: 'new-issue' })).toBe('REQUEST_INCOMPLETE');
    expect(await begin({ kind: 'unlock', certificateSerialHex: 'ff' })).toBe('NOT_FOUND');
    expect(await begin({ kind: 'unlock', tokenSerial: newSerial() })).toBe('NOT_FOUND');
    expect(await begin({ kind: 'suspension', certificateSerialHex: key.signSerialHex, revocationReason: 'superseded' })).toBe('REQUEST_FIELD_NOT_FOR_KIND');
    expect(await begin({ kind: 'revocation', certificateSerialHex: key.signSerialHex, revocationReason: 'cACompromise' })).toBe('INPUT_INVALID');
    expect(await begin({ kind: 'release', certificateSerialHex: key.signSerialHex })).toBe('REQUEST_CERTIFICATE_STATE');
    expect(await begin({ kind: 'renewal', certificateSerialHex: key.signSerialHex, state: 'completed' })).toBe('INPUT_INVALID');
    const other = await customer(ca);
    expect(await begin({ kind: 'renewal', certificateSerialHex: key.signSerialHex }, other.token)).toBe('NOT_FOUND');
  });

  it('refuses: another account’s request in every way, as if it did not exist', async () => {
    const mine = await renewal();
    const other = await customer(ca);
    const call = { token: other.token, idempotencyKey: newKey(), ...on(mine) };
    for (const name of ['getRequest', 'submitRequest', 'withdrawRequest', 'cancelRequest', 'resendAuthorizationCode'] as const) expect((await ca.refusal(name, call)).status, name).toBe(404);
    expect((await ca.refusal('updateRequest', { ...call, body: { version: 1 } })).status).toBe(404);
    expect((await ca.refusal('addMaterial', { ...call, body: upload('other-proof') })).status).toBe(404);
    expect((await ca.refusal('acceptRiskNotice', { ...call, body: { noticeVersion: 'v1', certificateSerialHex: key.signSerialHex, signature: 'AAAA' } })).status).toBe(404);
    for (const name of ['claimRequest', 'approveRequest', 'rejectRequest', 'releaseRequestClaim', 'approveRecovery', 'getReviewRequest', 'cancelRequestByStaff'] as const) expect((await ca.refusal(name, { ...call, body: name === 'rejectRequest' || name === 'cancelRequestByStaff' ? { reason: 'no' } : undefined })).status, name).toBe(403);
    expect((await ca.refusal('listReviewRequests', { token: other.token, query: { state: 'submitted' } })).status).toBe(403);
    await end(mine);
  });

  it('ok: a request of mine by kind, state and key; page by page', async () => {
    const mine = await customer(ca);
    const written = await writtenKey(ca, mine);
    const made: string[] = [];
    for (let n = 0; n < 3; n += 1) made.unshift((await draft(ca, mine, { kind: 'unlock', tokenSerial: written.tokenSerial })).id);
    const query = { kind: 'unlock', state: 'draft', tokenSerial: written.tokenSerial, limit: 2 };
    const first = await ca.call('listRequests', { token: mine.token, query });
    const second = await ca.call('listRequests', { token: mine.token, query: { ...query, after: first.next ?? '' } });
    expect([...first.items, ...second.items].map(({ id }) => id).sort()).toEqual([...made].sort());
    expect(second.next).toBeNull();
    expect(await refusalOf('listRequests', { token: mine.token, query: { ...query, kind: 'change', after: first.next ?? '' } })).toBe('CURSOR_INVALID');
    expect((await ca.call('listRequests', { token: mine.token, query: { kind: 'new-issue' } })).items.map(({ state }) => state)).toEqual(['completed']);
  });
});

describe('materials', () => {
  it('ok: are sealed on the disk, and come back whole to the applicant and to staff', async () => {
    const request = await draft(ca, who, { kind: 'change', certificateSerialHex: key.signSerialHex, changeKindId: 'handler-or-place' });
    const scan = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('营业执照'.repeat(1000))]);
    const { materials } = await ca.call('addMaterial', addMaterial(request, upload('application-form', { mediaType: 'image/png', fileName: '扫描.png', content: scan.toString('base64') })));
    const params = { requestId: request.id, materialId: materials[0]?.id ?? '' };
    for (const token of [who.token, staff[0].token]) expect(Buffer.from((await ca.call('getMaterial', { token, params })).content, 'base64').equals(scan)).toBe(true);
    const other = await customer(ca);
    expect((await ca.refusal('getMaterial', { token: other.token, params })).status).toBe(404);
    const folder = join(ca.dataFolder, 'materials');
    for (const name of await readdir(folder)) expect((await readFile(join(folder, name))).includes(Buffer.from('营业执照'))).toBe(false);
    await ca.call('removeMaterial', { token: who.token, params });
    expect((await ca.refusal('getMaterial', { token: who.token, params })).status).toBe(404);
    expect((await readdir(folder)).some((name) => name.startsWith(params.materialId))).toBe(false);
    await end(request);
  });

  it('refuses: a file that is not what it says, is too large, is no base64, has a path for a name, or is on no list', async () => {
    const request = await draft(ca, who, { kind: 'change', certificateSerialHex: key.signSerialHex, changeKindId: 'handler-or-place' });
    const add = (changes: object, kind = 'application-form') => refusalOf('addMaterial', addMaterial(request, upload(kind, changes)));
    expect(await add({ mediaType: 'image/png' })).toBe('MATERIAL_TYPE');
    expect(await add({ content: Buffer.from('<html>').toString('base64') })).toBe('MATERIAL_TYPE');
    expect(await add({ mediaType: 'text/html' })).toBe('INPUT_INVALID');
    expect(await add({ content: '***' })).toBe('INPUT_INVALID');
    expect(await add({ content: PDF.toString('base64').replace(/=*$/, '') })).toBe('INPUT_INVALID');
    expect(await add({ fileName: '../../etc/passwd' })).toBe('INPUT_INVALID');
    expect(await add({ fileName: 'a\u0000.pdf' })).toBe('INPUT_INVALID');
    expect(await add({}, 'business-licence')).toBe('MATERIAL_KIND_UNKNOWN');
    const large = Buffer.concat([PDF, Buffer.alloc(4 * 1024 * 1024 - PDF.length)]);
    expect(await add({ content: Buffer.concat([large, Buffer.alloc(2)]).toString('base64') })).toBe('MATERIAL_TOO_LARGE');
    expect(await add({ content: Buffer.alloc(6 * 1024 * 1024).toString('base64') })).toBe('INPUT_TOO_LARGE');
    expect((await ca.call('addMaterial', addMaterial(request, upload('application-form', { content: large.toString('base64') })))).materials[0]?.bytes).toBe(large.length);
    await end(request);
    expect(await add({})).toBe('REQUEST_STATE');
  });

  it('ok: the same upload again is one material and one file', async () => {
    const request = await draft(ca, who, { kind: 'change', certificateSerialHex: key.signSerialHex, changeKindId: 'handler-or-place' });
    const call = addMaterial(request, upload('application-form'));
    const first = await ca.call('addMaterial', call);
    const files = () => readdir(join(ca.dataFolder, 'materials'));
    const before = await files();
    expect(before.some((name) => name.startsWith(first.materials[0]?.id ?? '?'))).toBe(true);
    for (let n = 0; n < 3; n += 1) expect(await ca.call('addMaterial', call)).toEqual(first);
    expect(await refusalOf('addMaterial', { ...call, body: upload('other-proof') })).toBe('IDEMPOTENCY_KEY_REUSED');
    expect((await now(ca, who, request)).materials).toHaveLength(1);
    // Nor do repetitions leave files.
    expect(await files()).toEqual(before);
    await end(request);
  });
});

describe('review', () => {
  it('ok: rejected with a reason, changed, submitted again, approved', async () => {
    const request = await submit(ca, who, await renewal());
    await ca.call('claimRequest', { token: staff[0].token, ...on(request) });
    const rejected = await ca.call('rejectRequest', { token: staff[0].token, ...on(request), body: { reason: '请选择两年' } });
    expect(rejected).toMatchObject({ state: 'rejected', rejectionReason: '请选择两年', claimedByStaffId: null });
    const { items } = await ca.call('listSandboxMessages', { query: { to: who.phone, limit: 100 } });
    expect(items.some(({ text }) => text.includes(request.number) && text.includes('原因：请选择两年'))).toBe(true);
    await ca.call('updateRequest', { token: who.token, ...on(request), body: { version: rejected.version, itemId: 'demo-renewal-organisation-2-years' } });
    const again = await submit(ca, who, request);
    expect(again).toMatchObject({ state: 'submitted', rejectionReason: null, unitPriceFen: 28_000 });
    expect((await approve(ca, staff[1], request)).state).toBe('awaiting-payment');
    await end(request);
  });

  it('refuses: two staff at once – one has it; the other neither approves, rejects nor releases it, until a day has passed', async () => {
    const request = await submit(ca, who, await renewal());
    const claim = ({ token }: Staff) => ca.raw(`/v1/requests/${request.id}/claim`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
    const answers = await Promise.all(staff.flatMap((one) => [claim(one), claim(one)]));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    const claimed = await now(ca, who, request);
    const [holder, other] = claimed.claimedByStaffId === staff[0].accountId ? staff : [staff[1], staff[0]];
    for (const name of ['approveRequest', 'releaseRequestClaim', 'claimRequest'] as const) expect(await refusalOf(name, { token: other.token, ...on(request) })).toBe('REQUEST_CLAIMED');
    expect(await refusalOf('rejectRequest', { token: other.token, ...on(request), body: { reason: 'not mine' } })).toBe('REQUEST_CLAIMED');
    expect((await ca.call('releaseRequestClaim', { token: holder.token, ...on(request) })).state).toBe('submitted');
    for (const name of ['approveRequest', 'releaseRequestClaim'] as const) expect(await refusalOf(name, { token: holder.token, ...on(request) })).toBe('REQUEST_STATE');
    await end(request);
  });

  it('refuses: a review of one’s own request', async () => {
    const asStaff: Customer = { ...who, token: staff[0].token, accountId: staff[0].accountId };
    const own = await draft(ca, asStaff, { kind: 'new-issue', projectId: 'demo-zhejiang-land-rsa', itemId: 'demo-organisation-1-year', subject: COMPANY });
    await submit(ca, asStaff, own);
    expect(await refusalOf('claimRequest', { token: staff[0].token, ...on(own) })).toBe('REQUEST_OWN_REVIEW');
    await ca.call('claimRequest', { token: staff[1].token, ...on(own) });
    for (const name of ['approveRequest', 'approveRecovery'] as const) expect(await refusalOf(name, { token: staff[0].token, ...on(own) })).toBe('REQUEST_OWN_REVIEW');
    expect(await refusalOf('rejectRequest', { token: staff[0].token, ...on(own), body: { reason: 'mine' } })).toBe('REQUEST_OWN_REVIEW');
    const approved = await ca.call('approveRequest', { token: staff[1].token, ...on(own) });
    expect((await payRequest(ca, asStaff, approved)).state).toBe('code-sent');
  });

  it('refuses: a second renewal, change or reissue for a key while one is under way, also at the same time; a draft does not count', async () => {
    const [one, two] = [await renewal(), await renewal()];
    const sent = await Promise.all([one, two].map((request) => ca.raw(`/v1/requests/${request.id}/submission`, { method: 'POST', headers: { authorization: `Bearer ${who.token}` } })));
    expect(sent.map(({ status }) => status).sort()).toEqual([200, 409]);
    const [open, waiting] = (await now(ca, who, one)).state === 'submitted' ? [one, two] : [two, one];
    const { problem } = await ca.refusal('submitRequest', { token: who.token, ...on(waiting) });
    expect([problem.code, problem.details['requestId']]).toEqual(['REQUEST_OPEN_FOR_KEY', open.id]);
    const reissue = await draft(ca, who, { kind: 'reissue', certificateSerialHex: key.signSerialHex, revocationReason: 'superseded' });
    expect(await refusalOf('submitRequest', { token: who.token, ...on(reissue) })).toBe('REQUEST_OPEN_FOR_KEY');
    // The owner may have locked the PIN meanwhile.
    const unlock = await submit(ca, who, await draft(ca, who, { kind: 'unlock', tokenSerial: key.tokenSerial }));
    expect(unlock.state).toBe('submitted');
    await end(open);
    expect((await submit(ca, who, waiting)).state).toBe('submitted');
    for (const request of [waiting, reissue, unlock]) await end(request);
  });

  it('refuses: approval when the certificate was revoked meanwhile', async () => {
    const mine = await customer(ca);
    const written = await writtenKey(ca, mine);
    const request = await submit(ca, mine, await draft(ca, mine, { kind: 'renewal', certificateSerialHex: written.signSerialHex, itemId: 'demo-renewal-organisation-1-year' }));
    await ca.call('claimRequest', { token: staff[0].token, ...on(request) });
    await ca.call('revokeCertificate', { token: staff[0].token, params: { serialHex: written.signSerialHex }, body: { reason: 'keyCompromise' } });
    expect(await refusalOf('approveRequest', { token: staff[0].token, ...on(request) })).toBe('REQUEST_CERTIFICATE_STATE');
    expect((await ca.call('rejectRequest', { token: staff[0].token, ...on(request), body: { reason: '证书已吊销' } })).state).toBe('rejected');
  });

  it('ok: an unlock without a price goes from approval to its code; the reviewers’ list says whose it is', async () => {
    const mine = await customer(ca);
    const written = await writtenKey(ca, mine);
    const request = await submit(ca, mine, await draft(ca, mine, { kind: 'unlock', tokenSerial: written.tokenSerial }));
    const { items } = await ca.call('listReviewRequests', { token: staff[0].token, query: { state: 'submitted', kind: 'unlock', limit: 100 } });
    expect(items.find(({ request: { id } }) => id === request.id)?.applicant).toMatchObject({ accountId: mine.accountId, phone: `${mine.phone.slice(0, 3)}****${mine.phone.slice(-4)}` });
    expect((await approve(ca, staff[0], request)).state).toBe('code-sent');
    expect(await codeOf(ca, mine, request)).toMatch(/^\d{6}$/);
    // A code of an unlock is no code for an issuance.
    expect(await refusalOf('startIssuance', { token: mine.token, idempotencyKey: newKey(), body: { requestId: request.id, authorizationCode: await codeOf(ca, mine, request), tokenSerial: written.tokenSerial, tokenModelId: 'softhsm2' } })).toBe('REQUEST_STATE');
  });

  it('ok: a key recovery waits for two agreements of staff, in whatever order they come', async () => {
    const mine = await customer(ca);
    const written = await writtenKey(ca, mine);
    const request = await submit(ca, mine, await draft(ca, mine, { kind: 'key-recovery', certificateSerialHex: written.signSerialHex, tokenSerial: written.tokenSerial }));
    expect(await refusalOf('approveRecovery', { token: staff[0].token, ...on(request) })).toBe('REQUEST_STATE');
    await ca.call('claimRequest', { token: staff[0].token, ...on(request) });
    expect((await ca.call('approveRecovery', { token: staff[1].token, ...on(request) })).recoveryApprovals).toBe(1);
    expect((await ca.call('approveRequest', { token: staff[0].token, ...on(request) })).state).toBe('approved');
    expect(await refusalOf('approveRecovery', { token: staff[1].token, ...on(request) })).toBe('RECOVERY_APPROVED_ALREADY');
    expect(await ca.call('approveRecovery', { token: staff[0].token, ...on(request) })).toMatchObject({ state: 'code-sent', recoveryApprovals: 2 });
  });
});

describe('money back', () => {
  const paymentsOf = async (orderNumber: string) => (await ca.call('listSandboxPayments')).items.filter((payment) => payment.orderNumber === orderNumber);

  it('ok: a paid renewal that is given up is paid back once; the code is worth nothing, the key is free for another request', async () => {
    const request = await payRequest(ca, who, await approve(ca, staff[0], await submit(ca, who, await renewal())));
    const call = { token: who.token, idempotencyKey: newKey(), ...on(request) };
    const cancelled = await ca.call('cancelRequest', call);
    expect(cancelled).toMatchObject({ state: 'cancelled', refundedFen: 15_000 });
    expect(await ca.call('cancelRequest', call)).toEqual(cancelled);
    expect(await refusalOf('cancelRequest', { ...call, idempotencyKey: newKey() })).toBe('REQUEST_STATE');
    expect((await paymentsOf(request.orderNumber ?? '')).map(({ state, refundedFen }) => [state, refundedFen])).toEqual([['paid', 15_000]]);
    expect((await ca.call('getOrder', { token: who.token, params: { orderId: request.orderId ?? '' } })).state).toBe('cancelled');
    expect(await refusalOf('startIssuance', { token: who.token, idempotencyKey: newKey(), body: { requestId: request.id, authorizationCode: '000000', tokenSerial: key.tokenSerial, tokenModelId: 'softhsm2' } })).toBe('REQUEST_STATE');
    await end(await submit(ca, who, await renewal()));
  });

  it('ok: of three keys one is written: the other two are paid back, the order is completed; refuses: while one is being written', async () => {
    const mine = await customer(ca);
    const paid = await paidOrder(ca, mine, 3);
    const request = { id: paid.lineId };
    const writing = await certify(ca, mine, await start(ca, mine, paid, newSerial()), subscriber());
    const cancel = () => ({ token: mine.token, idempotencyKey: newKey(), ...on(request) });
    expect(await refusalOf('cancelRequest', cancel())).toBe('REQUEST_STATE');
    await ca.call('cancelIssuance', { token: mine.token, params: { issuanceId: writing.id } });
    const written = subscriber();
    const certified = await certify(ca, mine, await start(ca, mine, paid, newSerial()), written);
    await ca.call('completeIssuance', { token: mine.token, params: { issuanceId: certified.id }, body: written.proof(certified) });
    expect(await ca.call('cancelRequest', cancel())).toMatchObject({ state: 'completed', refundedFen: 40_000, writtenQuantity: 1, remainingQuantity: 2 });
    expect((await ca.call('getOrder', { token: mine.token, params: { orderId: paid.order.id } })).state).toBe('completed');
    expect(await refusalOf('startIssuance', { token: mine.token, idempotencyKey: newKey(), body: { requestId: request.id, authorizationCode: paid.code, tokenSerial: newSerial(), tokenModelId: 'softhsm2' } })).toBe('REQUEST_STATE');
  });

  it('ok: giving up before the payment ends the order and its open payment; money that comes all the same goes back', async () => {
    const request = await approve(ca, staff[0], await submit(ca, who, await renewal()));
    const { paymentId } = await ca.call('startPayment', { token: who.token, idempotencyKey: newKey(), params: { orderId: request.orderId ?? '' } });
    expect(await ca.call('cancelRequest', { token: who.token, idempotencyKey: newKey(), ...on(request) })).toMatchObject({ state: 'cancelled', refundedFen: 0 });
    expect(await refusalOf('decideSandboxPayment', { params: { paymentId }, body: { decision: 'refuse' } })).toBe('PAYMENT_STATE');
    expect(await ca.call('decideSandboxPayment', { params: { paymentId }, body: { decision: 'pay' } })).toMatchObject({ state: 'returned', refundedFen: 15_000 });
    expect(await now(ca, who, request)).toMatchObject({ state: 'cancelled', refundedFen: 15_000 });
  });

  it('ok: cancellation and the begin of writing at once: one of them holds', async () => {
    const mine = await customer(ca);
    const paid = await paidOrder(ca, mine, 1);
    const post = (path: string, body?: object) => ca.raw(path, { method: 'POST', headers: { authorization: `Bearer ${mine.token}`, 'idempotency-key': newKey(), ...(body ? { 'content-type': 'application/json' } : {}) }, ...(body ? { body: JSON.stringify(body) } : {}) });
    const answers = await Promise.all([post(`/v1/requests/${paid.lineId}/cancellation`), post('/v1/issuances', { requestId: paid.lineId, authorizationCode: paid.code, tokenSerial: newSerial(), tokenModelId: 'softhsm2' })]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    const after = await ca.call('getRequest', { token: mine.token, ...on({ id: paid.lineId }) });
    expect([`cancelled 20000 0`, 'writing 0 1']).toContain(`${after.state} ${after.refundedFen} ${after.openQuantity}`);
  });
});

describe('the clock', () => {
  it('ok: drafts, unpaid orders and unused codes expire; what was paid comes back; what waits for staff does not expire', async () => {
    const mine = await customer(ca);
    const written = await writtenKey(ca, mine);
    const other = await writtenKey(ca, mine);
    const begin = (certificateSerialHex: string) => draft(ca, mine, { kind: 'renewal', certificateSerialHex, itemId: 'demo-renewal-organisation-1-year' });
    const drafted = await begin(written.signSerialHex);
    const waiting = await submit(ca, mine, await begin(other.signSerialHex));
    const unpaid = await order(ca, mine);
    const paid = await payRequest(ca, mine, await approve(ca, staff[0], await submit(ca, mine, await begin(written.signSerialHex))));
    ca.advance(30 * DAY);
    const again = { ...mine, token: (await ca.call('createSession', { body: { loginName: mine.loginName, password: PASSWORD } })).accessToken };
    expect(await refusalOf('submitRequest', { token: again.token, ...on(drafted) })).toBe('REQUEST_STATE');
    await maintain(ca.ports);
    expect((await now(ca, again, drafted)).state).toBe('expired');
    expect((await ca.call('getOrder', { token: again.token, params: { orderId: unpaid.id } })).state).toBe('cancelled');
    expect((await now(ca, again, { id: unpaid.lines[0]?.id ?? '' })).state).toBe('expired');
    expect((await now(ca, again, paid)).state).toBe('code-sent');
    ca.advance(60 * DAY);
    await maintain(ca.ports);
    const later = { ...mine, token: (await ca.call('createSession', { body: { loginName: mine.loginName, password: PASSWORD } })).accessToken };
    expect(await now(ca, later, paid)).toMatchObject({ state: 'expired', refundedFen: 15_000 });
    expect((await now(ca, later, waiting)).state).toBe('submitted');
    expect(await certificateStates(ca, later, written.tokenSerial)).toEqual(['encrypt active', 'sign active']);
  });
});

describe('materials of requests that came to nothing', () => {
  const scanned = async (mine: Customer, request: Request) => (await ca.call('addMaterial', addMaterial(request, upload('application-form'), mine.token))).materials[0]?.id ?? '';
  const filesOf = async (id: string) => (await readdir(join(ca.dataFolder, 'materials'))).filter((name) => name.startsWith(id)).length;

  it('ok: withdrawn and expired ones lose theirs after thirty days, audited; a rejected one keeps them while it can be handed in again, an approved one for ever', async () => {
    staff = await twoStaff(ca);
    const mine = await customer(ca);
    const keys = await Promise.all([1, 2, 3, 4].map(() => writtenKey(ca, mine)));
    const unlocks = await Promise.all(keys.map(({ tokenSerial }) => draft(ca, mine, { kind: 'unlock', tokenSerial })));
    const [withdrawn, expiring, rejected, approved] = unlocks as [Request, Request, Request, Request];
    const ids = [await scanned(mine, withdrawn), await scanned(mine, expiring), await scanned(mine, rejected), await scanned(mine, approved)];
    await ca.call('withdrawRequest', { token: mine.token, ...on(withdrawn) });
    await approve(ca, staff[0], await submit(ca, mine, approved));
    await ca.call('cancelRequest', { token: mine.token, idempotencyKey: newKey(), ...on(approved) });
    await submit(ca, mine, rejected);
    await ca.call('claimRequest', { token: staff[0].token, ...on(rejected) });
    await ca.call('rejectRequest', { token: staff[0].token, ...on(rejected), body: { reason: '材料不清晰' } });
    const there = () => Promise.all(ids.map(filesOf));
    ca.advance(29 * DAY);
    await maintain(ca.ports);
    expect(await there()).toEqual([1, 1, 1, 1]);
    ca.advance(1.5 * DAY);
    // The withdrawn one is gone; the drafts have expired just now and keep theirs from here on.
    await maintain(ca.ports);
    expect(await there()).toEqual([0, 1, 1, 1]);
    ca.advance(31 * DAY);
    await maintain(ca.ports);
    expect(await there()).toEqual([0, 0, 0, 1]);
    const [fresh] = await twoStaff(ca);
    const later = { ...mine, token: (await ca.call('createSession', { body: { loginName: mine.loginName, password: PASSWORD } })).accessToken };
    expect((await now(ca, later, withdrawn)).materials).toEqual([]);
    expect((await ca.refusal('getMaterial', { token: later.token, params: { requestId: withdrawn.id, materialId: ids[0] ?? '' } })).status).toBe(404);
    expect(Buffer.from((await ca.call('getMaterial', { token: fresh.token, params: { requestId: approved.id, materialId: ids[3] ?? '' } })).content, 'base64').equals(PDF)).toBe(true);
    const audited = (await auditOf(ca, fresh, 'request.materials-expired')).filter((entry) => unlocks.some(({ id }) => entry.startsWith(id)));
    expect(audited.map((entry) => entry.slice(0, withdrawn.id.length)).sort()).toEqual([withdrawn.id, expiring.id, rejected.id].sort());
    expect(audited.every((entry) => entry.includes(createHash('sha256').update(PDF).digest('hex')))).toBe(true);
    expect(await expireMaterials(ca.ports)).toBe(0);
  });

  it('ok: kept for as many days as the operator says; a file that stayed behind is swept', async () => {
    ca.advance(1);
    await expireMaterials({ ...ca.ports, materialsKeptMs: 0 });
    const mine = await customer(ca);
    const request = await draft(ca, mine, { kind: 'unlock', tokenSerial: (await writtenKey(ca, mine)).tokenSerial });
    const id = await scanned(mine, request);
    await ca.call('withdrawRequest', { token: mine.token, ...on(request) });
    ca.advance(1);
    expect(await expireMaterials({ ...ca.ports, materialsKeptMs: DAY })).toBe(0);
    // Killed between the records and the files.
    const unremoved = { ...ca.ports, materialsKeptMs: 0, materialFiles: { ...ca.ports.materialFiles, remove: async () => undefined } };
    expect([await expireMaterials(unremoved), await filesOf(id)]).toEqual([1, 1]);
    const sweptAt = () => new Date(Date.now() + 2 * DAY);
    await sweepMaterials({ ...ca.ports, clock: sweptAt });
    expect(await filesOf(id)).toBe(0);
  });
});

describe('the staff page', () => {
  it('ok: a plain page with its style and script from here, nothing in it, a strict policy', async () => {
    const page = await ca.raw('/staff');
    const html = await page.text();
    expect(page.headers.get('content-security-policy')).toBe("default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
    expect(html).not.toMatch(/<script(?! src="\/staff\/staff\.js")|style="|onclick=|https?:/);
    for (const path of ['/staff/staff.css', '/staff/staff.js']) expect((await ca.raw(path)).status).toBe(200);
    expect(await (await ca.raw('/staff/staff.js')).text()).not.toContain('innerHTML');
  });
});
