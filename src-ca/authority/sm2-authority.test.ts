import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { derBitString, derOid, derSequence } from '#shared/asn1/der-writer.ts';
import { OIDS } from '#shared/asn1/oids.ts';
import type { CertificateSubject } from '#shared/contract/rest/orders.ts';
import { createCryptoPort } from '#shared/crypto/crypto-port.ts';
import { webCryptoProvider } from '#shared/crypto/webcrypto-provider.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import { readSm2Ciphertext, writeSm2Signature } from '#shared/sm/sm2-der.ts';
import { writeSm2CiphertextRaw } from '#shared/sm/sm2-encrypt.ts';
import { generateSm2KeyPair, type Sm2KeyPair } from '#shared/sm/sm2-key.ts';
import { sm2Sign } from '#shared/sm/sm2-sign.ts';
import { smProvider } from '#shared/sm/sm-provider.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { buildEcPublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { validatePath } from '#shared/x509/validate-path.ts';
import { generateRsaPkcs8, makeSoftwareSigner, makeThrowAwaySigner } from '../signers/software-signer.ts';
import type { DualCertificateOrder, Signer } from './authority-port.ts';
import { createCertificateAuthority } from './certificate-authority.ts';
import { openOrCreateAuthority, type AuthorityOptions, type OpenAuthority } from './open-or-create-authority.ts';

const random = (length: number) => new Uint8Array(randomBytes(length));
const crypto = createCryptoPort([webCryptoProvider(globalThis.crypto), smProvider(portableEngine, random)], globalThis.crypto);
const newKey = () => generateSm2KeyPair(random);
const spkiOf = (pair: Sm2KeyPair) => buildEcPublicKeyInfo('sm2', pair.publicKey);
const now = new Date('2026-06-01T08:00:00Z');
const company: CertificateSubject = { commonName: '杭州标钥科技有限公司', organisationName: '杭州标钥科技有限公司', unifiedSocialCreditCode: '91350100M000100Y43', identityNumber: null, handlerName: null, province: '浙江省', locality: '杭州市' };
const signKey = newKey();
const encryptKey = newKey();

let scratch: string, options: AuthorityOptions, open: OpenAuthority;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'bidkey-sm2-authority-'));
  options = {
    folder: join(scratch, 'sm2'), caId: 'sm2', keyAlgorithm: 'sm2', crypto, clock: () => now, names: { organisation: '标钥', rootCommonName: '根', issuingCommonName: '签发' },
    urls: { crl: 'http://ca.example/sm2.crl', issuingCertificate: 'http://ca.example/sm2.cer', rootCrl: 'http://ca.example/sm2-root.crl', rootCertificate: 'http://ca.example/sm2-root.cer', practiceStatement: null },
    signers: { kind: 'software', passphrase: Buffer.from('geheim'), scryptLog2N: 14 },
  };
  open = await openOrCreateAuthority(options);
});
afterAll(async () => {
  await open.close();
  await rm(scratch, { recursive: true, force: true });
});

const order = (changes: Partial<DualCertificateOrder> = {}): DualCertificateOrder => ({
  subject: company, certificateType: 'organisation', years: 1, notBefore: now, signSerialHex: open.authority.newSerialHex(), encryptSerialHex: open.authority.newSerialHex(),
  signPublicKeySpkiDer: spkiOf(signKey), encryptPublicKeySpkiDer: spkiOf(encryptKey), ...changes,
});
const list = { number: 1n, thisUpdate: now, nextUpdate: new Date(now.getTime() + 86_400_000), entries: [] };

describe('an SM2 authority', () => {
  it('ok: both certificates chain to the root with both lists', async () => {
    const issued = await open.authority.issueDualCertificates(order());
    const crlsDer = [await open.authority.signCrl(list), open.rootCrlDer];
    for (const [leafDer, keyUsage] of [[issued.signCertificateDer, ['digitalSignature', 'nonRepudiation']], [issued.encryptCertificateDer, ['keyEncipherment', 'dataEncipherment', 'keyAgreement']]] as const) {
      const path = await validatePath({ leafDer, intermediatesDer: [open.issuingCertificateDer], trustAnchorsDer: [open.rootCertificateDer], at: now, keyUsage, revocation: { kind: 'crls', crlsDer } }, crypto);
      expect(path).toMatchObject({ valid: true, revocation: 'checked' });
    }
  });
  it('ok: opens again with the same certificates, and goes on issuing', async () => {
    const again = await openOrCreateAuthority(options);
    expect(again).toMatchObject({ created: false, rootCertificateDer: open.rootCertificateDer, issuingCertificateDer: open.issuingCertificateDer });
    expect(parseCertificate((await again.authority.issueDualCertificates(order())).signCertificateDer).issuer.der).toEqual(parseCertificate(open.issuingCertificateDer).subject.der);
    await again.close();
  });
  it('ok: verifies a subscriber’s signature under the default user id only, and encrypts to a subscriber', async () => {
    const message = Buffer.from('challenge');
    const signed = (key: Sm2KeyPair, userId?: Uint8Array) => writeSm2Signature(sm2Sign(key.privateKey, message, userId));
    const verify = (signature: Uint8Array) => open.authority.verifySubscriberSignature(spkiOf(signKey), message, signature);
    expect([await verify(signed(signKey)), await verify(signed(encryptKey)), await verify(signed(signKey, Buffer.from('x'))), await verify(new Uint8Array(0))]).toEqual([true, false, false, false]);
    const ciphertext = readSm2Ciphertext(await open.authority.encryptToSubscriber(spkiOf(encryptKey), message));
    expect(Buffer.from(await portableEngine.sm2Decrypt(encryptKey.privateKey, writeSm2CiphertextRaw(ciphertext)))).toEqual(message);
  });
  it.each<[string, () => Promise<Partial<DualCertificateOrder>>, string]>([
    ['an RSA encryption key', async () => ({ encryptPublicKeySpkiDer: (await generateRsaPkcs8(2048)).publicKeySpkiDer }), 'one-key-family'],
    ['a point off the curve', async () => ({ encryptPublicKeySpkiDer: derSequence(derSequence(derOid(OIDS.ecPublicKey), derOid(OIDS.curveSm2)), derBitString(encryptKey.publicKey.map((byte, index) => (index === 64 ? byte ^ 1 : byte)))) }), 'sm2-public-key'],
    ['one key for both', async () => ({ encryptPublicKeySpkiDer: spkiOf(signKey) }), 'key-of-its-own'],
    ['the key of the issuing CA', async () => ({ encryptPublicKeySpkiDer: parseCertificate(open.issuingCertificateDer).publicKeySpkiDer }), 'key-of-its-own'],
  ])('refuses before signing: %s', async (_, changes, ruleId) => {
    await expect(changes().then((found) => open.authority.issueDualCertificates(order(found)))).rejects.toMatchObject({ code: 'CERTIFICATE_LINT', details: { rules: expect.arrayContaining([expect.stringContaining(ruleId)]) as string[] } });
  });
  it('refuses: to give out what a faulty signer signed', async () => {
    const wrong: Signer = { ...(await makeThrowAwaySigner('sm2-sm3')), publicKeySpkiDer: parseCertificate(open.issuingCertificateDer).publicKeySpkiDer };
    const authority = createCertificateAuthority({ caId: 'sm2', keyAlgorithm: 'sm2', chainDer: open.authority.chainDer, addresses: { crl: 'http://ca.example/sm2.crl', issuerCertificate: 'http://ca.example/sm2.cer', practiceStatement: null }, means: { signer: wrong, throwAway: await makeThrowAwaySigner('sm2-sm3'), crypto } });
    await expect(authority.issueDualCertificates(order())).rejects.toMatchObject({ code: 'SIGNER_FAILED' });
    await expect(authority.signCrl(list)).rejects.toMatchObject({ code: 'SIGNER_FAILED' });
  });
  it('refuses: to open as an RSA authority', async () => {
    await cp(options.folder, join(scratch, 'as-rsa'), { recursive: true });
    await expect(openOrCreateAuthority({ ...options, folder: join(scratch, 'as-rsa'), keyAlgorithm: 'rsa-2048' })).rejects.toMatchObject({ code: 'AUTHORITY_DAMAGED' });
  });
  it('ok: a key store holds no private key in clear; what is no SM2 key makes no signer', async () => {
    for (const name of await readdir(options.folder)) expect((await readFile(join(options.folder, name))).includes('PRIVATE KEY')).toBe(false);
    const rsa = await generateRsaPkcs8(2048);
    expect(() => makeSoftwareSigner('x', 'sm2-sm3', rsa.pkcs8Der)).toThrow(expect.objectContaining({ code: 'ALGORITHM_UNSUPPORTED' }));
  });
});
