/**
 * National certificates, requests, lists and envelopes of BidKey in the hands of openssl and Bouncy Castle. OpenSSL 3.0 is told the user id (`distid`) and
 * can do so for the certificate it is asked about, for requests and raw signatures; it has no way to be told for lists, so lists are Bouncy Castle's.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openOrCreateKeyManagementCentre, type OpenCentre } from '../../src-ca/key-management/open-or-create-centre.ts';
import { fromBase64 } from '../../src-shared/bytes/base64.ts';
import { readCsrResponse } from '../../src-shared/sm/csr-response.ts';
import { portableEngine } from '../../src-shared/sm/portable-engine.ts';
import { openSm2EnvelopedKey } from '../../src-shared/sm/sm2-enveloped-key.ts';
import { writeSm2PrivateKeyInfo } from '../../src-shared/pkcs/sm2-private-key-info.ts';
import { parseCertificate } from '../../src-shared/x509/certificate.ts';
import { parseCertificateRevocationList } from '../../src-shared/x509/certificate-revocation-list.ts';
import { signCertificationRequest } from '../../src-shared/x509/certification-request.ts';
import { fromPem, toPem } from '../../src-shared/x509/pem.ts';
import { bouncyCastleMissing, compileBouncyCastle, type BouncyCastle } from '../interop-java/bouncy-castle.ts';
import { newSm2Key, openSm2TestAuthority, sm2CryptoPort, type Sm2TestAuthority } from './sm2-test-authority.ts';
import { company } from './test-authority.ts';
import { createScratch, type Scratch } from './tools.ts';

const DISTID = 'distid:1234567812345678';
const OTHER_DISTID = 'distid:8765432187654321';
const OTHER_ID = Buffer.from('8765432187654321');
const hour = 3_600_000;
const signKey = newSm2Key();
let scratch: Scratch, open: Sm2TestAuthority, centre: OpenCentre;
let signDer: Uint8Array, encryptDer: Uint8Array, csrResponse: Uint8Array;

const crl = (number: bigint, ...serials: string[]) => {
  const thisUpdate = new Date(Date.now() - 1000);
  return open.authority.signCrl({ number, thisUpdate, nextUpdate: new Date(thisUpdate.getTime() + 24 * hour), entries: serials.map((serialHex) => ({ serialHex, revokedAt: new Date(thisUpdate.getTime() - hour), reason: 'keyCompromise' })) });
};

beforeAll(async () => {
  scratch = await createScratch();
  open = await openSm2TestAuthority();
  centre = await openOrCreateKeyManagementCentre({ file: scratch.path('centre.keystore'), passphrase: Buffer.from('interop'), crypto: sm2CryptoPort, scryptLog2N: 14, onFault: (thrown) => { throw thrown; } });
  const escrowed = await centre.centre.generate('sm2');
  const issued = await open.authority.issueDualCertificates({
    subject: company, certificateType: 'organisation', years: 1, notBefore: new Date(Date.now() - 30_000), signSerialHex: open.authority.newSerialHex(), encryptSerialHex: open.authority.newSerialHex(),
    signPublicKeySpkiDer: signKey.spki, encryptPublicKeySpkiDer: escrowed.publicKeySpkiDer,
  });
  [signDer, encryptDer] = [issued.signCertificateDer, issued.encryptCertificateDer];
  const envelope = await centre.centre.envelope(escrowed, { signPublicKeySpkiDer: signKey.spki, signCertificateDer: signDer, encryptCertificateDer: encryptDer });
  if (envelope.format !== 'gmt0092-csr-response') throw new Error(envelope.format);
  csrResponse = fromBase64(envelope.csrResponse);
  for (const [name, der] of [['root', open.root.der], ['issuing', open.issuing.der], ['sign', signDer], ['enc', encryptDer]] as const) {
    await scratch.write(`${name}.pem`, toPem('CERTIFICATE', der));
    await scratch.write(`${name}.der`, der);
  }
  await scratch.write('sign-key.pem', toPem('PRIVATE KEY', signKey.pkcs8));
  await scratch.write('sign-key.der', signKey.pkcs8);
  await scratch.write('list.der', await crl(1n));
  await scratch.write('root-list.der', open.rootCrlDer);
});
afterAll(async () => {
  await centre.close();
  await scratch.dispose();
});

const openEncryptionKey = async () => {
  const { envelopedKey } = readCsrResponse(csrResponse);
  if (!envelopedKey) throw new Error('no key');
  return openSm2EnvelopedKey(portableEngine, signKey.pair.privateKey, envelopedKey);
};
const request = () => signCertificationRequest({ subjectDer: open.authority.subjectNameDer(company), publicKeySpkiDer: signKey.spki, signAlgorithm: 'sm2-sm3' }, async (message) => signKey.sign(message));

describe('openssl', () => {
  it.each([['sign', 'issuing'], ['enc', 'issuing'], ['issuing', 'root']])('ok: %s is signed by %s under the default user id; refused under another and under none', async (name, issuer) => {
    const verify = (...options: string[]) => scratch.run('openssl', ['verify', '-x509_strict', '-partial_chain', ...options, '-CAfile', `${issuer}.pem`, `${name}.pem`]);
    expect(await verify('-vfyopt', DISTID)).toMatchObject({ exitCode: 0, output: expect.stringContaining(': OK') });
    for (const options of [['-vfyopt', OTHER_DISTID], []]) expect((await verify(...options)).output).toContain('certificate signature failure');
  });
  it('ok: req -verify accepts our request under the default user id only', async () => {
    await scratch.write('csr.pem', toPem('CERTIFICATE REQUEST', await request()));
    const verify = (...options: string[]) => scratch.run('openssl', ['req', '-in', 'csr.pem', '-verify', '-noout', ...options]);
    expect((await verify('-vfyopt', DISTID)).output).toContain('verify OK');
    for (const options of [['-vfyopt', OTHER_DISTID], []]) expect((await verify(...options)).output).toContain('verify failure');
  });
  it('ok: a request made by openssl is accepted; made under another user id it is refused', async () => {
    const make = async (distid: string) => {
      const subject = '/C=CN/ST=浙江省/L=杭州市/O=杭州标钥科技有限公司/CN=杭州标钥科技有限公司';
      const { output } = await scratch.run('openssl', ['req', '-new', '-utf8', '-key', 'sign-key.pem', '-sm3', '-sigopt', distid, '-subj', subject]);
      return open.authority.checkCsr(fromPem(output)[0]?.der ?? new Uint8Array(0), open.authority.subjectNameDer(company));
    };
    expect(await make(DISTID)).toEqual({ publicKeySpkiDer: signKey.spki });
    await expect(make(OTHER_DISTID)).rejects.toMatchObject({ code: 'CSR_SIGNATURE' });
  });
  it('ok: the signature of the list verifies as a raw signature over its signed part, under the default user id only', async () => {
    const { tbsDer, signature } = parseCertificateRevocationList(await readFile(scratch.path('list.der')));
    await scratch.write('list.tbs', tbsDer);
    await scratch.write('list.sig', signature);
    await scratch.write('issuing-public.pem', (await scratch.run('openssl', ['x509', '-in', 'issuing.pem', '-pubkey', '-noout'])).output);
    const verify = (distid: string) => scratch.run('openssl', ['dgst', '-sm3', '-verify', 'issuing-public.pem', '-sigopt', distid, '-signature', 'list.sig', 'list.tbs']);
    expect((await verify(DISTID)).output).toContain('Verified OK');
    expect((await verify(OTHER_DISTID)).exitCode).not.toBe(0);
  });
  it('ok: a signature by openssl is a subscriber’s signature under the default user id only', async () => {
    await scratch.write('message', 'challenge');
    const verify = async (distid: string) => {
      await scratch.run('openssl', ['dgst', '-sm3', '-sign', 'sign-key.pem', '-sigopt', distid, '-out', 'message.sig', 'message']);
      return open.authority.verifySubscriberSignature(signKey.spki, Buffer.from('challenge'), await readFile(scratch.path('message.sig')));
    };
    expect([await verify(DISTID), await verify(OTHER_DISTID)]).toEqual([true, false]);
  });
  it('ok: what is encrypted to the encryption certificate opens with the delivered key in openssl', async () => {
    const key = await openEncryptionKey();
    await scratch.write('enc-key.pem', toPem('PRIVATE KEY', writeSm2PrivateKeyInfo(key)));
    await scratch.write('secret.der', await open.authority.encryptToSubscriber(parseCertificate(encryptDer).publicKeySpkiDer, Buffer.from('thirty-two octets of a challenge')));
    expect(await scratch.run('openssl', ['pkeyutl', '-decrypt', '-inkey', 'enc-key.pem', '-in', 'secret.der'])).toEqual({ exitCode: 0, output: 'thirty-two octets of a challenge' });
    const publicKey = async (...from: string[]) => (await scratch.run('openssl', from)).output;
    expect(await publicKey('pkey', '-in', 'enc-key.pem', '-pubout')).toBe(await publicKey('x509', '-in', 'enc.pem', '-pubkey', '-noout'));
  });
  it('ok: shows the curve, the algorithm and the key usages by their names', async () => {
    const text = async (name: string) => (await scratch.run('openssl', ['x509', '-in', name, '-noout', '-text'])).output;
    for (const part of ['Signature Algorithm: SM2-with-SM3', 'ASN1 OID: SM2', 'Digital Signature, Non Repudiation']) expect(await text('sign.pem')).toContain(part);
    expect(await text('enc.pem')).toContain('Key Encipherment, Data Encipherment, Key Agreement\n');
  });
});

const missing = bouncyCastleMissing();
describe.skipIf(missing !== null)(`Bouncy Castle${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let bouncyCastle: BouncyCastle;
  beforeAll(() => {
    bouncyCastle = compileBouncyCastle();
  });
  afterAll(() => bouncyCastle.remove());
  const file = (name: string) => scratch.path(name);
  const path = (leaf: string, ...lists: string[]) => bouncyCastle.check('path', file(leaf), file('issuing.der'), file('root.der'), ...lists.map(file));

  it('ok: verifies every certificate and the request', async () => {
    for (const [name, issuer] of [['sign', 'issuing'], ['enc', 'issuing'], ['issuing', 'root'], ['root', 'root']]) expect(bouncyCastle.check('certificate', file(`${name}.der`), file(`${issuer}.der`))).toBe('valid');
    await scratch.write('csr.der', await request());
    expect(bouncyCastle.check('request', file('csr.der'))).toBe('valid');
  });
  it('refuses: a request under another user id', async () => {
    await scratch.write('csr-other.der', await signCertificationRequest({ subjectDer: open.authority.subjectNameDer(company), publicKeySpkiDer: signKey.spki, signAlgorithm: 'sm2-sm3' }, async (message) => signKey.sign(message, OTHER_ID)));
    expect(bouncyCastle.check('request', file('csr-other.der'))).toBe('wrong');
  });
  it('ok: verifies both lists; refuses one under another user id and one under an empty one', async () => {
    expect(bouncyCastle.check('crl', file('list.der'), file('issuing.der'))).toBe('valid');
    expect(bouncyCastle.check('crl', file('root-list.der'), file('root.der'))).toBe('valid');
    const good = await readFile(file('list.der'));
    for (const [name, userId] of [['other', OTHER_ID], ['empty', new Uint8Array(0)]] as const) {
      await scratch.write(`list-${name}.der`, open.signedAgain(good, userId));
      expect(() => bouncyCastle.check('crl', file(`list-${name}.der`), file('issuing.der'))).toThrow(/SignatureException|CRL does not verify/);
    }
    await scratch.write('list-again.der', open.signedAgain(good, Buffer.from('1234567812345678')));
    expect(bouncyCastle.check('crl', file('list-again.der'), file('issuing.der'))).toBe('valid');
  });
  it('ok: PKIX validates both paths with both lists', () => {
    for (const leaf of ['sign.der', 'enc.der']) expect(path(leaf, 'list.der', 'root-list.der')).toBe('valid');
  });
  it('refuses: the path of a revoked certificate, of one without a list, and with a list under another user id; the other one of the pair stays good', async () => {
    await scratch.write('list-revoked.der', await crl(2n, parseCertificate(signDer).serialHex));
    expect(() => path('sign.der', 'list-revoked.der', 'root-list.der')).toThrow(/revo/i);
    expect(path('enc.der', 'list-revoked.der', 'root-list.der')).toBe('valid');
    expect(() => path('sign.der', 'root-list.der')).toThrow(/CRL/);
    await scratch.write('list-other-id.der', open.signedAgain(await readFile(file('list.der')), OTHER_ID));
    expect(() => path('sign.der', 'list-other-id.der', 'root-list.der')).toThrow(/CRL|signature/i);
  });
  it('ok: opens the answer of GM/T 0092 to the key of the encryption certificate; not with another key', async () => {
    expect(bouncyCastle.check('csr-response', await scratch.write('answer.der', csrResponse), file('sign-key.der'), file('secret'))).toBe('opened');
    expect(new Uint8Array(await readFile(file('secret')))).toEqual((await openEncryptionKey()).privateKey);
    await scratch.write('other-key.der', newSm2Key().pkcs8);
    expect(() => bouncyCastle.check('csr-response', file('answer.der'), file('other-key.der'), file('nothing'))).toThrow(/InvalidCipherText|invalid cipher text/);
  });
});
