/** Issuance of dual SM2 certificates over real HTTP with a token in software: the whole way, what is published, every refusal of its own; checked by openssl from outside. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { derBitString, derContext, derInteger, derNull, derOid, derSequence } from '#shared/asn1/der-writer.ts';
import { OIDS } from '#shared/asn1/oids.ts';
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import { readSm2Signature, writeSm2Signature } from '#shared/sm/sm2-der.ts';
import { openSm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import { sm2Verify } from '#shared/sm/sm2-sign.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import { sm2PointOf } from '#shared/sm/sm-provider.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { parseCertificateRevocationList } from '#shared/x509/certificate-revocation-list.ts';
import { findExtension } from '#shared/x509/extension.ts';
import { KEY_USAGE } from '#shared/x509/extensions/key-usage.ts';
import { fromPem, toPem } from '#shared/x509/pem.ts';
import { buildEcPublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { certify, customer, issue, newSerial, paidOrder, RSA_WANTED, SM2_WANTED, start, type Customer } from './support/journeys.ts';
import { csrResponseOf, completionMessage, sm2Request, sm2Subscriber } from './support/sm2-subscriber.ts';
import { pairOf, subscriber } from './support/subscriber.ts';
import { testCa, type TestCa } from './support/test-ca.ts';

const run = promisify(execFile);
const DISTID = '1234567812345678';
let ca: TestCa;
let who: Customer;
beforeAll(async () => {
  ca = await testCa();
  who = await customer(ca);
});
afterAll(() => ca.stop());

const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));
const begin = async () => start(ca, who, await paidOrder(ca, who, 1, SM2_WANTED), newSerial());
const submit = (issuance: Issuance, csrDer: string) => ({ token: who.token, params: { issuanceId: issuance.id }, body: { csrDer } });
const published = async (path: string) => new Uint8Array(await (await ca.raw(path)).arrayBuffer());

describe('the whole way', () => {
  it('ok: order of two keys: each gets one active pair, and the order is completed', async () => {
    const paid = await paidOrder(ca, who, 2, SM2_WANTED);
    for (const remainingQuantity of [1, 0]) {
      const tokenSerial = newSerial();
      expect(await issue(ca, who, paid, tokenSerial, sm2Subscriber())).toMatchObject({ state: 'completed', keyAlgorithm: 'sm2', remainingQuantity });
      const { items } = await ca.call('searchCertificates', { token: who.token, query: { tokenSerial } });
      expect(items.map(({ purpose, state }) => `${purpose} ${state}`).sort()).toEqual(['encrypt active', 'sign active']);
      const [first] = items;
      expect((await ca.call('getCertificate', { token: who.token, params: { serialHex: first?.serialHex ?? '' } })).certificateDer).not.toBe('');
    }
    expect((await ca.call('getOrder', { token: who.token, params: { orderId: paid.order.id } })).state).toBe('completed');
  });

  it('ok: both certificates are national ones: curve, signature algorithm, key usages, one subject', async () => {
    const key = sm2Subscriber();
    const pair = pairOf(await certify(ca, who, await begin(), key));
    const [sign, encrypt] = [parseCertificate(bytes(pair.signCertificateDer)), parseCertificate(bytes(pair.encryptionCertificateDer))];
    expect(sign.publicKeySpkiDer).toEqual(key.publicKeySpkiDer);
    expect(sign.subject.der).toEqual(encrypt.subject.der);
    for (const one of [sign, encrypt]) {
      expect(one.signatureAlgorithm).toMatchObject({ oid: OIDS.sm2SignWithSm3, parametersDer: null });
      expect(one.tbsSignatureAlgorithm.der).toEqual(one.signatureAlgorithm.der);
    }
    expect(findExtension(sign.extensions, KEY_USAGE)).toEqual({ critical: true, value: ['digitalSignature', 'nonRepudiation'] });
    expect(findExtension(encrypt.extensions, KEY_USAGE)).toEqual({ critical: true, value: ['keyEncipherment', 'dataEncipherment', 'keyAgreement'] });
  });

  it('ok: the answer of GM/T 0092 holds both certificates and opens with the token’s key to the key of the encryption certificate', async () => {
    const key = sm2Subscriber();
    const pair = pairOf(await certify(ca, who, await begin(), key));
    const answer = csrResponseOf(pair);
    expect(answer.signCertificates).toEqual([bytes(pair.signCertificateDer)]);
    expect(answer.encryptCertificates).toEqual([bytes(pair.encryptionCertificateDer)]);
    expect(answer.envelopedKey).toMatchObject({ symmetricOid: OIDS.sm4Ecb, encryptedPrivateKey: { length: 32 } });
    expect((await key.open(pair)).publicKey).toEqual(sm2PointOf(parseCertificate(bytes(pair.encryptionCertificateDer)).publicKeySpkiDer));
    if (!answer.envelopedKey) throw new Error('no key');
    await expect(openSm2EnvelopedKey(portableEngine, sm2Subscriber().pair.privateKey, answer.envelopedKey)).rejects.toMatchObject({ code: 'DECRYPT_FAILED' });
  });

  it('ok: openssl verifies the request and every link of the chain with the default user id, and none with another one', async () => {
    const key = sm2Subscriber();
    const started = await begin();
    const pair = pairOf(await certify(ca, who, started, key));
    const folder = await mkdtemp(join(tmpdir(), 'bidkey-sm2-'));
    const file = (name: string) => join(folder, name);
    const at = String(Math.floor(ca.now().getTime() / 1000) + 1);
    // Link by link: OpenSSL 3.0 gives the user id to the certificate that it is asked about, not to those above it.
    const verify = (name: string, issuer: string, ...options: string[]) => run('openssl', ['verify', '-x509_strict', '-partial_chain', '-attime', at, ...options, '-CAfile', file(issuer), file(name)]);
    try {
      await writeFile(file('root.pem'), toPem('CERTIFICATE', bytes(pair.chainDer[1] ?? '')));
      await writeFile(file('issuing.pem'), toPem('CERTIFICATE', bytes(pair.chainDer[0] ?? '')));
      await writeFile(file('sign.pem'), toPem('CERTIFICATE', bytes(pair.signCertificateDer)));
      await writeFile(file('enc.pem'), toPem('CERTIFICATE', bytes(pair.encryptionCertificateDer)));
      for (const [name, issuer] of [['sign.pem', 'issuing.pem'], ['enc.pem', 'issuing.pem'], ['issuing.pem', 'root.pem']] as const) {
        expect((await verify(name, issuer, '-vfyopt', `distid:${DISTID}`)).stdout).toContain('OK');
        await expect(verify(name, issuer, '-vfyopt', 'distid:8765432187654321')).rejects.toMatchObject({ stderr: expect.stringContaining('certificate signature failure') as string });
        await expect(verify(name, issuer)).rejects.toMatchObject({ stderr: expect.stringContaining('certificate signature failure') as string });
      }
      await writeFile(file('csr.der'), bytes(await key.csr(started)));
      const request = (...options: string[]) => run('openssl', ['req', '-inform', 'DER', '-in', file('csr.der'), '-verify', '-noout', ...options]);
      expect((await request('-vfyopt', `distid:${DISTID}`)).stderr).toContain('verify OK');
      expect((await request('-vfyopt', 'distid:8765432187654321').catch((failed: { stderr: string }) => failed)).stderr).toContain('verify failure');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('what is published', () => {
  const verifies = (signed: { tbsDer: Uint8Array; signature: Uint8Array }, issuerSpki: Uint8Array, userId?: Uint8Array) => sm2Verify(sm2PointOf(issuerSpki), signed.tbsDer, readSm2Signature(signed.signature), userId);

  it('ok: certificates of issuing CA and root, both lists signed with SM3-SM2 under the default user id, and every chain in one file', async () => {
    const [issuing, root] = [parseCertificate(await published('/ca/demo-sm2.cer')), parseCertificate(await published('/ca/demo-sm2-root.cer'))];
    for (const [path, issuer] of [['/crl/demo-sm2.crl', issuing], ['/crl/demo-sm2-root.crl', root]] as const) {
      const crl = parseCertificateRevocationList(await published(path));
      expect(crl.signatureAlgorithm).toMatchObject({ oid: OIDS.sm2SignWithSm3, parametersDer: null });
      expect(crl.issuer.der).toEqual(issuer.subject.der);
      expect(verifies(crl, issuer.publicKeySpkiDer)).toBe(true);
      expect(verifies(crl, issuer.publicKeySpkiDer, new Uint8Array(0))).toBe(false);
    }
    expect(fromPem(Buffer.from(await published('/ca/chain.pem')).toString('ascii'))).toHaveLength(4);
  });

  it('ok: certificates of a cancelled issuance stand on the SM2 list, not on the RSA one', async () => {
    const certified = await certify(ca, who, await begin(), sm2Subscriber());
    await ca.call('cancelIssuance', { token: who.token, params: { issuanceId: certified.id } });
    const serials = [pairOf(certified).signCertificateDer, pairOf(certified).encryptionCertificateDer].map((der) => parseCertificate(bytes(der)).serialHex);
    const listed = async (path: string) => parseCertificateRevocationList(await published(path)).entries.map(({ serialHex }) => serialHex);
    expect(await listed('/crl/demo-sm2.crl')).toEqual(expect.arrayContaining(serials));
    for (const serial of serials) expect(await listed('/crl/demo-rsa.crl')).not.toContain(serial);
  });
});

describe('requests', () => {
  const key = sm2Subscriber();
  const withPoint = (point: Uint8Array) => derSequence(derSequence(derOid(OIDS.ecPublicKey), derOid(OIDS.curveSm2)), derBitString(point));
  const offCurve = key.pair.publicKey.map((byte, index) => (index === 64 ? byte ^ 1 : byte));
  const withAlgorithm = async (issuance: Issuance, algorithm: Uint8Array) => {
    const info = derSequence(derInteger(0), bytes(issuance.csrSubjectDer), key.publicKeySpkiDer, derContext(0));
    return Buffer.from(derSequence(info, algorithm, derBitString(key.sign(info)))).toString('base64');
  };
  it.each<[string, (issuance: Issuance) => Promise<string>, string]>([
    ['an RSA key', (issuance) => subscriber().csr(issuance), 'CSR_KEY_ALGORITHM'],
    ['a key on P-256', (issuance) => sm2Request(issuance.csrSubjectDer, buildEcPublicKeyInfo('p-256', key.pair.publicKey), key.sign), 'CSR_KEY_ALGORITHM'],
    ['a point off the curve', (issuance) => sm2Request(issuance.csrSubjectDer, withPoint(offCurve), key.sign), 'CSR_MALFORMED'],
    ['the point at infinity', (issuance) => sm2Request(issuance.csrSubjectDer, withPoint(Uint8Array.of(0)), key.sign), 'CSR_MALFORMED'],
    ['a point of zeros', (issuance) => sm2Request(issuance.csrSubjectDer, withPoint(Uint8Array.of(4, ...new Uint8Array(64))), key.sign), 'CSR_MALFORMED'],
    ['a compressed point', (issuance) => sm2Request(issuance.csrSubjectDer, withPoint(Uint8Array.of(2, ...key.pair.publicKey.subarray(1, 33))), key.sign), 'CSR_MALFORMED'],
    ['a signature under another user id', (issuance) => sm2Request(issuance.csrSubjectDer, key.publicKeySpkiDer, (message) => key.sign(message, Buffer.from('8765432187654321'))), 'CSR_SIGNATURE'],
    ['a signature under an empty user id', (issuance) => sm2Request(issuance.csrSubjectDer, key.publicKeySpkiDer, (message) => key.sign(message, new Uint8Array(0))), 'CSR_SIGNATURE'],
    ['a signature by a foreign key', (issuance) => sm2Request(issuance.csrSubjectDer, key.publicKeySpkiDer, sm2Subscriber().sign), 'CSR_SIGNATURE'],
    ['r and s without their structure', (issuance) => sm2Request(issuance.csrSubjectDer, key.publicKeySpkiDer, (message) => readSm2Signature(key.sign(message))), 'CSR_SIGNATURE'],
    ['r and s zero', (issuance) => sm2Request(issuance.csrSubjectDer, key.publicKeySpkiDer, () => writeSm2Signature(new Uint8Array(64))), 'CSR_SIGNATURE'],
    ['parameters NULL in the signature algorithm', (issuance) => withAlgorithm(issuance, derSequence(derOid(OIDS.sm2SignWithSm3), derNull())), 'CSR_KEY_ALGORITHM'],
    ['ECDSA in the signature algorithm', (issuance) => withAlgorithm(issuance, derSequence(derOid(OIDS.ecdsaWithSha256))), 'CSR_KEY_ALGORITHM'],
  ])('refuses: %s', async (_, make, code) => {
    const issuance = await begin();
    expect((await ca.refusal('submitCsr', submit(issuance, await make(issuance)))).problem.code).toBe(code);
    expect((await ca.call('getIssuance', { token: who.token, params: { issuanceId: issuance.id } })).state).toBe('started');
  });

  it('refuses: an SM2 key for an RSA project', async () => {
    const issuance = await start(ca, who, await paidOrder(ca, who, 1, RSA_WANTED), newSerial());
    expect((await ca.refusal('submitCsr', submit(issuance, await key.csr(issuance)))).problem.code).toBe('CSR_KEY_ALGORITHM');
  });

  it('refuses: a key that stands in another certificate', async () => {
    const used = sm2Subscriber();
    await certify(ca, who, await begin(), used);
    const second = await begin();
    expect((await ca.refusal('submitCsr', submit(second, await used.csr(second)))).problem.code).toBe('CSR_KEY_IN_USE');
  });

  it('ok: the same request again gets the same pair', async () => {
    const again = sm2Subscriber();
    const issuance = await begin();
    expect(await certify(ca, who, issuance, again)).toEqual(await certify(ca, who, issuance, again));
  });
});

describe('completion', () => {
  it('refuses: a proof under another user id, without DER, by another key, with a wrong secret; then takes the right one', async () => {
    const key = sm2Subscriber();
    const certified = await certify(ca, who, await begin(), key);
    const good = await key.proof(certified);
    const message = completionMessage(certified);
    const other = sm2Subscriber().sign(message);
    const base64 = (signature: Uint8Array) => Buffer.from(signature).toString('base64');
    const complete = (body: object) => ({ token: who.token, params: { issuanceId: certified.id }, body });
    const wrong = [key.sign(message, Buffer.from('x')), readSm2Signature(key.sign(message)), other].map((signature) => ({ ...good, signature: base64(signature) }));
    for (const proof of [...wrong, { ...good, decryptedSha256: '00'.repeat(32) }]) expect((await ca.refusal('completeIssuance', complete(proof))).problem.code).toBe('COMPLETION_PROOF');
    expect((await ca.call('completeIssuance', complete(good))).state).toBe('completed');
  });
});
