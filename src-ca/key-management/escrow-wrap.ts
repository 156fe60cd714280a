/**
 * How an escrowed private key is wrapped: AES-256-GCM under a key of the centre. Everything that says what the key is (wrapping key, algorithm, public key)
 * is authenticated with it, so a wrapped key cannot be passed off as another one.
 * Layout: version (1) ‖ nonce (12) ‖ ciphertext of PKCS#8 ‖ tag (16).
 */
import type { KeyObject } from 'node:crypto';
import { derOctetString, derSequence, derUtf8String } from '#shared/asn1/der-writer.ts';
import { concatBytes } from '#shared/bytes/byte-strings.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { EscrowedKey } from '../authority/authority-port.ts';
import { GCM_OVERHEAD_BYTES, openGcm, sealGcm } from './centre-gcm.ts';

const VERSION = 1;

export interface EscrowLabel {
  readonly algorithm: KeyAlgorithm;
  readonly publicKeySpkiDer: Uint8Array;
  readonly wrappingKeyId: string;
}

export function wrapPrivateKey(pkcs8Der: Uint8Array, label: EscrowLabel, wrappingKey: KeyObject): EscrowedKey {
  return { ...label, wrappedPrivateKey: concatBytes(Uint8Array.of(VERSION), sealGcm(pkcs8Der, additionalData(label), wrappingKey)) };
}

/** @returns PKCS#8, which the caller wipes. @throws DECRYPT_FAILED */
export function unwrapPrivateKey(escrowed: EscrowedKey, wrappingKey: KeyObject): Buffer {
  const { wrappedPrivateKey } = escrowed;
  if (wrappedPrivateKey.length <= 1 + GCM_OVERHEAD_BYTES || wrappedPrivateKey[0] !== VERSION) throw new AppError('DECRYPT_FAILED');
  return openGcm(wrappedPrivateKey.subarray(1), additionalData(escrowed), wrappingKey);
}

function additionalData(label: EscrowLabel): Uint8Array {
  return derSequence(derUtf8String('BidKey escrow v1'), derUtf8String(label.wrappingKeyId), derUtf8String(label.algorithm), derOctetString(label.publicKeySpkiDer));
}
