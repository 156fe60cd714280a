/** Making encryption key pairs of subscribers, one row per algorithm, and finding the public key that a private key belongs to. */
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { KEY_ALGORITHMS } from '#shared/crypto/algorithms.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { publicKeyOfRsaPrivateKey } from '#shared/x509/private-key-info.ts';
import { generateRsaPkcs8 } from '../signers/software-signer.ts';

export interface SubscriberKeyRow {
  /** @returns the private half as PKCS#8, which the caller wipes */
  readonly generate: () => Promise<{ publicKeySpkiDer: Uint8Array; pkcs8Der: Uint8Array }>;
  readonly publicKeyOf: (pkcs8Der: Uint8Array) => Uint8Array;
}

const SUBSCRIBER_KEYS: Readonly<Partial<Record<KeyAlgorithm, SubscriberKeyRow>>> = {
  'rsa-2048': { generate: () => generateRsaPkcs8(KEY_ALGORITHMS['rsa-2048'].modulusBits), publicKeyOf: publicKeyOfRsaPrivateKey },
};

/** @throws ALGORITHM_UNSUPPORTED */
export function subscriberKeyRow(algorithm: KeyAlgorithm): SubscriberKeyRow {
  const row = SUBSCRIBER_KEYS[algorithm];
  if (!row) throw new AppError('ALGORITHM_UNSUPPORTED', { algorithm });
  return row;
}
