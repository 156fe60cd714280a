/** Making encryption key pairs of subscribers, one row per algorithm, and finding the public key that a private key belongs to. */
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import { KEY_ALGORITHMS } from '#shared/crypto/algorithms.ts';
import { readSm2PrivateKeyInfo } from '#shared/pkcs/sm2-private-key-info.ts';
import type { SmEngine } from '#shared/sm/sm-engine.ts';
import { publicKeyOfRsaPrivateKey } from '#shared/x509/private-key-info.ts';
import { buildEcPublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { generateRsaPkcs8, generateSm2Pkcs8 } from '../signers/software-signer.ts';

export interface SubscriberKeyRow {
  /** @returns the private half as PKCS#8, which the caller wipes */
  readonly generate: (engine: SmEngine) => Promise<{ publicKeySpkiDer: Uint8Array; pkcs8Der: Uint8Array }>;
  readonly publicKeyOf: (pkcs8Der: Uint8Array) => Uint8Array;
}

export const SUBSCRIBER_KEYS: Readonly<Record<KeyAlgorithm, SubscriberKeyRow>> = {
  'rsa-2048': { generate: () => generateRsaPkcs8(KEY_ALGORITHMS['rsa-2048'].modulusBits), publicKeyOf: publicKeyOfRsaPrivateKey },
  sm2: { generate: generateSm2Pkcs8, publicKeyOf: publicKeyOfSm2PrivateKey },
};

function publicKeyOfSm2PrivateKey(pkcs8Der: Uint8Array): Uint8Array {
  const { privateKey, publicKey } = readSm2PrivateKeyInfo(pkcs8Der);
  wipeBytes(privateKey);
  return buildEcPublicKeyInfo('sm2', publicKey);
}
