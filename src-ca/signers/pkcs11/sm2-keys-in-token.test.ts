/** An SM2 authority whose keys live in a PKCS#11 module: the software UKey stands for the HSM, and does on order what an HSM does on a bad day. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCryptoPort } from '#shared/crypto/crypto-port.ts';
import { webCryptoProvider } from '#shared/crypto/webcrypto-provider.ts';
import { generateSm2KeyPair } from '#shared/sm/sm2-key.ts';
import { smProvider } from '#shared/sm/sm-provider.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { parseCertificateRevocationList } from '#shared/x509/certificate-revocation-list.ts';
import { buildEcPublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { toPem } from '#shared/x509/pem.ts';
import { validatePath } from '#shared/x509/validate-path.ts';
import { createScratch } from '../../../tests/interop/tools.ts';
import { createTestSoftUkey, softUkeyMissing, type TestSoftUkey } from '../../../tests/support/soft-ukey.ts';
import { startCa } from '../../../tests/support/start-ca.ts';
import type { DualCertificateOrder } from '../../authority/authority-port.ts';
import { openOrCreateAuthority, type AuthorityOptions, type OpenAuthority } from '../../authority/open-or-create-authority.ts';
import { openPkcs11Keys, type Pkcs11KeySource, type Pkcs11Keys } from './pkcs11-keys.ts';
import { parseSm2Mechanisms } from './sm2-mechanisms.ts';

const profileNumbers = (JSON.parse(readFileSync(new URL('../../../resources/ukey-models/bidkey-soft-ukey.json', import.meta.url), 'utf8')) as { sm2: Record<string, unknown> }).sm2;
const numbers = (changes: Record<string, unknown> = {}) => JSON.stringify({ ...profileNumbers, ...changes });
const random = (length: number) => new Uint8Array(randomBytes(length));
const crypto = createCryptoPort([webCryptoProvider(globalThis.crypto), smProvider(portableEngine, random)], globalThis.crypto);
const message = Buffer.from('to be signed');
const now = new Date('2026-06-01T08:00:00Z');
const newPublicKey = () => buildEcPublicKeyInfo('sm2', generateSm2KeyPair(random).publicKey);

describe.skipIf(softUkeyMissing() !== null)('SM2 keys of the CA in a PKCS#11 token (software UKey)', { timeout: 120_000 }, () => {
  let hsm: TestSoftUkey, scratch: string;
  const open: { close(): Promise<void> }[] = [];
  const source = (changes: Partial<Pkcs11KeySource> = {}): Pkcs11KeySource => ({ modulePath: hsm.libraryPath, tokenLabel: hsm.label, sm2: parseSm2Mechanisms(numbers()), pin: Buffer.from(hsm.pin), env: hsm.env, ...changes });
  const openKeys = async (changes: Partial<Pkcs11KeySource> = {}): Promise<Pkcs11Keys> => {
    const keys = await openPkcs11Keys(source(changes));
    open.push(keys);
    return keys;
  };
  const authorityOptions = (changes: Partial<Pkcs11KeySource> = {}): AuthorityOptions => ({
    folder: join(scratch, 'sm2'), caId: 'sm2', keyAlgorithm: 'sm2', crypto, clock: () => now, names: { organisation: '标钥', rootCommonName: '根', issuingCommonName: '签发' },
    urls: { crl: 'http://ca.example/sm2.crl', issuingCertificate: 'http://ca.example/sm2.cer', rootCrl: 'http://ca.example/sm2-root.crl', rootCertificate: 'http://ca.example/sm2-root.cer', practiceStatement: null },
    signers: { kind: 'pkcs11', ...source(changes) },
  });
  const openAuthority = async (changes: Partial<Pkcs11KeySource> = {}): Promise<OpenAuthority> => {
    const opened = await openOrCreateAuthority(authorityOptions(changes));
    open.push(opened);
    return opened;
  };
  const order = ({ authority }: OpenAuthority): DualCertificateOrder => ({
    subject: { commonName: '杭州标钥科技有限公司', organisationName: '杭州标钥科技有限公司', unifiedSocialCreditCode: '91350100M000100Y43', identityNumber: null, handlerName: null, province: '浙江省', locality: '杭州市' },
    certificateType: 'organisation', years: 1, notBefore: now, signSerialHex: authority.newSerialHex(), encryptSerialHex: authority.newSerialHex(), signPublicKeySpkiDer: newPublicKey(), encryptPublicKeySpkiDer: newPublicKey(),
  });
  const list = (number: bigint) => ({ number, thisUpdate: now, nextUpdate: new Date(now.getTime() + 86_400_000), entries: [] });

  beforeAll(async () => {
    hsm = await createTestSoftUkey({ label: 'BidKey CA HSM' });
    scratch = await mkdtemp(join(tmpdir(), 'bidkey-sm2-hsm-'));
  });
  afterEach(async () => {
    await hsm.clearFaults();
    for (const one of open.splice(0)) await one.close();
  });
  afterAll(async () => {
    await hsm?.dispose();
    await rm(scratch, { recursive: true, force: true });
  });

  it('ok: root and issuing keys are made in the token; certificates and both lists verify on the path', async () => {
    const opened = await openAuthority();
    expect(opened.created).toBe(true);
    const issued = await opened.authority.issueDualCertificates(order(opened));
    const crlsDer = [await opened.authority.signCrl(list(1n)), opened.rootCrlDer];
    const path = await validatePath({ leafDer: issued.signCertificateDer, intermediatesDer: [opened.issuingCertificateDer], trustAnchorsDer: [opened.rootCertificateDer], at: now, keyUsage: ['digitalSignature'], revocation: { kind: 'crls', crlsDer } }, crypto);
    expect(path).toMatchObject({ valid: true, revocation: 'checked' });
    expect((await readdir(join(scratch, 'sm2'))).sort()).toEqual(['authority.json', 'issuing.pem', 'root-crl.pem', 'root.pem']);
  });
  it('ok: openssl verifies each link; pkcs11-tool sees private keys for signing only that never left the token', async () => {
    const opened = await openAuthority();
    const issued = await opened.authority.issueDualCertificates(order(opened));
    const tools = await createScratch();
    try {
      const certificates = { root: opened.rootCertificateDer, issuing: opened.issuingCertificateDer, sign: issued.signCertificateDer };
      for (const [name, der] of Object.entries(certificates)) await tools.write(`${name}.pem`, toPem('CERTIFICATE', der));
      for (const [name, issuer] of [['root', 'root'], ['issuing', 'root'], ['sign', 'issuing']] as const) {
        const verified = await tools.run('openssl', ['verify', '-x509_strict', '-partial_chain', '-attime', String(now.getTime() / 1000), '-vfyopt', 'distid:1234567812345678', '-CAfile', `${issuer}.pem`, `${name}.pem`]);
        expect(verified).toMatchObject({ exitCode: 0 });
      }
      const { output } = await tools.run('pkcs11-tool', ['--module', hsm.libraryPath, '--token-label', hsm.label, '--login', '--pin', hsm.pin, '-O', '--type', 'privkey'], { env: hsm.env });
      expect(output.match(/label:\s+sm2-(root|issuing)-/g)).toHaveLength(2);
      expect(output.match(/Access:\s+sensitive, always sensitive, never extractable, local/g)).toHaveLength(2);
      expect(output.match(/Usage:\s+sign\n/g)).toHaveLength(2);
    } finally {
      await tools.dispose();
    }
  });
  it('ok: opens again in another process with the same keys, and goes on signing certificates and lists', async () => {
    const again = await openAuthority();
    expect(again.created).toBe(false);
    const issued = await Promise.all([1, 2, 3, 4].map(() => again.authority.issueDualCertificates(order(again))));
    expect(new Set(issued.map(({ signCertificateDer }) => parseCertificate(signCertificateDer).serialHex)).size).toBe(4);
    expect(parseCertificateRevocationList(await again.authority.signCrl(list(2n))).issuer.der).toEqual(parseCertificate(again.issuingCertificateDer).subject.der);
  });
  it.each<[string, Record<string, unknown>]>([
    ['e, answered in DER', {}],
    ['e, answered as r and s', { signDigest: '0x80008105', signatureForm: 'raw' }],
    ['the message, which the module digests with Z', { signDigest: null, signSm3: '0x80008103' }],
  ])('ok: a module that is given %s: the signature verifies with the default user id', async (_, changes) => {
    const keys = await openKeys({ sm2: parseSm2Mechanisms(numbers(changes)) });
    const signer = (await keys.find('way')) ?? (await keys.generate('way', 'sm2-sm3', 0));
    const signature = await signer.sign(message);
    const verify = (signed: Uint8Array) => crypto.verify('sm2-sm3', signer.publicKeySpkiDer, signed, signature);
    expect([signer.signAlgorithm, await verify(message), await verify(Buffer.from('other'))]).toEqual(['sm2-sm3', true, false]);
  });
  it('refuses: to give out certificates of a module that signs another way than configured, or answers in another form', async () => {
    const twice = await openAuthority({ sm2: parseSm2Mechanisms(numbers({ signDigest: null, signSm3: '0x80008103', signSm3Input: 'z-and-message' })) });
    await expect(twice.authority.issueDualCertificates(order(twice))).rejects.toMatchObject({ code: 'SIGNER_FAILED' });
    await expect(twice.authority.signCrl(list(3n))).rejects.toMatchObject({ code: 'SIGNER_FAILED' });
    const otherForm = await openAuthority({ sm2: parseSm2Mechanisms(numbers({ signatureForm: 'raw' })) });
    await expect(otherForm.authority.signCrl(list(3n))).rejects.toMatchObject({ code: 'SIGNER_FAILED', details: { reason: 'signature form' } });
  });
  it('refuses: SM2 without its mechanisms, for new keys and for those that are there', async () => {
    const keys = await openKeys({ sm2: null });
    await expect(keys.generate('none', 'sm2-sm3', 0)).rejects.toMatchObject({ code: 'ALGORITHM_UNSUPPORTED' });
    await expect(keys.find('way')).rejects.toMatchObject({ code: 'ALGORITHM_UNSUPPORTED' });
    await expect(openAuthority({ sm2: null })).rejects.toMatchObject({ code: 'ALGORITHM_UNSUPPORTED' });
  });
  it('refuses: a wrong PIN, which costs one try however often the CA asks', async () => {
    const before = (await hsm.status()).userPin.triesLeft;
    const keys = await openKeys({ pin: Buffer.from('00000000') });
    for (const keyId of ['a', 'b', 'c']) await expect(keys.find(keyId)).rejects.toMatchObject({ code: 'SIGNER_FAILED', details: { reason: 'pin', returnValue: 'CKR_PIN_INCORRECT' } });
    expect((await hsm.status()).userPin.triesLeft).toBe(before - 1);
    await openKeys().then((right) => right.find('way'));
    expect((await hsm.status()).userPin.triesLeft).toBe(before);
  });
  it('refuses: to sign while the module crashes; afterwards the same authority signs again', async () => {
    const opened = await openAuthority();
    await hsm.fault('C_Sign', 1, 'crash');
    await expect(opened.authority.signCrl(list(4n))).rejects.toMatchObject({ code: 'SIGNER_FAILED', details: { reason: 'process ended' } });
    await hsm.clearFaults();
    expect(parseCertificateRevocationList(await opened.authority.signCrl(list(4n))).tbsDer.length).toBeGreaterThan(100);
  });
  it('refuses: to sign while the module hangs or answers an error; afterwards the same key signs again', async () => {
    const keys = await openKeys({ callTimeoutMs: 6_000 });
    const signer = await keys.find('way');
    await hsm.fault('C_Sign', 1, 'hang', 600);
    await expect(signer?.sign(message)).rejects.toMatchObject({ code: 'SIGNER_FAILED', details: { reason: 'time limit' } });
    await hsm.fault('C_Sign', 1, 'return', '0x30');
    await expect(signer?.sign(message)).rejects.toMatchObject({ code: 'SIGNER_FAILED', details: { returnValue: 'CKR_DEVICE_ERROR' } });
    await hsm.clearFaults();
    expect(await signer?.sign(message)).toBeInstanceOf(Uint8Array);
  });
  it('refuses: to sign while the token is away; once it is back, logs in again by itself', async () => {
    const opened = await openAuthority();
    await hsm.remove();
    for (let call = 0; call < 2; call += 1) await expect(opened.authority.signCrl(list(5n))).rejects.toMatchObject({ code: 'SIGNER_FAILED' });
    await hsm.insert();
    expect(parseCertificateRevocationList(await opened.authority.signCrl(list(5n))).tbsDer.length).toBeGreaterThan(100);
  });
  it('ok: the service keeps both authorities in the token; refuses: to start without the mechanisms that one needs', async () => {
    const pinFile = join(scratch, 'pin'), mechanisms = join(scratch, 'sm2.json');
    await Promise.all([writeFile(pinFile, `${hsm.pin}\n`), writeFile(mechanisms, numbers())]);
    const token = ['--demo', '--log-level', 'error', '--signer-module', hsm.libraryPath, '--signer-token', hsm.label, '--signer-pin-file', pinFile];
    const ca = await startCa({ flags: [...token, '--signer-sm2-mechanisms', mechanisms], env: hsm.env });
    try {
      const listOf = async (caId: string) => parseCertificateRevocationList(new Uint8Array(await (await fetch(`${ca.url}/crl/${caId}.crl`)).arrayBuffer()));
      const algorithms = async () => ((await (await fetch(`${ca.url}/v1/projects`)).json()) as { items: { keyAlgorithm: string }[] }).items.map(({ keyAlgorithm }) => keyAlgorithm).sort();
      expect(await algorithms()).toEqual(['rsa-2048', 'sm2']);
      const issuer = (await listOf('demo-sm2')).issuer.der;
      expect((await readdir(join(ca.dataFolder, 'authorities', 'demo-sm2'))).filter((name) => name.endsWith('.keystore'))).toEqual([]);
      await ca.restart({ env: hsm.env });
      expect((await listOf('demo-sm2')).issuer.der).toEqual(issuer);
      await expect(ca.restart({ flags: token, env: hsm.env })).rejects.toThrow(/ALGORITHM_UNSUPPORTED/);
    } finally {
      await ca.stop();
    }
  });
});
