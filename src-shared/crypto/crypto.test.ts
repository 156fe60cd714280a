import { constants, generateKeyPairSync, privateDecrypt, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bigIntFromBytes } from '../bytes/byte-strings.ts';
import { toHex } from '../bytes/hex.ts';
import { createCryptoPort } from './crypto-port.ts';
import { findRsaWeakness } from './rsa-strength.ts';
import { webCryptoProvider } from './webcrypto-provider.ts';

const port = createCryptoPort([webCryptoProvider(globalThis.crypto)], globalThis.crypto);
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const spki = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }));
const message = new TextEncoder().encode('标钥');

describe('crypto port on WebCrypto', () => {
  it.each([['rsa-sha256', 'sha256'], ['rsa-sha384', 'sha384'], ['rsa-sha512', 'sha512']] as const)('ok: verifies %s', async (algorithm, digest) => {
    const signature = sign(digest, message, pair.privateKey);
    expect(await port.verify(algorithm, spki, message, signature)).toBe(true);
    signature[7] = (signature[7] ?? 0) ^ 1;
    expect(await port.verify(algorithm, spki, message, signature)).toBe(false);
    expect(await port.verify(algorithm, spki, message, signature.subarray(1))).toBe(false);
    expect(await port.verify(algorithm, spki, message, new Uint8Array(0))).toBe(false);
  });
  it('ok: encrypts with OAEP and SHA-1', async () => {
    const ciphertext = await port.encrypt('rsa-oaep-sha1', spki, message);
    expect(privateDecrypt({ key: pair.privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, ciphertext)).toEqual(Buffer.from(message));
  });
  it('ok: digests and random octets', () => {
    expect(toHex(port.digest('sha-256', new TextEncoder().encode('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(port.randomBytes(70_000).slice(65_536).some((byte) => byte !== 0)).toBe(true);
  });
  it('ok: a provider that lists a row is asked for it', async () => {
    const sm = createCryptoPort([{ name: 'sm', verifies: ['sm2-sm3'], encrypts: [], digests: { sm3: () => Uint8Array.of(3) }, verify: async () => true, encrypt: async () => message }], globalThis.crypto);
    expect(await sm.verify('sm2-sm3', spki, message, message)).toBe(true);
    expect(sm.digest('sm3', message)).toEqual(Uint8Array.of(3));
  });
  it('refuses: rows that no provider lists, keys that are none, and too long a plaintext', async () => {
    await expect(port.verify('sm2-sm3', spki, message, message)).rejects.toMatchObject({ code: 'ALGORITHM_UNSUPPORTED' });
    expect(() => port.digest('sm3', message)).toThrow(expect.objectContaining({ code: 'ALGORITHM_UNSUPPORTED' }));
    await expect(port.verify('rsa-sha256', message, message, message)).rejects.toMatchObject({ code: 'KEY_INVALID' });
    await expect(port.encrypt('rsa-oaep-sha1', spki, new Uint8Array(300))).rejects.toMatchObject({ code: 'KEY_INVALID' });
  });
});

describe('RSA strength', () => {
  const publicExponent = 65_537n;
  const modulus = bigIntFromBytes(Buffer.from(String(pair.publicKey.export({ format: 'jwk' }).n), 'base64url'));
  const primes = [...Array(752).keys()].filter((n) => n > 1 && [...Array(n).keys()].slice(2).every((d) => n % d !== 0)).map(BigInt);
  const primorial = primes.reduce((product, prime) => product * prime, 1n);

  it('ok: a fresh key', () => expect(findRsaWeakness({ modulus, publicExponent })).toBeNull());
  it('refuses: sizes and exponents outside the bounds', () => {
    expect(findRsaWeakness({ modulus: (1n << 2047n) - 1n, publicExponent })).toBe('modulus-too-short');
    expect(findRsaWeakness({ modulus: (1n << 4096n) + 1n, publicExponent })).toBe('modulus-too-long');
    expect(findRsaWeakness({ modulus: modulus + 1n, publicExponent })).toBe('modulus-even');
    expect(findRsaWeakness({ modulus, publicExponent: 3n })).toBe('exponent-too-small');
    expect(findRsaWeakness({ modulus, publicExponent: 65_538n })).toBe('exponent-even');
    expect(findRsaWeakness({ modulus, publicExponent: (1n << 256n) + 1n })).toBe('exponent-too-large');
  });
  it('refuses: a modulus with a small factor', () => {
    let composite = 751n * ((1n << 2040n) + 1n);
    while (composite % 3n === 0n || composite % 5n === 0n) composite += 2n * 751n;
    expect(findRsaWeakness({ modulus: composite, publicExponent })).toBe('small-factor');
  });
  it('refuses: a modulus with the ROCA fingerprint', () => {
    const residue = 65_537n ** 5n % primorial;
    const multiples = (1n << 2047n) / primorial + 1n;
    const weak = residue + primorial * (multiples + ((residue + primorial * multiples) % 2n === 0n ? 1n : 0n));
    expect(findRsaWeakness({ modulus: weak, publicExponent })).toBe('roca');
  });
  it('refuses: primes that stand close together', () => {
    // Not prime, but what Fermat's method finds is two factors close to each other.
    let p = (1n << 1024n) - 105n;
    const clean = (n: bigint) => primes.every((prime) => n % prime !== 0n);
    while (!clean(p)) p -= 2n;
    let q = p - 2n;
    while (!clean(q)) q -= 2n;
    expect(findRsaWeakness({ modulus: p * q, publicExponent })).toBe('close-primes');
  });
});
