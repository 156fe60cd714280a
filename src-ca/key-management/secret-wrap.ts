/**
 * Short secrets of the service (administrator PINs) wrapped by the key-management centre: AES-256-GCM under a key of the centre. What the secret is for
 * is authenticated with it, so that one cannot be passed off as another.
 * Layout: version (1) ‖ length of the wrapping key's id (1) ‖ id ‖ nonce (12) ‖ ciphertext ‖ tag (16).
 */
import type { KeyObject } from 'node:crypto';
import { derSequence, derUtf8String } from '#shared/asn1/der-writer.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { GCM_OVERHEAD_BYTES, openGcm, sealGcm } from './centre-gcm.ts';

const VERSION = 1;
const HEAD_BYTES = 2;

export function wrapSecret(secret: Uint8Array, purpose: string, wrappingKeyId: string, wrappingKey: KeyObject): Buffer {
  const keyId = Buffer.from(wrappingKeyId, 'ascii');
  return Buffer.concat([Uint8Array.of(VERSION, keyId.length), keyId, sealGcm(secret, additionalData(purpose, wrappingKeyId), wrappingKey)]);
}

/** @returns the secret, which the caller wipes. @throws DECRYPT_FAILED */
export function unwrapSecret(wrapped: Uint8Array, purpose: string, keyOf: (wrappingKeyId: string) => KeyObject): Buffer {
  const start = HEAD_BYTES + (wrapped[1] ?? 0);
  if (wrapped[0] !== VERSION || wrapped.length < start + GCM_OVERHEAD_BYTES) throw new AppError('DECRYPT_FAILED');
  const wrappingKeyId = Buffer.from(wrapped.subarray(HEAD_BYTES, start)).toString('ascii');
  return openGcm(wrapped.subarray(start), additionalData(purpose, wrappingKeyId), keyOf(wrappingKeyId));
}

function additionalData(purpose: string, wrappingKeyId: string): Uint8Array {
  return derSequence(derUtf8String('BidKey wrapped secret v1'), derUtf8String(wrappingKeyId), derUtf8String(purpose));
}
