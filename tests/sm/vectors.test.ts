/** The generated vectors, on every engine: each case has one failure at most, and its code. */
import { describe, expect, it } from 'vitest';
import { toHex } from '#shared/bytes/hex.ts';
import { readSm2Ciphertext, readSm2Signature } from '#shared/sm/sm2-der.ts';
import { openSm2EnvelopedKey, readSm2EnvelopedKey, writeSm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import { writeSm2CiphertextRaw } from '#shared/sm/sm2-encrypt.ts';
import { sm2MessageDigestWith } from '#shared/sm/sm-provider.ts';
import { SM_VECTOR_FILES, vectorText } from '../../tools/generators/sm-vectors.ts';
import { eachEngine } from './each-engine.ts';
import { bytesOf, outcomeOf, readVectors, readVectorText } from './vector-files.ts';

const verifyCases = readVectors('sm2-verify.json');
const decryptCases = readVectors('sm2-decrypt.json');
const modeCases = readVectors('sm4-modes.json');
const envelopeCases = readVectors('sm2-enveloped-key.json');

describe('vector files', () => {
  it.each(Object.keys(SM_VECTOR_FILES))('ok: %s is what its generator writes', (name) => {
    const make = SM_VECTOR_FILES[name];
    expect(make && vectorText(make()) === readVectorText(name)).toBe(true);
  });
});

eachEngine((engine) => {
  it.each(verifyCases)('SM2 verification, $id: $expect', async (one) => {
    const outcome = await outcomeOf(async () => {
      const digest = await sm2MessageDigestWith(engine, bytesOf(one, 'publicKey'), bytesOf(one, 'message'), bytesOf(one, 'userId'));
      return engine.sm2VerifyDigest(bytesOf(one, 'publicKey'), digest, readSm2Signature(bytesOf(one, 'signature')));
    });
    expect(outcome).toBe(one.expect);
  });

  it.each(verifyCases.filter(({ expect: code }) => code === 'KEY_INVALID'))('SM2 verification by digest, $id: the engine itself refuses the key', async (one) => {
    const outcome = await outcomeOf(() => engine.sm2VerifyDigest(bytesOf(one, 'publicKey'), new Uint8Array(32).fill(7), readSm2Signature(bytesOf(one, 'signature'))));
    expect(outcome).toBe('KEY_INVALID');
  });

  it.each(decryptCases)('SM2 decryption, $id: $expect', async (one) => {
    const outcome = await outcomeOf(async () => {
      const plain = await engine.sm2Decrypt(bytesOf(one, 'privateKey'), writeSm2CiphertextRaw(readSm2Ciphertext(bytesOf(one, 'ciphertext'))));
      expect(toHex(plain)).toBe(one.plain);
    });
    expect(outcome).toBe(one.expect);
  });

  it.each(modeCases.filter(({ mode }) => mode === 'gcm'))('SM4, $id: $expect', async (one) => {
    const [key, nonce, aad] = [bytesOf(one, 'key'), bytesOf(one, 'nonce'), bytesOf(one, 'aad')];
    const outcome = await outcomeOf(async () => {
      expect(toHex(await engine.sm4GcmDecrypt(key, nonce, aad, bytesOf(one, 'sealed')))).toBe(one.plain);
      expect(toHex(await engine.sm4GcmEncrypt(key, nonce, aad, bytesOf(one, 'plain')))).toBe(one.sealed);
    });
    expect(outcome).toBe(one.expect);
  });

  it.each(modeCases.filter(({ mode }) => mode === 'cbc'))('SM4, $id: $expect', async (one) => {
    const [key, iv] = [bytesOf(one, 'key'), bytesOf(one, 'iv')];
    const outcome = await outcomeOf(async () => {
      expect(toHex(await engine.sm4CbcDecrypt(key, iv, bytesOf(one, 'ciphertext')))).toBe(one.plain);
      expect(toHex(await engine.sm4CbcEncrypt(key, iv, bytesOf(one, 'plain')))).toBe(one.ciphertext);
    });
    expect(outcome).toBe(one.expect);
  });

  it.each(envelopeCases)('SM2EnvelopedKey, $id: $expect', async (one) => {
    const outcome = await outcomeOf(async () => {
      const envelope = readSm2EnvelopedKey(bytesOf(one, 'envelope'));
      expect(toHex((await openSm2EnvelopedKey(engine, bytesOf(one, 'recipientPrivateKey'), envelope)).privateKey)).toBe(one.privateKey);
      // Written again it is the same, or the canonical spelling of the same.
      expect(toHex(readSm2EnvelopedKey(writeSm2EnvelopedKey(envelope)).encryptedPrivateKey)).toBe(toHex(envelope.encryptedPrivateKey));
    });
    expect(outcome).toBe(one.expect);
  });
});
