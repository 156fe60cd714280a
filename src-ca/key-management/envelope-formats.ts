/** How a private key travels to a token, one row per subscriber algorithm. */
import { randomBytes } from 'node:crypto';
import { toBase64 } from '#shared/bytes/base64.ts';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import type { EnvelopedEncryptionKey } from '#shared/contract/rest/issuances.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { wrapWithPadding } from './aes-key-wrap.ts';

export interface EnvelopeRecipient {
  readonly signPublicKeySpkiDer: Uint8Array;
  readonly signCertificateDer: Uint8Array;
  readonly encryptCertificateDer: Uint8Array;
}

/** @param pkcs8Der wiped by the caller. @throws KEY_INVALID */
export type EnvelopeFormat = (pkcs8Der: Uint8Array, recipient: EnvelopeRecipient, crypto: CryptoPort) => Promise<EnvelopedEncryptionKey>;

/**
 * `rsa-oaep+aes-kwp`: a fresh AES-256 key under RSA-OAEP (SHA-1) to the token's signing key, PKCS#8 under it with AES-KWP. Both layers open inside the
 * token, so the private key is never in clear outside of it and of the centre.
 */
const rsaOaepAesKwp: EnvelopeFormat = async (pkcs8Der, recipient, crypto) => {
  const keyEncryptionKey = randomBytes(32);
  try {
    return {
      format: 'rsa-oaep+aes-kwp',
      wrappedKeyEncryptionKey: toBase64(await crypto.encrypt('rsa-oaep-sha1', recipient.signPublicKeySpkiDer, keyEncryptionKey)),
      wrappedPrivateKey: toBase64(wrapWithPadding(keyEncryptionKey, pkcs8Der)),
    };
  } finally {
    wipeBytes(keyEncryptionKey);
  }
};

export const ENVELOPE_FORMATS: Readonly<Partial<Record<KeyAlgorithm, EnvelopeFormat>>> = { 'rsa-2048': rsaOaepAesKwp };
