/** The examples printed in the standards, on every engine. */
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '#shared/bytes/hex.ts';
import { sm2MessageDigest, sm2UserDigest } from '#shared/sm/sm2-key.ts';
import { sm4EcbDecrypt, sm4EcbEncrypt } from '#shared/sm/sm4-modes.ts';
import { Sm4 } from '#shared/sm/sm4.ts';
import { eachEngine } from './each-engine.ts';
import { readVectorText } from './vector-files.ts';

interface Examples {
  sm2: {
    privateKey: string; publicKey: string; nonce: string;
    sign: { message: string; z: string; digest: string; signature: string };
    encrypt: { message: string; ciphertext: string };
  };
  sm3: { message: string; digest: string }[];
  sm4Block: { key: string; plain: string; ciphertext: string; millionTimes: string };
  sm4Ecb: { key: string; plain: string; ciphertext: string }[];
  sm4Cbc: { key: string; iv: string; plain: string; ciphertext: string }[];
  sm4Ctr: { key: string; counter: string; plain: string; ciphertext: string }[];
  sm4Gcm: { key: string; nonce: string; aad: string; plain: string; sealed: string }[];
}

const examples = JSON.parse(readVectorText('standard-examples.json')) as Examples;
const { sm2 } = examples;
const [privateKey, publicKey, nonce] = [fromHex(sm2.privateKey), fromHex(sm2.publicKey), fromHex(sm2.nonce)];

describe('the SM4 block cipher', () => {
  it('ok: example 1 of GM/T 0002', () => {
    const { key, plain, ciphertext } = examples.sm4Block;
    expect(toHex(sm4EcbEncrypt(fromHex(key), fromHex(plain)))).toBe(ciphertext);
  });

  it('ok: example 2 of GM/T 0002, a million encryptions', () => {
    const cipher = new Sm4(fromHex(examples.sm4Block.key));
    const block = fromHex(examples.sm4Block.plain);
    for (let i = 0; i < 1_000_000; i++) cipher.encryptBlock(block, 0, block, 0);
    expect(toHex(block)).toBe(examples.sm4Block.millionTimes);
  });

  it.each(examples.sm4Ecb)('ok: ECB with key $key', ({ key, plain, ciphertext }) => {
    expect(toHex(sm4EcbEncrypt(fromHex(key), fromHex(plain)))).toBe(ciphertext);
    expect(toHex(sm4EcbDecrypt(fromHex(key), fromHex(ciphertext)))).toBe(plain);
  });
});

describe('the SM2 user digest', () => {
  it('ok: Z and e of GM/T 0003.5', () => {
    expect(toHex(sm2UserDigest(publicKey))).toBe(sm2.sign.z);
    expect(toHex(sm2MessageDigest(publicKey, fromHex(sm2.sign.message)))).toBe(sm2.sign.digest);
  });
});

eachEngine((engine) => {
  it('ok: public key of GM/T 0003.5', async () => {
    expect(toHex(await engine.sm2PublicKey(privateKey))).toBe(sm2.publicKey);
  });

  it('ok: signature of GM/T 0003.5 with its nonce, and its verification', async () => {
    const digest = fromHex(sm2.sign.digest);
    expect(toHex(await engine.sm2SignDigest(privateKey, digest, { testOnlyFixedNonce: nonce }))).toBe(sm2.sign.signature);
    expect(await engine.sm2VerifyDigest(publicKey, digest, fromHex(sm2.sign.signature))).toBe(true);
  });

  it('ok: encryption of GM/T 0003.5 with its nonce, and its decryption', async () => {
    const message = fromHex(sm2.encrypt.message);
    expect(toHex(await engine.sm2Encrypt(publicKey, message, { testOnlyFixedNonce: nonce }))).toBe(sm2.encrypt.ciphertext);
    expect(toHex(await engine.sm2Decrypt(privateKey, fromHex(sm2.encrypt.ciphertext)))).toBe(sm2.encrypt.message);
  });

  it.each(examples.sm3)('ok: SM3 of "$message"', async ({ message, digest }) => {
    const bytes = fromHex(message);
    expect(toHex(await engine.sm3(bytes))).toBe(digest);
    expect(toHex(engine.sm3Sync(bytes))).toBe(digest);
    const many = await engine.sm3Many(Array.from({ length: 37 }, () => bytes));
    expect(many.map(toHex)).toEqual(Array.from({ length: 37 }, () => digest));
  });

  it.each(examples.sm4Cbc)('ok: SM4-CBC with key $key, iv $iv', async ({ key, iv, plain, ciphertext }) => {
    const padded = await engine.sm4CbcEncrypt(fromHex(key), fromHex(iv), fromHex(plain));
    // The examples are of whole blocks without padding: ours has one block more.
    expect(toHex(padded.subarray(0, -16))).toBe(ciphertext);
    expect(toHex(await engine.sm4CbcDecrypt(fromHex(key), fromHex(iv), padded))).toBe(plain);
  });

  it.each(examples.sm4Ctr)('ok: SM4-CTR with key $key', async ({ key, counter, plain, ciphertext }) => {
    expect(toHex(await engine.sm4Ctr(fromHex(key), fromHex(counter), fromHex(plain)))).toBe(ciphertext);
  });

  it.each(examples.sm4Gcm)('ok: SM4-GCM of RFC 8998', async ({ key, nonce: gcmNonce, aad, plain, sealed }) => {
    expect(toHex(await engine.sm4GcmEncrypt(fromHex(key), fromHex(gcmNonce), fromHex(aad), fromHex(plain)))).toBe(sealed);
    expect(toHex(await engine.sm4GcmDecrypt(fromHex(key), fromHex(gcmNonce), fromHex(aad), fromHex(sealed)))).toBe(plain);
  });
});
