/** Issuance over real HTTP with real certificates: the whole way, every refusal, resuming, concurrency, cancellation, revocation lists; checked by openssl from outside. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certify, COMPANY, customer, issue, newSerial, paidOrder, start, startBody, type Customer } from './support/journeys.ts';
import { certificateOf, pairOf, samePublicKey, subscriber } from './support/subscriber.ts';
import { newKey, testCa, type TestCa } from './support/test-ca.ts';

const run = promisify(execFile);
let ca: TestCa;
let who: Customer;
beforeAll(async () => {
  ca = await testCa();
  who = await customer(ca);
});
afterAll(() => ca.stop());

const csrCall = (issuanceId: string, csrDer: string) => ({ token: who.token, params: { issuanceId }, body: { csrDer } });

describe('the whole way', () => {
  it('ok: order of two keys: paid → writing → completed; each key gets one active pair', async () => {
    const paid = await paidOrder(ca, who, 2);
    const stateNow = async () => (await ca.call('getOrder', { token: who.token, params: { orderId: paid.order.id } })).state;
    const [one, two] = [newSerial(), newSerial()];
    const first = await issue(ca, who, paid, one, subscriber());
    expect(first).toMatchObject({ state: 'completed', remainingQuantity: 1, tokenSerial: one });
    expect(await stateNow()).toBe('writing');
    expect((await issue(ca, who, paid, two, subscriber())).remainingQuantity).toBe(0);
    expect(await stateNow()).toBe('completed');
    expect((await ca.call('listPendingWritings', { token: who.token })).items.some(({ requestId }) => requestId === paid.lineId)).toBe(false);
    for (const tokenSerial of [one, two]) {
      const { items } = await ca.call('searchCertificates', { token: who.token, query: { tokenSerial } });
      expect(items.map(({ purpose, state }) => `${purpose} ${state}`).sort()).toEqual(['encrypt active', 'sign active']);
    }
  });

  it('ok: both certificates name the subject and verify with openssl against chain and CRL; the delivered key is that of the certificate', async () => {
    const key = subscriber();
    const paid = await paidOrder(ca, who, 1);
    const certified = await certify(ca, who, await start(ca, who, paid, newSerial()), key);
    const pair = pairOf(certified);
    const [sign, encrypt] = [certificateOf(pair.signCertificateDer), certificateOf(pair.encryptionCertificateDer)];
    expect(sign.subject).toBe(encrypt.subject);
    expect(sign.subject).toContain(`CN=${COMPANY.commonName}`);
    expect(sign.publicKey.export({ type: 'spki', format: 'der' })).toEqual(key.publicKeySpkiDer);
    expect(samePublicKey(key.open(pair), encrypt)).toBe(true);
    const folder = await mkdtemp(join(tmpdir(), 'bidkey-verify-'));
    try {
      const chain = pair.chainDer.map((der) => certificateOf(der).toString());
      await writeFile(join(folder, 'root.pem'), chain.at(-1) ?? '');
      await writeFile(join(folder, 'issuing.pem'), chain[0] ?? '');
      for (const name of ['demo-rsa', 'demo-rsa-root']) {
        const crl = Buffer.from(await (await ca.raw(`/crl/${name}.crl`)).arrayBuffer());
        await writeFile(join(folder, `${name}.der`), crl);
        await run('openssl', ['crl', '-inform', 'DER', '-in', join(folder, `${name}.der`), '-out', join(folder, `${name}.pem`)]);
      }
      for (const [name, certificate] of [['sign', sign], ['enc', encrypt]] as const) {
        await writeFile(join(folder, `${name}.pem`), certificate.toString());
        const at = String(Math.floor(ca.now().getTime() / 1000) + 1);
        const { stdout } = await run('openssl', ['verify', '-x509_strict', '-attime', at, '-CAfile', join(folder, 'root.pem'), '-untrusted', join(folder, 'issuing.pem'), '-crl_check_all', '-CRLfile', join(folder, 'demo-rsa.pem'), '-CRLfile', join(folder, 'demo-rsa-root.pem'), join(folder, `${name}.pem`)]);
        expect(stdout).toContain('OK');
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('requests', () => {
  it('ok: the same request again, also with another signature, gets the same pair; also after completion', async () => {
    const key = subscriber();
    const started = await start(ca, who, await paidOrder(ca, who), newSerial());
    const certified = await certify(ca, who, started, key);
    expect(await certify(ca, who, started, key)).toEqual(certified);
    expect(await ca.call('getIssuance', { token: who.token, params: { issuanceId: started.id } })).toEqual(certified);
    const completed = await ca.call('completeIssuance', { token: who.token, params: { issuanceId: started.id }, body: key.proof(certified) });
    expect(pairOf(await certify(ca, who, started, key))).toEqual(pairOf(completed));
  });

  it('ok: ten equal requests at once make one pair', async () => {
    const key = subscriber();
    const started = await start(ca, who, await paidOrder(ca, who), newSerial());
    const csrDer = await key.csr(started);
    const answers = await Promise.all(Array.from({ length: 10 }, () => ca.call('submitCsr', csrCall(started.id, csrDer))));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.pair))).size).toBe(1);
    expect((await ca.call('searchCertificates', { token: who.token, query: { tokenSerial: started.tokenSerial } })).items).toHaveLength(2);
  });

  it('refuses: another key in the same issuance, whether it comes later or at the same time', async () => {
    const started = await start(ca, who, await paidOrder(ca, who), newSerial());
    const csrs = await Promise.all([subscriber(), subscriber()].map((key) => key.csr(started)));
    const answers = await Promise.all(csrs.map((csrDer) => ca.raw(`/v1/issuances/${started.id}/csr`, { method: 'PUT', headers: { 'content-type': 'application/json', authorization: `Bearer ${who.token}` }, body: JSON.stringify({ csrDer }) })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await ca.refusal('submitCsr', csrCall(started.id, await subscriber().csr(started)))).problem.code).toBe('ISSUANCE_KEY_CHANGED');
  });

  it('refuses: a key that stands in another certificate, of a signing or of an encryption key', async () => {
    const key = subscriber();
    const first = await issue(ca, who, await paidOrder(ca, who), newSerial(), key);
    const second = await start(ca, who, await paidOrder(ca, who), newSerial());
    expect((await ca.refusal('submitCsr', csrCall(second.id, await key.csr(second)))).problem.code).toBe('CSR_KEY_IN_USE');
    expect(pairOf(first).signCertificateDer).not.toBe('');
  });

  it('refuses: the same new key in two issuances at once', async () => {
    const key = subscriber();
    const paid = await paidOrder(ca, who, 2);
    const both = [await start(ca, who, paid, newSerial()), await start(ca, who, paid, newSerial())];
    const csrs = await Promise.all(both.map((issuance) => key.csr(issuance)));
    const answers = await Promise.all(both.map(({ id }, index) => ca.raw(`/v1/issuances/${id}/csr`, { method: 'PUT', headers: { 'content-type': 'application/json', authorization: `Bearer ${who.token}` }, body: JSON.stringify({ csrDer: csrs[index] }) })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it.each([
    ['a weak key', async (issuance) => subscriber(1024).csr(issuance), 'CSR_KEY_WEAK'],
    ['a small exponent', async (issuance) => subscriber(2048, 3).csr(issuance), 'CSR_KEY_WEAK'],
    ['another subject', async () => subscriber().csr({ csrSubjectDer: Buffer.from('300d310b300906035504061302434e', 'hex').toString('base64') }), 'CSR_SUBJECT'],
    ['trailing bytes', async (issuance) => Buffer.concat([Buffer.from(await subscriber().csr(issuance), 'base64'), Buffer.from([0])]).toString('base64'), 'CSR_MALFORMED'],
    ['nonsense', async () => Buffer.from('not DER at all').toString('base64'), 'CSR_MALFORMED'],
    ['a broken signature', async (issuance) => broken(await subscriber().csr(issuance)), 'CSR_SIGNATURE'],
  ] as const satisfies readonly (readonly [string, (issuance: { csrSubjectDer: string }) => Promise<string>, string])[])('refuses: %s; the issuance stays open for a right one', async (_, make, code) => {
    const started = await start(ca, who, await paidOrder(ca, who), newSerial());
    const { status, problem } = await ca.refusal('submitCsr', csrCall(started.id, await make(started)));
    expect([status, problem.code]).toEqual([422, code]);
    expect((await certify(ca, who, started, subscriber())).state).toBe('certified');
  });

  it('refuses: an empty request, one that is no base64, one that is too large', async () => {
    const started = await start(ca, who, await paidOrder(ca, who), newSerial());
    expect((await ca.refusal('submitCsr', csrCall(started.id, ''))).problem.code).toBe('CSR_MALFORMED');
    expect((await ca.refusal('submitCsr', csrCall(started.id, '***'))).problem.code).toBe('INPUT_INVALID');
    expect((await ca.refusal('submitCsr', csrCall(started.id, 'A'.repeat(20_000)))).problem.code).toBe('INPUT_INVALID');
    expect((await ca.refusal('submitCsr', csrCall(started.id, 'A'.repeat(80_000)))).problem.code).toBe('INPUT_TOO_LARGE');
  });

  it('refuses: another account’s issuance, as if it did not exist', async () => {
    const started = await start(ca, who, await paidOrder(ca, who), newSerial());
    const other = await customer(ca);
    const params = { issuanceId: started.id };
    expect((await ca.refusal('getIssuance', { token: other.token, params })).status).toBe(404);
    expect((await ca.refusal('submitCsr', { token: other.token, params, body: { csrDer: await subscriber().csr(started) } })).status).toBe(404);
    expect((await ca.refusal('cancelIssuance', { token: other.token, params })).status).toBe(404);
    expect((await ca.refusal('completeIssuance', { token: other.token, params, body: { signature: 'AAAA', decryptedSha256: '00'.repeat(32) } })).status).toBe(404);
    expect((await ca.call('listOpenIssuances', { token: other.token })).items).toEqual([]);
  });
});

function broken(csr: string): string {
  const der = Buffer.from(csr, 'base64');
  der[der.length - 20] = (der[der.length - 20] ?? 0) ^ 1;
  return der.toString('base64');
}

describe('completion', () => {
  it('ok: again and at once: the same answer, one key written', async () => {
    const key = subscriber();
    const paid = await paidOrder(ca, who, 2);
    const certified = await certify(ca, who, await start(ca, who, paid, newSerial()), key);
    const call = { token: who.token, params: { issuanceId: certified.id }, body: key.proof(certified) };
    const answers = await Promise.all([ca.call('completeIssuance', call), ca.call('completeIssuance', call), ca.call('completeIssuance', call)]);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    const { lines } = await ca.call('getOrder', { token: who.token, params: { orderId: paid.order.id } });
    expect(lines[0]).toMatchObject({ writtenQuantity: 1, openQuantity: 0 });
  });

  it('refuses: a signature by another key, over another issuance, over the bare nonce; a wrong decryption', async () => {
    const key = subscriber();
    const paid = await paidOrder(ca, who, 2);
    const mine = await certify(ca, who, await start(ca, who, paid, newSerial()), key);
    const other = await certify(ca, who, await start(ca, who, paid, newSerial()), subscriber());
    const right = key.proof(mine);
    const nonce = Buffer.from(pairOf(mine).challenge.signNonce, 'base64');
    const wrongs: [object, string][] = [
      [{ ...right, signature: subscriber().sign(nonce).toString('base64') }, 'signature'],
      [{ ...right, signature: key.sign(Buffer.concat([Buffer.from(`BidKey completion v1\0${other.id}\0`), nonce])).toString('base64') }, 'signature'],
      [{ ...right, signature: key.sign(nonce).toString('base64') }, 'signature'],
      [{ ...right, signature: '' }, 'signature'],
      [{ ...right, decryptedSha256: createHash('sha256').update(nonce).digest('hex') }, 'decryption'],
    ];
    for (const [body, part] of wrongs) {
      const { problem } = await ca.refusal('completeIssuance', { token: who.token, params: { issuanceId: mine.id }, body });
      expect([problem.code, problem.details['part']]).toEqual(['COMPLETION_PROOF', part]);
    }
    expect((await ca.call('completeIssuance', { token: who.token, params: { issuanceId: mine.id }, body: right })).state).toBe('completed');
  });

  it('refuses: completion before there is a pair', async () => {
    const started = await start(ca, who, await paidOrder(ca, who), newSerial());
    const { problem } = await ca.refusal('completeIssuance', { token: who.token, params: { issuanceId: started.id }, body: { signature: 'AAAA', decryptedSha256: '00'.repeat(32) } });
    expect([problem.code, problem.details['state']]).toEqual(['ISSUANCE_STATE', 'started']);
  });
});

describe('cancellation', () => {
  it('ok: before the pair: quantity and use come back, the order is paid again, the same key may start again', async () => {
    const paid = await paidOrder(ca, who, 1);
    const serial = newSerial();
    const started = await start(ca, who, paid, serial);
    const params = { issuanceId: started.id };
    const cancelled = await ca.call('cancelIssuance', { token: who.token, params });
    expect(cancelled).toMatchObject({ state: 'cancelled', remainingQuantity: 1, pair: null });
    expect(await ca.call('cancelIssuance', { token: who.token, params })).toEqual(cancelled);
    expect((await ca.call('getOrder', { token: who.token, params: { orderId: paid.order.id } })).state).toBe('paid');
    expect((await ca.refusal('submitCsr', csrCall(started.id, await subscriber().csr(started)))).problem.code).toBe('ISSUANCE_STATE');
    expect((await issue(ca, who, paid, serial, subscriber())).state).toBe('completed');
  });

  it('ok: after the pair: both certificates are revoked and stand on the next list, with a higher number; the key is not taken again', async () => {
    const paid = await paidOrder(ca, who, 1);
    const key = subscriber();
    const crlNow = async () => openCrl(Buffer.from(await (await ca.raw('/crl/demo-rsa.crl')).arrayBuffer()));
    const before = await crlNow();
    const certified = await certify(ca, who, await start(ca, who, paid, newSerial()), key);
    await ca.call('cancelIssuance', { token: who.token, params: { issuanceId: certified.id } });
    const { items } = await ca.call('searchCertificates', { token: who.token, query: { tokenSerial: certified.tokenSerial } });
    expect(items.map(({ state }) => state)).toEqual(['revoked', 'revoked']);
    const after = await crlNow();
    expect(after.number).toBe(before.number + 1);
    for (const { serialHex } of items) expect(after.text).toContain(serialHex.replace(/^0+/, '').toUpperCase());
    const again = await start(ca, who, paid, newSerial());
    expect((await ca.refusal('submitCsr', csrCall(again.id, await key.csr(again)))).problem.code).toBe('CSR_KEY_IN_USE');
  });

  it('refuses: after completion', async () => {
    const done = await issue(ca, who, await paidOrder(ca, who), newSerial(), subscriber());
    expect((await ca.refusal('cancelIssuance', { token: who.token, params: { issuanceId: done.id } })).problem.code).toBe('ISSUANCE_STATE');
  });

  it('ok: cancellation and completion at once: one of them holds, and the counts agree', async () => {
    const paid = await paidOrder(ca, who, 1);
    const key = subscriber();
    const certified = await certify(ca, who, await start(ca, who, paid, newSerial()), key);
    const put = (what: string, body?: object) => ca.raw(`/v1/issuances/${certified.id}/${what}`, { method: 'PUT', headers: { authorization: `Bearer ${who.token}`, ...(body ? { 'content-type': 'application/json' } : {}) }, ...(body ? { body: JSON.stringify(body) } : {}) });
    const answers = await Promise.all([put('completion', key.proof(certified)), put('cancellation')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const { state } = await ca.call('getIssuance', { token: who.token, params: { issuanceId: certified.id } });
    const { lines } = await ca.call('getOrder', { token: who.token, params: { orderId: paid.order.id } });
    expect(lines[0]).toMatchObject({ openQuantity: 0, writtenQuantity: state === 'completed' ? 1 : 0 });
  });
});

async function openCrl(der: Buffer): Promise<{ number: number; text: string }> {
  const file = join(tmpdir(), `bidkey-crl-${newKey()}.der`);
  await writeFile(file, der);
  try {
    const { stdout } = await run('openssl', ['crl', '-inform', 'DER', '-in', file, '-noout', '-text', '-crlnumber']);
    return { number: Number(/crlNumber=(0x[0-9A-F]+)/.exec(stdout)?.[1]), text: stdout };
  } finally {
    await rm(file);
  }
}

describe('PKI addresses', () => {
  it('ok: standard media types, and not sent again to who has them', async () => {
    const rows = [['/ca/demo-rsa.cer', 'application/pkix-cert'], ['/ca/demo-rsa-root.cer', 'application/pkix-cert'], ['/ca/chain.pem', 'application/pem-certificate-chain'], ['/crl/demo-rsa.crl', 'application/pkix-crl'], ['/crl/demo-rsa-root.crl', 'application/pkix-crl']] as const;
    for (const [path, type] of rows) {
      const first = await ca.raw(path);
      expect([first.status, first.headers.get('content-type')]).toEqual([200, type]);
      const again = await ca.raw(path, { headers: { 'if-none-match': first.headers.get('etag') ?? '' } });
      expect([again.status, await again.text()]).toEqual([304, '']);
    }
  });

  it('ok: the list is the same until something is revoked, and signed anew two days before its end', async () => {
    const crl = async () => Buffer.from(await (await ca.raw('/crl/demo-rsa.crl')).arrayBuffer());
    const first = await openCrl(await crl());
    expect((await openCrl(await crl())).number).toBe(first.number);
    ca.advance(5 * 86_400_000);
    expect((await openCrl(await crl())).number).toBe(first.number + 1);
    who = { ...who, token: (await ca.call('createSession', { body: { loginName: who.loginName, password: 'three-blue-lanterns' } })).accessToken };
  });
});

describe('certificate search', () => {
  it('ok: mine by serial, subject and state; refuses: another account’s', async () => {
    const mine = await customer(ca);
    const done = await issue(ca, mine, await paidOrder(ca, mine), newSerial(), subscriber());
    const { items } = await ca.call('searchCertificates', { token: mine.token, query: { limit: 1 } });
    const serialHex = items[0]?.serialHex ?? '';
    expect((await ca.call('searchCertificates', { token: mine.token, query: { serialHex } })).items).toHaveLength(1);
    expect((await ca.call('searchCertificates', { token: mine.token, query: { subject: '测试建设' } })).items).toHaveLength(2);
    expect((await ca.call('searchCertificates', { token: mine.token, query: { subject: '%' } })).items).toHaveLength(0);
    expect((await ca.call('searchCertificates', { token: mine.token, query: { state: 'revoked' } })).items).toHaveLength(0);
    expect((await ca.call('getCertificate', { token: mine.token, params: { serialHex } })).issuanceId).toBe(done.id);
    const other = await customer(ca);
    expect((await ca.refusal('getCertificate', { token: other.token, params: { serialHex } })).status).toBe(404);
    expect((await ca.call('searchCertificates', { token: other.token, query: { serialHex } })).items).toEqual([]);
  });

  it('ok: pages go on where they stopped', async () => {
    const mine = await customer(ca);
    const paid = await paidOrder(ca, mine, 2);
    for (let n = 0; n < 2; n += 1) await issue(ca, mine, paid, newSerial(), subscriber());
    const first = await ca.call('searchCertificates', { token: mine.token, query: { limit: 3 } });
    const second = await ca.call('searchCertificates', { token: mine.token, query: { limit: 3, after: first.next ?? '' } });
    expect(new Set([...first.items, ...second.items].map(({ serialHex }) => serialHex)).size).toBe(4);
    expect(second.next).toBeNull();
  });
});

it('ok: an answer that got lost is found again under its Idempotency-Key, and by listing', async () => {
  const paid = await paidOrder(ca, who, 1);
  const call = { token: who.token, idempotencyKey: newKey(), body: startBody(paid, newSerial()) };
  const first = await ca.call('startIssuance', call);
  expect(await ca.call('startIssuance', call)).toEqual(first);
  const { items } = await ca.call('listOpenIssuances', { token: who.token, query: { requestId: paid.lineId } });
  expect(items.map(({ id }) => id)).toEqual([first.id]);
});
