/** The engine in TypeScript: runs anywhere, on the calling thread. Chosen when the native one cannot load. */
import { AppError } from '../errors/app-error.ts';
import { readSm2CiphertextRaw, sm2Decrypt, sm2Encrypt, writeSm2CiphertextRaw } from './sm2-encrypt.ts';
import { sm2PublicKeyOf } from './sm2-key.ts';
import { sm2SignDigest, sm2VerifyDigest } from './sm2-sign.ts';
import { Sm3, sm3 } from './sm3.ts';
import { sm4CbcDecrypt, sm4CbcEncrypt, sm4Ctr, sm4GcmDecrypt, sm4GcmEncrypt } from './sm4-modes.ts';
import type { SmEngine } from './sm-engine.ts';

export const portableEngine: SmEngine = {
  kind: 'portable',
  sm3: async (data) => sm3(data),
  sm3Sync: (data) => sm3(data),
  sm3Many: async (messages) => messages.map((message) => sm3(message)),
  createSm3: () => {
    const hash = new Sm3();
    return {
      update: async (data) => void hash.update(data),
      digest: async () => hash.digest(),
    };
  },
  sm4Ctr: async (key, counter, data, out) => into(out, sm4Ctr(key, counter, data)),
  sm4CbcEncrypt: async (key, iv, plain) => sm4CbcEncrypt(key, iv, plain),
  sm4CbcDecrypt: async (key, iv, ciphertext) => sm4CbcDecrypt(key, iv, ciphertext),
  sm4GcmEncrypt: async (key, nonce, aad, plain, out) => into(out, sm4GcmEncrypt(key, nonce, aad, plain)),
  sm4GcmDecrypt: async (key, nonce, aad, sealed, out) => into(out, sm4GcmDecrypt(key, nonce, aad, sealed)),
  sm2PublicKey: async (privateKey) => sm2PublicKeyOf(privateKey),
  sm2SignDigest: async (privateKey, digest, nonce) => sm2SignDigest(privateKey, digest, nonce),
  sm2VerifyDigest: async (publicKey, digest, signature) => sm2VerifyDigest(publicKey, digest, signature),
  sm2Encrypt: async (publicKey, plain, nonce) => writeSm2CiphertextRaw(sm2Encrypt(publicKey, plain, nonce)),
  sm2Decrypt: async (privateKey, ciphertext) => sm2Decrypt(privateKey, readSm2CiphertextRaw(ciphertext)),
};

function into(out: Uint8Array | undefined, result: Uint8Array): Uint8Array {
  if (!out) return result;
  if (out.length !== result.length) throw new AppError('SM_ENGINE_FAILED', { reason: 'ENGINE_ARGUMENT' });
  out.set(result);
  result.fill(0);
  return out;
}
