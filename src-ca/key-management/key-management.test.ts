import { constants, createDecipheriv, createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync, privateDecrypt, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { fromHex, toHex } from '#shared/bytes/hex.ts';
import { createCryptoPort } from '#shared/crypto/crypto-port.ts';
import { webCryptoProvider } from '#shared/crypto/webcrypto-provider.ts';
import { OIDS } from '#shared/asn1/oids.ts';
import { readSm2PrivateKeyInfo } from '#shared/pkcs/sm2-private-key-info.ts';
import { readCsrResponse } from '#shared/sm/csr-response.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import { openSm2EnvelopedKey, readSm2EnvelopedKey, type Sm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import { generateSm2KeyPair, type Sm2KeyPair } from '#shared/sm/sm2-key.ts';
import { sm2PointOf, sm2Signer } from '#shared/sm/sm-provider.ts';
import { signCertificate } from '#shared/x509/certificate.ts';
import { buildName } from '#shared/x509/name.ts';
import { buildEcPublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { unwrapPrivateKey, wrapPrivateKey } from './escrow-wrap.ts';
import type { EscrowedKey } from '../authority/authority-port.ts';
import { unwrapWithPadding, wrapWithPadding } from './aes-key-wrap.ts';
import { createKeyPool } from './key-pool.ts';
import { openOrCreateKeyManagementCentre, type CentreOptions, type OpenCentre } from './open-or-create-centre.ts';

const crypto = createCryptoPort([webCryptoProvider(globalThis.crypto)], globalThis.crypto);
const token = generateKeyPairSync('rsa', { modulusLength: 2048 });
const tokenSpki = new Uint8Array(token.publicKey.export({ type: 'spki', format: 'der' }));
const recipient = { signPublicKeySpkiDer: tokenSpki, signCertificateDer: new Uint8Array(0), encryptCertificateDer: new Uint8Array(0) };
const faults: unknown[] = [];
let folder: string, options: CentreOptions, open: OpenCentre[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bidkey-kmc-'));
  options = { file: join(folder, 'kmc.keystore'), passphrase: Buffer.from('geheim'), crypto, scryptLog2N: 14, onFault: (thrown) => void faults.push(thrown) };
  open = [];
});
afterEach(async () => {
  for (const one of open) await one.close();
  await rm(folder, { recursive: true, force: true });
  expect(faults).toEqual([]);
});
const openCentre = async (changes: Partial<CentreOptions> = {}): Promise<OpenCentre> => {
  const one = await openOrCreateKeyManagementCentre({ ...options, ...changes });
  open.push(one);
  return one;
};

async function openEnvelope(centre: OpenCentre, escrowed: EscrowedKey): Promise<Uint8Array> {
  const envelope = await centre.centre.envelope(escrowed, recipient);
  if (envelope.format !== 'rsa-oaep+aes-kwp') throw new Error('format');
  const keyEncryptionKey = privateDecrypt({ key: token.privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, fromBase64(envelope.wrappedKeyEncryptionKey));
  expect(keyEncryptionKey).toHaveLength(32);
  return unwrapWithPadding(keyEncryptionKey, fromBase64(envelope.wrappedPrivateKey));
}

describe('AES key wrap with padding', () => {
  // The two vectors of RFC 5649 §6.
  const key = fromHex('5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8');
  it.each([
    ['c37b7e6492584340bed12207808941155068f738', '138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a'],
    ['466f7250617369', 'afbeb0f07dfbf5419200f2ccb50bb24f'],
  ])('ok: vector of RFC 5649 with %s', (plaintext, wrapped) => {
    expect(toHex(wrapWithPadding(key, fromHex(plaintext)))).toBe(wrapped);
    expect(toHex(unwrapWithPadding(key, fromHex(wrapped)))).toBe(plaintext);
  });
  it('refuses: damaged, cut, empty, or another key', () => {
    const wrapped = fromHex('afbeb0f07dfbf5419200f2ccb50bb24f');
    const failed = expect.objectContaining({ code: 'DECRYPT_FAILED' });
    for (const at of wrapped.keys()) expect(() => unwrapWithPadding(key, wrapped.map((byte, index) => (index === at ? byte ^ 1 : byte)))).toThrow(failed);
    expect(() => unwrapWithPadding(key, wrapped.subarray(0, 8))).toThrow(failed);
    expect(() => unwrapWithPadding(new Uint8Array(32), wrapped)).toThrow(failed);
    expect(() => wrapWithPadding(new Uint8Array(15), wrapped)).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }));
  });
});

// Prime numbers take as long as they take.
describe('key-management centre', { timeout: 60_000 }, () => {
  it('ok: the enveloped key is the private half of the escrowed public key', async () => {
    const centre = await openCentre();
    const escrowed = await centre.centre.generate('rsa-2048');
    const privateKey = createPrivateKey({ key: Buffer.from(await openEnvelope(centre, escrowed)), format: 'der', type: 'pkcs8' });
    expect(new Uint8Array(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }))).toEqual(escrowed.publicKeySpkiDer);
    expect(privateKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(Buffer.from(escrowed.wrappedPrivateKey).includes(Buffer.from(String(privateKey.export({ format: 'jwk' }).d), 'base64url'))).toBe(false);
  });
  it('ok: opens again, and after a rotation older keys still open and can be wrapped anew', async () => {
    const first = await openCentre();
    const old = await first.centre.generate('rsa-2048');
    expect(old.wrappingKeyId).toBe('kmc-1');
    expect(await first.rotate()).toBe('kmc-2');
    const again = await openCentre();
    expect(again.created).toBe(false);
    const pkcs8 = await openEnvelope(again, old);
    const rewrapped = again.rewrap(old);
    expect(rewrapped.wrappingKeyId).toBe('kmc-2');
    expect(again.rewrap(rewrapped)).toBe(rewrapped);
    expect(await openEnvelope(again, rewrapped)).toEqual(pkcs8);
  });
  it('refuses: a wrapped key with another label, damaged, or of an unknown wrapping key', async () => {
    const centre = await openCentre();
    const escrowed = await centre.centre.generate('rsa-2048');
    const envelope = (changes: Partial<EscrowedKey>) => centre.centre.envelope({ ...escrowed, ...changes }, recipient);
    await expect(envelope({ publicKeySpkiDer: tokenSpki })).rejects.toMatchObject({ code: 'DECRYPT_FAILED' });
    for (const at of [0, 1, 20, escrowed.wrappedPrivateKey.length - 1]) await expect(envelope({ wrappedPrivateKey: escrowed.wrappedPrivateKey.map((byte, index) => (index === at ? byte ^ 1 : byte)) })).rejects.toMatchObject({ code: 'DECRYPT_FAILED' });
    await expect(envelope({ wrappedPrivateKey: new Uint8Array(5) })).rejects.toMatchObject({ code: 'DECRYPT_FAILED' });
    await centre.rotate();
    await expect(envelope({ wrappingKeyId: 'kmc-2' })).rejects.toMatchObject({ code: 'DECRYPT_FAILED' });
    await expect(envelope({ wrappingKeyId: 'kmc-9' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(openCentre({ passphrase: Buffer.from('falsch') })).rejects.toMatchObject({ code: 'KEYSTORE_UNREADABLE' });
    expect((await readFile(options.file)).length).toBeLessThan(400);
  });
  it('ok: for a key with SKF an RSA key travels as SKF_ImportRSAKeyPair takes it', async () => {
    const centre = await openCentre();
    const escrowed = await centre.centre.generate('rsa-2048');
    for (const envelope of [await centre.centre.envelope(escrowed, recipient, 'skf'), await centre.centre.envelopeForOpeningKey(escrowed, tokenSpki, 'skf')]) {
      if (envelope.format !== 'skf-rsa-key-blob') throw new Error(envelope.format);
      // Node decrypts RSAES-PKCS1-v1_5 no more: 00 02 ‖ filling without zeros ‖ 00 ‖ key.
      const block = privateDecrypt({ key: token.privateKey, padding: constants.RSA_NO_PADDING }, fromBase64(envelope.wrappedKey));
      const key = block.subarray(-16);
      expect([block[0], block[1], block.indexOf(0, 2)]).toEqual([0, 2, block.length - 17]);
      const cipher = createDecipheriv('sm4-ecb', key, null);
      const pkcs1 = Buffer.concat([cipher.update(fromBase64(envelope.encryptedPrivateKey)), cipher.final()]);
      const spki = createPublicKey(createPrivateKey({ key: pkcs1, format: 'der', type: 'pkcs1' })).export({ type: 'spki', format: 'der' });
      expect(Buffer.from(spki)).toEqual(Buffer.from(escrowed.publicKeySpkiDer));
    }
    await expect(centre.centre.envelopeForOpeningKey(escrowed, buildEcPublicKeyInfo('sm2', generateSm2KeyPair((length) => new Uint8Array(randomBytes(length))).publicKey), 'skf')).rejects.toMatchObject({ code: 'KEY_INVALID' });
  });
  it('ok: keys of the pool are given out once, and from before a rotation come under the new key', async () => {
    const centre = await openCentre({ pool: { algorithms: ['rsa-2048'], size: 2 } });
    await centre.poolsSettled();
    await centre.rotate();
    const taken = [await centre.centre.generate('rsa-2048'), await centre.centre.generate('rsa-2048'), await centre.centre.generate('rsa-2048')];
    expect(new Set(taken.map((one) => toHex(one.publicKeySpkiDer))).size).toBe(3);
    expect(taken.map((one) => one.wrappingKeyId)).toEqual(['kmc-2', 'kmc-2', 'kmc-2']);
  });
});

describe('SM2 encryption keys', () => {
  const random = (length: number) => new Uint8Array(randomBytes(length));
  const sm2Token = generateSm2KeyPair(random);
  const spkiOf = (pair: Sm2KeyPair) => buildEcPublicKeyInfo('sm2', pair.publicKey);
  const name = buildName([{ type: 'countryName', value: 'CN' }, { type: 'commonName', value: 'x' }]);
  const certify = (publicKeySpkiDer: Uint8Array) => signCertificate({
    serialHex: '40'.repeat(16), signAlgorithm: 'sm2-sm3', issuerDer: name, subjectDer: name, publicKeySpkiDer, notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z'), extensions: [{ oid: '2.5.29.19', critical: false, valueDer: Uint8Array.of(0x30, 0) }],
  }, sm2Signer(portableEngine, sm2Token.privateKey, random));
  const answerFor = async (centre: OpenCentre, escrowed: EscrowedKey, certificates: { sign?: Uint8Array; encrypt?: Uint8Array } = {}) => {
    const envelope = await centre.centre.envelope(escrowed, { signPublicKeySpkiDer: spkiOf(sm2Token), signCertificateDer: certificates.sign ?? (await certify(spkiOf(sm2Token))), encryptCertificateDer: certificates.encrypt ?? (await certify(escrowed.publicKeySpkiDer)) });
    if (envelope.format !== 'gmt0092-csr-response') throw new Error(envelope.format);
    return readCsrResponse(fromBase64(envelope.csrResponse));
  };
  const envelopedKeyOf = async (centre: OpenCentre, escrowed: EscrowedKey): Promise<Sm2EnvelopedKey> => {
    const { envelopedKey } = await answerFor(centre, escrowed);
    if (!envelopedKey) throw new Error('no key');
    return envelopedKey;
  };

  it('ok: travel in an answer of GM/T 0092 and open with the token’s key to the escrowed pair; every envelope is another one', async () => {
    const centre = await openCentre();
    const escrowed = await centre.centre.generate('sm2');
    const enveloped = await envelopedKeyOf(centre, escrowed);
    expect(enveloped).toMatchObject({ symmetricOid: OIDS.sm4Ecb, publicKey: sm2PointOf(escrowed.publicKeySpkiDer), encryptedPrivateKey: { length: 32 } });
    const opened = await openSm2EnvelopedKey(portableEngine, sm2Token.privateKey, enveloped);
    expect(buildEcPublicKeyInfo('sm2', opened.publicKey)).toEqual(escrowed.publicKeySpkiDer);
    expect(Buffer.from(escrowed.wrappedPrivateKey).includes(Buffer.from(opened.privateKey))).toBe(false);
    const again = await envelopedKeyOf(centre, escrowed);
    expect(again.encryptedPrivateKey).not.toEqual(enveloped.encryptedPrivateKey);
    expect(await openSm2EnvelopedKey(portableEngine, sm2Token.privateKey, again)).toEqual(opened);
  });
  it('ok: an old key goes to an opening key without any certificate; refuses: an opening key of the other algorithm', async () => {
    const centre = await openCentre();
    const escrowed = await centre.centre.generate('sm2');
    await centre.rotate();
    const envelope = await centre.centre.envelopeForOpeningKey(escrowed, spkiOf(sm2Token));
    if (envelope.format !== 'sm2-enveloped-key') throw new Error(envelope.format);
    const opened = await openSm2EnvelopedKey(portableEngine, sm2Token.privateKey, readSm2EnvelopedKey(fromBase64(envelope.envelopedKey)));
    expect(buildEcPublicKeyInfo('sm2', opened.publicKey)).toEqual(escrowed.publicKeySpkiDer);
    await expect(centre.centre.envelopeForOpeningKey(escrowed, tokenSpki)).rejects.toMatchObject({ code: 'KEY_INVALID' });
    expect(await centre.centre.envelopeForOpeningKey(await centre.centre.generate('rsa-2048'), tokenSpki)).toMatchObject({ format: 'rsa-oaep+aes-kwp' });
  });

  it('ok: open after a rotation, and can be wrapped anew', async () => {
    const centre = await openCentre();
    const old = await centre.centre.generate('sm2');
    await centre.rotate();
    const rewrapped = centre.rewrap(old);
    expect([old.wrappingKeyId, rewrapped.wrappingKeyId]).toEqual(['kmc-1', 'kmc-2']);
    expect(await openSm2EnvelopedKey(portableEngine, sm2Token.privateKey, await envelopedKeyOf(centre, rewrapped))).toEqual(await openSm2EnvelopedKey(portableEngine, sm2Token.privateKey, await envelopedKeyOf(centre, old)));
  });
  it('refuses: another token’s key, and an envelope with one octet changed', async () => {
    const centre = await openCentre();
    const enveloped = await envelopedKeyOf(centre, await centre.centre.generate('sm2'));
    await expect(openSm2EnvelopedKey(portableEngine, generateSm2KeyPair(random).privateKey, enveloped)).rejects.toMatchObject({ code: 'DECRYPT_FAILED' });
    const flipped = (bytes: Uint8Array) => bytes.map((byte, index) => (index === 7 ? byte ^ 1 : byte));
    const open = (changes: Partial<Sm2EnvelopedKey>) => openSm2EnvelopedKey(portableEngine, sm2Token.privateKey, { ...enveloped, ...changes });
    await expect(open({ encryptedPrivateKey: flipped(enveloped.encryptedPrivateKey) })).rejects.toMatchObject({ code: 'ENVELOPED_KEY_MISMATCH' });
    await expect(open({ encryptedKey: { ...enveloped.encryptedKey, digest: flipped(enveloped.encryptedKey.digest) } })).rejects.toMatchObject({ code: 'DECRYPT_FAILED' });
    await expect(open({ encryptedKey: { ...enveloped.encryptedKey, masked: flipped(enveloped.encryptedKey.masked) } })).rejects.toMatchObject({ code: 'DECRYPT_FAILED' });
    await expect(open({ publicKey: sm2Token.publicKey })).rejects.toMatchObject({ code: 'ENVELOPED_KEY_MISMATCH' });
  });
  it('refuses: to answer with certificates of other keys, to envelope for an RSA key, and a key that is not the one of its public key', async () => {
    const centre = await openCentre();
    const escrowed = await centre.centre.generate('sm2');
    const foreign = await certify(spkiOf(generateSm2KeyPair(random)));
    for (const certificates of [{ sign: foreign }, { encrypt: foreign }]) await expect(answerFor(centre, escrowed, certificates)).rejects.toMatchObject({ code: 'ENVELOPED_KEY_MISMATCH' });
    await expect(centre.centre.envelope(escrowed, { signPublicKeySpkiDer: tokenSpki, signCertificateDer: await certify(tokenSpki), encryptCertificateDer: await certify(escrowed.publicKeySpkiDer) })).rejects.toMatchObject({ code: 'KEY_INVALID' });
    const key = createSecretKey(randomBytes(32));
    const label = { algorithm: 'sm2' as const, publicKeySpkiDer: escrowed.publicKeySpkiDer, wrappingKeyId: 'kmc-1' };
    expect(() => unwrapPrivateKey({ ...wrapPrivateKey(random(100), label, key), algorithm: 'rsa-2048' }, key)).toThrow(expect.objectContaining({ code: 'DECRYPT_FAILED' }));
    expect(() => readSm2PrivateKeyInfo(random(100))).toThrow(expect.objectContaining({ code: 'DER_MALFORMED' }));
  });
});

describe('key pool', () => {
  const key = (n: number): EscrowedKey => ({ algorithm: 'rsa-2048', publicKeySpkiDer: Uint8Array.of(n), wrappingKeyId: 'kmc-1', wrappedPrivateKey: new Uint8Array(0) });
  it('ok: is bounded, refills, and makes a fresh one when empty', async () => {
    let made = 0;
    const pool = createKeyPool(3, async () => key(++made), () => undefined);
    await pool.settled();
    expect([pool.size, made]).toEqual([3, 3]);
    expect((await pool.take()).publicKeySpkiDer[0]).toBe(1);
    await pool.settled();
    expect([pool.size, made]).toEqual([3, 4]);
    await pool.close();
    expect((await pool.take()).publicKeySpkiDer[0]).toBe(5);
  });
  it('ok: a fault in the background is told, and the next taking tries again', async () => {
    const told: unknown[] = [];
    let works = false;
    const pool = createKeyPool(1, async () => (works ? key(1) : Promise.reject(new Error('no entropy'))), (thrown) => void told.push(thrown));
    await pool.settled();
    expect(told).toHaveLength(1);
    works = true;
    expect((await pool.take()).publicKeySpkiDer[0]).toBe(1);
    await pool.settled();
    expect(pool.size).toBe(1);
  });
});
