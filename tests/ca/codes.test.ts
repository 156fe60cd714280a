/** Authorization codes over real HTTP: wrong, guessed, expired, voided, used, foreign; and that none of them stands anywhere in clear. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certify, codesOf, customer, newSerial, order, otherThan, paidOrder, start, startBody, type Customer, type PaidOrder } from './support/journeys.ts';
import { subscriber } from './support/subscriber.ts';
import { newKey, testCa, type TestCa } from './support/test-ca.ts';

const DAY = 86_400_000;
let ca: TestCa;
let who: Customer;
beforeAll(async () => {
  ca = await testCa();
  who = await customer(ca);
});
afterAll(() => ca.stop());

async function relogin(): Promise<void> {
  who = { ...who, token: (await ca.call('createSession', { body: { loginName: who.loginName, password: 'three-blue-lanterns' } })).accessToken };
}

const refused = (paid: PaidOrder, code: string, tokenSerial = newSerial()) => ca.refusal('startIssuance', { token: who.token, idempotencyKey: newKey(), body: startBody(paid, tokenSerial, code) });

describe('tries', () => {
  it('refuses: five wrong codes, counting down; then the right one is void too, until a new one is sent', async () => {
    const paid = await paidOrder(ca, who);
    for (let triesLeft = 4; triesLeft >= 0; triesLeft -= 1) {
      const { status, problem } = await refused(paid, otherThan(paid.code));
      expect([status, problem.code, problem.details['triesLeft']]).toEqual([422, 'CODE_WRONG', triesLeft]);
    }
    expect((await refused(paid, paid.code)).problem.code).toBe('CODE_VOID');
    ca.advance(60_000);
    await ca.call('resendAuthorizationCode', { token: who.token, idempotencyKey: newKey(), params: { requestId: paid.lineId } });
    const [newest = ''] = await codesOf(ca, who, paid.order.number);
    expect((await start(ca, who, { ...paid, code: newest }, newSerial())).state).toBe('started');
  });

  it('ok: a right code costs no try', async () => {
    const paid = await paidOrder(ca, who, 3);
    expect((await refused(paid, otherThan(paid.code))).problem.details['triesLeft']).toBe(4);
    await start(ca, who, paid, newSerial());
    expect((await refused(paid, otherThan(paid.code))).problem.details['triesLeft']).toBe(3);
  });

  it('refuses: forty guesses at once count as forty; five are judged, the rest find it void', async () => {
    const paid = await paidOrder(ca, who);
    const answers = await Promise.all(Array.from({ length: 40 }, (_, guess) => refused(paid, String((Number(paid.code) + 1 + guess) % 1_000_000).padStart(6, '0'))));
    expect(answers.filter(({ problem }) => problem.code === 'CODE_WRONG').map(({ problem }) => problem.details['triesLeft']).sort()).toEqual([0, 1, 2, 3, 4]);
    expect(answers.filter(({ problem }) => problem.code === 'CODE_VOID')).toHaveLength(35);
  });

  it('refuses: the same wrong request under the same key is one more try', async () => {
    const paid = await paidOrder(ca, who);
    const call = { token: who.token, idempotencyKey: newKey(), body: startBody(paid, newSerial(), otherThan(paid.code)) };
    expect((await ca.refusal('startIssuance', call)).problem.details['triesLeft']).toBe(4);
    expect((await ca.refusal('startIssuance', call)).problem.details['triesLeft']).toBe(3);
  });
});

describe('life', () => {
  it('refuses: a code on its seventh day; ok: the moment before', async () => {
    const paid = await paidOrder(ca, who);
    ca.advance(7 * DAY - 1);
    await relogin();
    await start(ca, who, paid, newSerial());
    ca.advance(1);
    expect((await refused(paid, paid.code)).problem.code).toBe('CODE_EXPIRED');
  });

  it('refuses: the code before, once a new one was sent', async () => {
    const paid = await paidOrder(ca, who);
    ca.advance(60_000);
    await ca.call('resendAuthorizationCode', { token: who.token, idempotencyKey: newKey(), params: { requestId: paid.lineId } });
    const [newest = ''] = await codesOf(ca, who, paid.order.number);
    // Once in a million both are the same digits; then there is nothing to tell apart.
    if (newest !== paid.code) expect((await refused(paid, paid.code)).problem.code).toBe('CODE_WRONG');
    await start(ca, who, { ...paid, code: newest }, newSerial());
  });

  it('refuses: a code of another order line', async () => {
    const one = await paidOrder(ca, who);
    const two = await paidOrder(ca, who);
    if (one.code !== two.code) expect((await refused(one, two.code)).problem.code).toBe('CODE_WRONG');
  });

  it('refuses: another account’s order line, a line that is not paid, a line that is not there', async () => {
    const other = await customer(ca);
    const foreign = await paidOrder(ca, other);
    expect((await refused(foreign, foreign.code)).problem.code).toBe('NOT_FOUND');
    const unpaid = await order(ca, who);
    const { problem } = await refused({ order: unpaid, lineId: unpaid.lines[0]?.id ?? '', code: '' }, '123456');
    expect([problem.code, problem.details['state']]).toEqual(['REQUEST_STATE', 'awaiting-payment']);
    expect((await refused({ order: unpaid, lineId: 'no-such-line', code: '' }, '123456')).problem.code).toBe('NOT_FOUND');
  });

  it.each(['12345', '1234567', '12345a', ' 12345', '１２３４５６', 123456])('refuses: %s, which is no code, without counting a try', async (code) => {
    const paid = await paidOrder(ca, who);
    const { problem } = await ca.refusal('startIssuance', { token: who.token, idempotencyKey: newKey(), body: { ...startBody(paid, newSerial()), authorizationCode: code } });
    expect(problem.code).toBe('INPUT_INVALID');
    expect((await refused(paid, otherThan(paid.code))).problem.details['triesLeft']).toBe(4);
  });
});

describe('quantity', () => {
  it('refuses: the same key twice, and more keys than were paid', async () => {
    const paid = await paidOrder(ca, who, 2);
    const serial = newSerial();
    const first = await start(ca, who, paid, serial);
    const again = await refused(paid, paid.code, serial);
    expect([again.problem.code, again.problem.details['issuanceId']]).toEqual(['ISSUANCE_OPEN_FOR_KEY', first.id]);
    const key = subscriber();
    const certified = await certify(ca, who, first, key);
    await ca.call('completeIssuance', { token: who.token, params: { issuanceId: first.id }, body: key.proof(certified) });
    expect((await refused(paid, paid.code, serial)).problem.code).toBe('CODE_USED_FOR_KEY');
    await start(ca, who, paid, newSerial());
    expect((await refused(paid, paid.code)).problem.code).toBe('ORDER_QUANTITY_USED_UP');
  });

  it('refuses: of ten writers at once on an order of two keys, eight', async () => {
    const paid = await paidOrder(ca, who, 2);
    const send = () => ca.raw('/v1/issuances', { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${who.token}`, 'idempotency-key': newKey() }, body: JSON.stringify(startBody(paid, newSerial())) });
    const answers = await Promise.all(Array.from({ length: 10 }, send));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    for (const answer of answers.filter(({ status }) => status !== 201)) expect(((await answer.json()) as { code: string }).code).toBe('ORDER_QUANTITY_USED_UP');
  });

  it('refuses: of ten writers at once on one key, nine', async () => {
    const paid = await paidOrder(ca, who, 10);
    const serial = newSerial();
    const send = () => ca.raw('/v1/issuances', { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${who.token}`, 'idempotency-key': newKey() }, body: JSON.stringify(startBody(paid, serial)) });
    const answers = await Promise.all(Array.from({ length: 10 }, send));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const { items } = await ca.call('listOpenIssuances', { token: who.token, query: { tokenSerial: serial } });
    expect(items.map(({ remainingQuantity }) => remainingQuantity)).toEqual([9]);
  });

  it('refuses: a key that another account is writing, without naming its issuance', async () => {
    const serial = newSerial();
    await start(ca, who, await paidOrder(ca, who), serial);
    const other = await customer(ca);
    const paid = await paidOrder(ca, other);
    const { problem } = await ca.refusal('startIssuance', { token: other.token, idempotencyKey: newKey(), body: startBody(paid, serial) });
    expect([problem.code, problem.details]).toEqual(['ISSUANCE_OPEN_FOR_KEY', {}]);
  });
});

it('ok: neither codes nor passwords nor tokens stand in clear in any file of the data folder', async () => {
  const paid = await paidOrder(ca, who);
  await refused(paid, otherThan(paid.code));
  await start(ca, who, paid, newSerial());
  // Six digits may stand in a file by chance; that they stand beside the words of the message may not.
  const secrets = ['three-blue-lanterns', who.token, who.refreshToken, `操作授权码：${paid.code}`, `"authorizationCode":"${paid.code}"`].map((text) => Buffer.from(text, 'utf8'));
  const files = (await readdir(ca.dataFolder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  expect(files.some((file) => file.endsWith('ca.sqlite-wal'))).toBe(true);
  for (const file of files) {
    const content = await readFile(file);
    for (const secret of secrets) expect(content.includes(secret), `${file} holds a secret`).toBe(false);
  }
});
