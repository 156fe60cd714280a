/** AES key wrap with padding, RFC 5649 (CKM_AES_KEY_WRAP_PAD of PKCS#11). Used once per key, so it needs no nonce. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { AppError } from '#shared/errors/app-error.ts';

/** §3: the alternative initial value; the length follows from the plaintext. */
const ALTERNATIVE_INITIAL_VALUE = Buffer.from('a65959a6', 'hex');

type WrapCipher = 'id-aes128-wrap-pad' | 'id-aes192-wrap-pad' | 'id-aes256-wrap-pad';
const CIPHERS: Readonly<Record<number, WrapCipher>> = { 16: 'id-aes128-wrap-pad', 24: 'id-aes192-wrap-pad', 32: 'id-aes256-wrap-pad' };

const cipherFor = (keyEncryptionKey: Uint8Array): WrapCipher => {
  const cipher = CIPHERS[keyEncryptionKey.length];
  if (!cipher) throw new AppError('KEY_INVALID', { reason: 'AES key length' });
  return cipher;
};

export function wrapWithPadding(keyEncryptionKey: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv(cipherFor(keyEncryptionKey), keyEncryptionKey, ALTERNATIVE_INITIAL_VALUE);
  return new Uint8Array(Buffer.concat([cipher.update(plaintext), cipher.final()]));
}

/** @throws DECRYPT_FAILED */
export function unwrapWithPadding(keyEncryptionKey: Uint8Array, wrapped: Uint8Array): Uint8Array {
  const decipher = createDecipheriv(cipherFor(keyEncryptionKey), keyEncryptionKey, ALTERNATIVE_INITIAL_VALUE);
  try {
    return new Uint8Array(Buffer.concat([decipher.update(wrapped), decipher.final()]));
  } catch (thrown) {
    throw new AppError('DECRYPT_FAILED', {}, thrown);
  }
}
