/**
 * How an escrowed private key is wrapped: AES-256-GCM under a key of the centre. Everything that says what the key is (wrapping key, algorithm, public key)
 * is authenticated with it, so a wrapped key cannot be passed off as another one.
 * Layout: version (1) ‖ nonce (12) ‖ ciphertext of PKCS#8 ‖ tag (16).
 */
import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';
import { derOctetString, derSequence, derUtf8String } from '#shared/asn1/der-writer.ts';
import { concatBytes } from '#shared/bytes/byte-strings.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { EscrowedKey } from '../authority/authority-port.ts';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface EscrowLabel {
  readonly algorithm: KeyAlgorithm;
  readonly publicKeySpkiDer: Uint8Array;
  readonly wrappingKeyId: string;
}

export function wrapPrivateKey(pkcs8Der: Uint8Array, label: EscrowLabel, wrappingKey: KeyObject): EscrowedKey {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', wrappingKey, nonce).setAAD(additionalData(label));
  const wrappedPrivateKey = concatBytes(Uint8Array.of(VERSION), nonce, cipher.update(pkcs8Der), cipher.final(), cipher.getAuthTag());
  return { ...label, wrappedPrivateKey };
}

/** @returns PKCS#8, which the caller wipes. @throws DECRYPT_FAILED */
export function unwrapPrivateKey(escrowed: EscrowedKey, wrappingKey: KeyObject): Buffer {
  const { wrappedPrivateKey } = escrowed;
  if (wrappedPrivateKey.length <= 1 + NONCE_BYTES + TAG_BYTES || wrappedPrivateKey[0] !== VERSION) throw new AppError('DECRYPT_FAILED');
  const decipher = createDecipheriv('aes-256-gcm', wrappingKey, wrappedPrivateKey.subarray(1, 1 + NONCE_BYTES))
    .setAAD(additionalData(escrowed))
    .setAuthTag(wrappedPrivateKey.subarray(-TAG_BYTES));
  const opened = decipher.update(wrappedPrivateKey.subarray(1 + NONCE_BYTES, -TAG_BYTES));
  try {
    // GCM is a stream: `final` gives no octets, only the verdict.
    decipher.final();
  } catch (thrown) {
    opened.fill(0);
    throw new AppError('DECRYPT_FAILED', {}, thrown);
  }
  return opened;
}

function additionalData(label: EscrowLabel): Uint8Array {
  return derSequence(derUtf8String('BidKey escrow v1'), derUtf8String(label.wrappingKeyId), derUtf8String(label.algorithm), derOctetString(label.publicKeySpkiDer));
}
