/** AES-256-GCM as the centre's wrappings use it: nonce (12) ‖ ciphertext ‖ tag (16), with what the content is authenticated beside it. */
import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';
import { AppError } from '#shared/errors/app-error.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What a sealed content is longer by. */
export const GCM_OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES;

export function sealGcm(content: Uint8Array, additionalData: Uint8Array, key: KeyObject): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(additionalData);
  return Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

/** @returns the content, which the caller wipes. @throws DECRYPT_FAILED */
export function openGcm(sealed: Uint8Array, additionalData: Uint8Array, key: KeyObject): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES)).setAAD(additionalData).setAuthTag(sealed.subarray(-TAG_BYTES));
  const opened = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    // GCM is a stream: `final` gives no octets, only the verdict.
    decipher.final();
  } catch (thrown) {
    opened.fill(0);
    throw new AppError('DECRYPT_FAILED', {}, thrown);
  }
  return opened;
}
