import { constants, createPrivateKey, createPublicKey, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { fromHex, toHex } from '#shared/bytes/hex.ts';
import { createCryptoPort } from '#shared/crypto/crypto-port.ts';
import { webCryptoProvider } from '#shared/crypto/webcrypto-provider.ts';
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

describe('key-management centre', () => {
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
  it('ok: keys of the pool are given out once, and from before a rotation come under the new key', async () => {
    const centre = await openCentre({ pool: { algorithms: ['rsa-2048'], size: 2 } });
    await centre.poolsSettled();
    await centre.rotate();
    const taken = [await centre.centre.generate('rsa-2048'), await centre.centre.generate('rsa-2048'), await centre.centre.generate('rsa-2048')];
    expect(new Set(taken.map((one) => toHex(one.publicKeySpkiDer))).size).toBe(3);
    expect(taken.map((one) => one.wrappingKeyId)).toEqual(['kmc-2', 'kmc-2', 'kmc-2']);
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
