/** Administrator PINs over real HTTP: deposit, release by an approved unlock, change, completion; cut off in every gap one of the kept PINs fits; no PIN anywhere but in its answers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Request } from '#shared/contract/rest/requests.ts';
import { newAdministratorPin } from '../../src-ca/administrator-pins/new-administrator-pin.ts';
import { unwrapPin } from '../../src-ca/administrator-pins/wrapped-pins.ts';
import { customer, issue, newSerial, paidOrder, pay, SM2_WANTED, start, type Customer } from './support/journeys.ts';
import { answerTo, approvedRequest, auditOf, codeOf, draftRequest, heldSm2Key, staffMember, type HeldKey, type StaffMember } from './support/key-holders.ts';
import type { Sm2Subscriber } from './support/sm2-subscriber.ts';
import { subscriber } from './support/subscriber.ts';
import { newKey, testCa, type TestCa } from './support/test-ca.ts';

let ca: TestCa;
let staff: StaffMember;
beforeAll(async () => {
  ca = await testCa();
  staff = await staffMember(ca);
});
afterAll(() => ca.stop());

const of = (who: { token: string }, tokenSerial: string) => ({ token: who.token, params: { tokenSerial } });
const deposit = async (who: { token: string }, tokenSerial: string, currentAdministratorPin: string | null = null) => (await ca.call('depositAdministratorPin', { ...of(who, tokenSerial), body: { currentAdministratorPin } })).nextAdministratorPin;
const stateOf = async (who: { token: string }, tokenSerial: string) => (await ca.call('getAdministratorPinState', of(who, tokenSerial))).state;

/** A key with its administrator PIN in the service's hands, as it is after a writing. */
async function deposited(): Promise<HeldKey<Sm2Subscriber> & { pin: string }> {
  const held = await heldSm2Key(ca);
  const pin = await deposit(held.who, held.tokenSerial);
  await ca.call('confirmAdministratorPin', of(held.who, held.tokenSerial));
  return { ...held, pin };
}

interface Unlock {
  readonly request: Request;
  readonly code: string;
  readonly deedId: string;
}

async function approvedUnlock(who: Customer, held: Pick<HeldKey<unknown>, 'tokenSerial' | 'signSerialHex'>): Promise<Unlock> {
  const request = await approvedRequest(ca, who, staff, { kind: 'unlock', certificateSerialHex: held.signSerialHex, tokenSerial: held.tokenSerial, itemId: 'demo-sm2-unlock-organisation' });
  return { request, code: await codeOf(ca, who, request.number), deedId: newKey() };
}

/** The demo's unlocks cost nothing; this one was put on the price list before its approval. */
async function paidUnlock(who: Customer, held: Pick<HeldKey<unknown>, 'tokenSerial' | 'signSerialHex'>, unitPriceFen: number): Promise<Unlock> {
  const { id } = await draftRequest(ca, who, { kind: 'unlock', certificateSerialHex: held.signSerialHex, tokenSerial: held.tokenSerial, itemId: 'demo-sm2-unlock-organisation' });
  const params = { requestId: id };
  await ca.call('submitRequest', { token: who.token, params });
  await ca.ports.transactions.write(async ({ requests }) => {
    const row = (await requests.byId(id)) ?? expect.unreachable();
    await requests.change(row, { itemJson: JSON.stringify({ ...(JSON.parse(row.itemJson ?? '') as object), unitPriceFen }) });
  });
  await ca.call('claimRequest', { token: staff.token, params });
  const { orderId } = await ca.call('approveRequest', { token: staff.token, params });
  await pay(ca, who, orderId ?? '');
  const request = await ca.call('getRequest', { token: who.token, params });
  return { request, code: await codeOf(ca, who, request.number), deedId: newKey() };
}

const releaseCall = (who: { token: string }, { request, code, deedId }: Unlock, changes: { authorizationCode?: string | null; deedId?: string; tokenSerial?: string } = {}) => ({
  token: who.token, params: { requestId: request.id }, idempotencyKey: newKey(), body: { authorizationCode: code, tokenSerial: request.tokenSerial, deedId, ...changes },
});
const release = (who: { token: string }, unlock: Unlock, changes = {}) => ca.call('releaseAdministratorPin', releaseCall(who, unlock, changes));
const releaseRefusal = async (who: { token: string }, unlock: Unlock, changes = {}) => (await ca.refusal('releaseAdministratorPin', releaseCall(who, unlock, changes))).problem;

async function complete(held: HeldKey<Sm2Subscriber>, { request, deedId }: Unlock) {
  const challenge = await ca.call('createRequestChallenge', { token: held.who.token, params: { requestId: request.id } });
  return await ca.call('completeUnlock', { token: held.who.token, params: { requestId: request.id }, body: { deedId, rotated: true, proof: answerTo(challenge, held.key) } });
}

describe('deposit', () => {
  it('ok: taken over in a writing, the same answer until it is confirmed, then never again', async () => {
    const who = await customer(ca);
    const tokenSerial = newSerial();
    await start(ca, who, await paidOrder(ca, who, 1, SM2_WANTED), tokenSerial);
    expect(await stateOf(who, tokenSerial)).toBe('none');
    const next = await deposit(who, tokenSerial);
    expect(next).toMatch(/^[A-Za-z2-9]{16}$/);
    expect([await deposit(who, tokenSerial), await stateOf(who, tokenSerial)]).toEqual([next, 'changing']);
    expect((await ca.call('confirmAdministratorPin', of(who, tokenSerial))).state).toBe('in-force');
    expect((await ca.call('confirmAdministratorPin', of(who, tokenSerial))).state).toBe('in-force');
    expect((await ca.refusal('depositAdministratorPin', { ...of(who, tokenSerial), body: { currentAdministratorPin: null } })).problem.code).toBe('ADMINISTRATOR_PIN_DEPOSITED');
  });

  it('ok: staff put the PIN of a key that was initialised anew in the place of the old one', async () => {
    const { tokenSerial, who, pin } = await deposited();
    expect((await ca.refusal('depositAdministratorPin', { ...of(staff, tokenSerial), body: { currentAdministratorPin: null } })).problem.code).toBe('ADMINISTRATOR_PIN_DEPOSITED');
    const next = await deposit(staff, tokenSerial, 'new-so-pin-1');
    expect(next).not.toBe(pin);
    expect((await ca.refusal('confirmAdministratorPin', of(who, tokenSerial))).problem.code).toBe('ADMINISTRATOR_PIN_NOT_YOURS');
    expect((await ca.call('confirmAdministratorPin', of(staff, tokenSerial))).state).toBe('in-force');
  });

  it('refuses: an account without a writing on this key; ten calls at once get one PIN', async () => {
    const [held, other] = [await heldSm2Key(ca), await customer(ca)];
    expect((await ca.refusal('depositAdministratorPin', { ...of(other, held.tokenSerial), body: { currentAdministratorPin: null } })).problem.code).toBe('ADMINISTRATOR_PIN_NOT_YOURS');
    expect((await ca.refusal('getAdministratorPinState', of(other, held.tokenSerial))).status).toBe(404);
    expect((await ca.refusal('confirmAdministratorPin', of(held.who, held.tokenSerial))).status).toBe(404);
    const pins = await Promise.all(Array.from({ length: 10 }, () => deposit(held.who, held.tokenSerial)));
    expect(new Set(pins).size).toBe(1);
    expect((await ca.refusal('depositAdministratorPin', { ...of(held.who, held.tokenSerial), body: { currentAdministratorPin: null, nextLength: 4 } })).problem.code).toBe('INPUT_INVALID');
  });

  it('ok: random PINs hold every sort of character at every length that models have', () => {
    const pins = [8, 12, 16].flatMap((length) => Array.from({ length: 200 }, () => newAdministratorPin(length)));
    expect(pins.every((pin) => /[A-Z]/.test(pin) && /[a-z]/.test(pin) && /\d/.test(pin))).toBe(true);
    expect(new Set(pins).size).toBe(pins.length);
  });
});

describe('unlock', () => {
  it('ok: released once, delivered again to the same deed without a code, changed, proven by the key; the next unlock gets the new one', async () => {
    const held = await deposited();
    const unlock = await approvedUnlock(held.who, held);
    const first = await release(held.who, unlock);
    expect(first).toMatchObject({ administratorPin: held.pin, proofWanted: true, tokenSerial: held.tokenSerial });
    expect(first.nextAdministratorPin).not.toBe(held.pin);
    expect(await release(held.who, unlock, { authorizationCode: null })).toEqual(first);
    expect(await stateOf(held.who, held.tokenSerial)).toBe('changing');
    const completed = await complete(held, unlock);
    expect(completed.state).toBe('completed');
    expect(await ca.call('completeUnlock', { token: held.who.token, params: { requestId: unlock.request.id }, body: { deedId: unlock.deedId, rotated: true, proof: null } })).toEqual(completed);
    expect((await releaseRefusal(held.who, unlock, { authorizationCode: null })).code).toBe('REQUEST_STATE');
    expect((await release(held.who, await approvedUnlock(held.who, held))).administratorPin).toBe(first.nextAdministratorPin);
    expect((await auditOf(ca, staff, 'administrator-pin.delivered')).filter((entry) => entry.startsWith(held.tokenSerial) && entry.includes(unlock.request.id))).toHaveLength(2);
  });

  it('ok: cut off before the confirmation of a deposit: the unlock gives both, one of which fits', async () => {
    const held = await heldSm2Key(ca);
    const next = await deposit(held.who, held.tokenSerial, 'so-pin-of-the-key');
    const released = await release(held.who, await approvedUnlock(held.who, held));
    expect(released).toMatchObject({ administratorPin: 'so-pin-of-the-key', nextAdministratorPin: next });
    const factory = await heldSm2Key(ca);
    const second = await deposit(factory.who, factory.tokenSerial);
    expect(await release(factory.who, await approvedUnlock(factory.who, factory))).toMatchObject({ administratorPin: null, nextAdministratorPin: second });
  });

  it('ok: a mistyped PIN that is put right before the confirmation: the unlock gives the right one', async () => {
    const held = await heldSm2Key(ca);
    const next = await deposit(held.who, held.tokenSerial, 'so-pin-mistyped');
    expect(await deposit(held.who, held.tokenSerial, 'so-pin-of-the-key')).toBe(next);
    expect(await deposit(held.who, held.tokenSerial)).toBe(next);
    expect(await release(held.who, await approvedUnlock(held.who, held))).toMatchObject({ administratorPin: 'so-pin-of-the-key', nextAdministratorPin: next });
  });

  it('ok: an unlock that can never be completed is ended by staff: money back, told and audited, its place free; the next one gives the same two', async () => {
    const held = await deposited();
    const unlock = await paidUnlock(held.who, held, 3_000);
    const first = await release(held.who, unlock);
    const params = { requestId: unlock.request.id };
    const ended = await ca.call('cancelRequestByStaff', { token: staff.token, params, body: { reason: ' 管理员口令已锁定 ' } });
    expect(ended).toMatchObject({ state: 'cancelled', openQuantity: 0, refundedFen: 3_000 });
    expect((await ca.call('getOrder', { token: held.who.token, params: { orderId: ended.orderId ?? '' } })).state).toBe('cancelled');
    expect(ended.history.at(-1)).toMatchObject({ actor: 'staff', event: 'cancel-by-staff', from: 'writing', to: 'cancelled', reason: '管理员口令已锁定' });
    const { items } = await ca.call('listSandboxMessages', { query: { to: held.who.phone, limit: 100 } });
    expect(items.filter(({ text }) => text.includes(unlock.request.number) && text.includes('原因：管理员口令已锁定。已支付的'))).toHaveLength(1);
    expect((await auditOf(ca, staff, 'request.moved')).filter((entry) => entry.startsWith(unlock.request.id) && entry.includes('cancel-by-staff'))).toHaveLength(1);
    expect((await ca.refusal('cancelRequestByStaff', { token: staff.token, params, body: { reason: 'again' } })).problem.code).toBe('REQUEST_STATE');
    // What its tool still sends changes nothing.
    expect((await releaseRefusal(held.who, unlock, { authorizationCode: null })).code).toBe('REQUEST_STATE');
    expect((await ca.refusal('completeUnlock', { token: held.who.token, params, body: { deedId: unlock.deedId, rotated: true, proof: null } })).problem.code).toBe('REQUEST_STATE');
    const second = await release(held.who, await approvedUnlock(held.who, held));
    expect([second.administratorPin, second.nextAdministratorPin]).toEqual([first.administratorPin, first.nextAdministratorPin]);
  });

  it('refuses: an end by staff before the writing, without a reason, by the applicant, of another kind', async () => {
    const held = await deposited();
    const unlock = await approvedUnlock(held.who, held);
    const refused = async (who: { token: string }, requestId: string, reason: string) => (await ca.refusal('cancelRequestByStaff', { token: who.token, params: { requestId }, body: { reason } })).problem.code;
    expect(await refused(staff, unlock.request.id, 'too early')).toBe('REQUEST_STATE');
    await release(held.who, unlock);
    for (const reason of ['', '   ']) expect(await refused(staff, unlock.request.id, reason)).toBe('INPUT_INVALID');
    expect(await refused(held.who, unlock.request.id, 'mine')).toBe('FORBIDDEN');
    expect((await ca.refusal('cancelRequest', { token: held.who.token, idempotencyKey: newKey(), params: { requestId: unlock.request.id } })).problem.code).toBe('REQUEST_STATE');
    const order = await paidOrder(ca, held.who, 1, SM2_WANTED);
    const { requestId } = await start(ca, held.who, order, newSerial());
    expect(await refused(staff, requestId, 'a new issue')).toBe('REQUEST_STATE');
    expect((await complete(held, unlock)).state).toBe('completed');
  });

  it('refuses: an unlock whose PIN staff deposited anew in the meantime, before and after that is confirmed; what staff deposited stays in force', async () => {
    const held = await deposited();
    const unlock = await approvedUnlock(held.who, held);
    await release(held.who, unlock);
    const next = await deposit(staff, held.tokenSerial, 'initialised-anew-1');
    const completion = async () => {
      const challenge = await ca.call('createRequestChallenge', { token: held.who.token, params: { requestId: unlock.request.id } });
      return (await ca.refusal('completeUnlock', { token: held.who.token, params: { requestId: unlock.request.id }, body: { deedId: unlock.deedId, rotated: true, proof: answerTo(challenge, held.key) } })).problem.code;
    };
    for (const confirm of [false, true]) {
      if (confirm) await ca.call('confirmAdministratorPin', of(staff, held.tokenSerial));
      expect(await completion()).toBe('ADMINISTRATOR_PIN_REPLACED');
      expect((await releaseRefusal(held.who, unlock, { authorizationCode: null })).code).toBe('ADMINISTRATOR_PIN_REPLACED');
    }
    await ca.call('cancelRequestByStaff', { token: staff.token, params: { requestId: unlock.request.id }, body: { reason: '重新初始化' } });
    expect((await release(held.who, await approvedUnlock(held.who, held))).administratorPin).toBe(next);
  });

  it('refuses: a wrong code, counted; another key, another deed, another account, no code, a request that is not approved', async () => {
    const [held, other] = [await deposited(), await deposited()];
    const unlock = await approvedUnlock(held.who, held);
    const wrong = String((Number(unlock.code) + 1) % 1_000_000).padStart(6, '0');
    expect(await releaseRefusal(held.who, unlock, { authorizationCode: wrong })).toMatchObject({ code: 'CODE_WRONG', details: { triesLeft: 4 } });
    expect((await releaseRefusal(held.who, unlock, { tokenSerial: other.tokenSerial })).code).toBe('REQUEST_OTHER_KEY');
    expect((await releaseRefusal(held.who, unlock, { authorizationCode: null })).code).toBe('CODE_NOT_FOR_THIS');
    expect((await releaseRefusal(other.who, unlock)).code).toBe('NOT_FOUND');
    await release(held.who, unlock);
    expect((await releaseRefusal(held.who, unlock, { deedId: newKey() })).code).toBe('ADMINISTRATOR_PIN_OTHER_DEED');
    const draft = await ca.call('createRequest', { token: held.who.token, idempotencyKey: newKey(), body: { kind: 'unlock', certificateSerialHex: held.signSerialHex, tokenSerial: held.tokenSerial } });
    expect((await releaseRefusal(held.who, { ...unlock, request: draft })).code).toBe('REQUEST_STATE');
    const bare = await heldSm2Key(ca);
    expect((await releaseRefusal(bare.who, await approvedUnlock(bare.who, bare))).code).toBe('ADMINISTRATOR_PIN_NONE');
  });

  it('refuses: another account that had certificates written under the serial number of this key; the code stays unspent', async () => {
    const held = await deposited();
    const other = await customer(ca);
    await issue(ca, other, await paidOrder(ca, other, 1), held.tokenSerial, subscriber());
    const request = await approvedRequest(ca, other, staff, { kind: 'unlock', tokenSerial: held.tokenSerial });
    const unlock = { request, code: await codeOf(ca, other, request.number), deedId: newKey() };
    expect((await releaseRefusal(other, unlock)).code).toBe('ADMINISTRATOR_PIN_NOT_YOURS');
    expect((await ca.call('getRequest', { token: other.token, params: { requestId: request.id } })).state).toBe('code-sent');
    await ca.call('cancelRequest', { token: other.token, idempotencyKey: newKey(), params: { requestId: request.id } });
    expect((await release(held.who, await approvedUnlock(held.who, held))).administratorPin).toBe(held.pin);
  });

  it('refuses: completion without the key’s signature, by another key, by another deed, before the release', async () => {
    const [held, other] = [await deposited(), await deposited()];
    const unlock = await approvedUnlock(held.who, held);
    const completion = async (body: object) => (await ca.refusal('completeUnlock', { token: held.who.token, params: { requestId: unlock.request.id }, body: { deedId: unlock.deedId, rotated: true, ...body } })).problem.code;
    expect(await completion({ proof: null })).toBe('REQUEST_STATE');
    await release(held.who, unlock);
    expect(await completion({ proof: null })).toBe('UNLOCK_PROOF_MISSING');
    const challenge = await ca.call('createRequestChallenge', { token: held.who.token, params: { requestId: unlock.request.id } });
    expect(await completion({ deedId: newKey(), proof: answerTo(challenge, held.key) })).toBe('ADMINISTRATOR_PIN_OTHER_DEED');
    expect(await completion({ proof: answerTo(challenge, other.key) })).toBe('CHALLENGE_SIGNATURE');
    expect(await completion({ proof: answerTo(challenge, held.key) })).toBe('CHALLENGE_USED');
    expect(await completion({ rotated: false, proof: null })).toBe('INPUT_INVALID');
    expect((await complete(held, unlock)).state).toBe('completed');
  });

  it('ok: a key without an active certificate is unlocked on the tool’s word; ten releases at once spend the code once', async () => {
    const held = await deposited();
    const unlock = await approvedUnlock(held.who, held);
    await ca.call('suspendCertificate', { token: staff.token, params: { serialHex: held.signSerialHex }, body: {} });
    const all = await Promise.all(Array.from({ length: 10 }, () => release(held.who, unlock)));
    expect(new Set(all.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(all[0]?.proofWanted).toBe(false);
    expect((await ca.call('completeUnlock', { token: held.who.token, params: { requestId: unlock.request.id }, body: { deedId: unlock.deedId, rotated: true, proof: null } })).state).toBe('completed');
  });
});

describe('secrecy', () => {
  it('ok: no PIN stands in the database, in its log, in the audit log, in messages or in refusals', async () => {
    const current = 'Very-Own-SoPin-77';
    const held = await heldSm2Key(ca);
    const pins = [current, await deposit(held.who, held.tokenSerial, current)];
    const unlock = await approvedUnlock(held.who, held);
    const released = await release(held.who, unlock);
    expect(pins).toEqual([released.administratorPin, released.nextAdministratorPin]);
    const refusals = [await releaseRefusal(held.who, unlock, { deedId: newKey() }), (await ca.refusal('depositAdministratorPin', { ...of(held.who, held.tokenSerial), body: { currentAdministratorPin: current } })).problem, (await ca.refusal('depositAdministratorPin', { ...of(held.who, held.tokenSerial), body: { currentAdministratorPin: `${current}${'x'.repeat(80)}` } })).problem];
    const files = await Promise.all(['ca.sqlite', 'ca.sqlite-wal'].map((name) => readFile(join(ca.dataFolder, name))));
    const audit = await ca.call('listAudit', { token: staff.token, query: { limit: 100 } });
    const messages = await ca.call('listSandboxMessages', { query: { limit: 100 } });
    for (const pin of pins) {
      expect(files.some((file) => file.includes(Buffer.from(pin, 'utf8')) || file.includes(Buffer.from(pin, 'utf16le')))).toBe(false);
      expect(JSON.stringify([refusals, audit, messages])).not.toContain(pin);
    }
    // The same search finds what does stand there.
    expect(files.some((file) => file.includes(Buffer.from(held.tokenSerial, 'utf8')))).toBe(true);
  });

  it('refuses: a wrapped PIN in the place of another key’s, or changed', async () => {
    const [one, two] = [await deposited(), await deposited()];
    const row = await ca.ports.transactions.read(({ administratorPins }) => administratorPins.byToken(one.tokenSerial));
    const wrapped = row?.wrappedCurrent ?? Buffer.alloc(0);
    expect(unwrapPin(ca.ports.keyManagementCentre, one.tokenSerial, wrapped)).toBe(one.pin);
    expect(() => unwrapPin(ca.ports.keyManagementCentre, two.tokenSerial, wrapped)).toThrowError(expect.objectContaining({ code: 'DECRYPT_FAILED' }) as Error);
    for (let at = 0; at < wrapped.length; at += 1) {
      const changed = Buffer.from(wrapped);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => unwrapPin(ca.ports.keyManagementCentre, one.tokenSerial, changed)).toThrow();
    }
  });
});
