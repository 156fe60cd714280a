/** How a private key travels to a token, one row per interface of the token and subscriber algorithm. */
import { constants, createPrivateKey, createPublicKey, publicEncrypt, randomBytes, type KeyObject } from 'node:crypto';
import { toBase64 } from '#shared/bytes/base64.ts';
import { equalBytes, wipeBytes } from '#shared/bytes/byte-strings.ts';
import type { EnvelopedEncryptionKey } from '#shared/contract/rest/issuances.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { readSm2PrivateKeyInfo } from '#shared/pkcs/sm2-private-key-info.ts';
import { readCsrResponse, writeCsrResponse } from '#shared/sm/csr-response.ts';
import { sealSm2EnvelopedKey, writeSm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import type { SmEngine } from '#shared/sm/sm-engine.ts';
import { sm4EcbEncrypt } from '#shared/sm/sm4-modes.ts';
import { sm2PointOf } from '#shared/sm/sm-provider.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import type { KeyInterface } from '../authority/authority-port.ts';
import { wrapWithPadding } from './aes-key-wrap.ts';

export interface EnvelopeRecipient {
  readonly signPublicKeySpkiDer: Uint8Array;
  readonly signCertificateDer: Uint8Array;
  readonly encryptCertificateDer: Uint8Array;
}

/** A key that is on a token for this one use. */
type OpeningKey = Pick<EnvelopeRecipient, 'signPublicKeySpkiDer'>;

export interface EnvelopeMeans {
  readonly crypto: CryptoPort;
  readonly engine: SmEngine;
}

/** @param pkcs8Der wiped by the caller. @throws KEY_INVALID, ENVELOPED_KEY_MISMATCH */
export type EnvelopeFormat<Recipient = EnvelopeRecipient> = (pkcs8Der: Uint8Array, recipient: Recipient, means: EnvelopeMeans) => Promise<EnvelopedEncryptionKey>;

/**
 * `rsa-oaep+aes-kwp`: a fresh AES-256 key under RSA-OAEP (SHA-1) to the token's signing key, PKCS#8 under it with AES-KWP. Both layers open inside the
 * token, so the private key is never in clear outside of it and of the centre.
 */
const rsaOaepAesKwp: EnvelopeFormat<OpeningKey> = async (pkcs8Der, recipient, { crypto }) => {
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

/**
 * `gmt0092-csr-response`: the answer of GM/T 0092 with both certificates; in it the private key as SM2EnvelopedKey (GM/T 0009): 32 octets under a fresh
 * SM4 key (ECB, no padding), that key under the token's SM2 signing key. Opened inside the token; a host only re-packs it.
 */
const gmt0092CsrResponse: EnvelopeFormat = async (pkcs8Der, recipient, { engine }) => {
  // A certificate of another key would make the token refuse the answer after everything is issued.
  if (!equalBytes(parseCertificate(recipient.signCertificateDer).publicKeySpkiDer, recipient.signPublicKeySpkiDer)) throw new AppError('ENVELOPED_KEY_MISMATCH', { reason: 'signing certificate is of another key' });
  const pair = readSm2PrivateKeyInfo(pkcs8Der);
  try {
    const envelopedKey = await sealSm2EnvelopedKey(engine, sm2PointOf(recipient.signPublicKeySpkiDer), pair, (length) => randomBytes(length));
    const csrResponse = writeCsrResponse({ signCertificates: [recipient.signCertificateDer], envelopedKey, encryptCertificates: [recipient.encryptCertificateDer] });
    // The reader compares the encryption certificate with the enveloped key.
    readCsrResponse(csrResponse);
    return { format: 'gmt0092-csr-response', csrResponse: toBase64(csrResponse) };
  } finally {
    wipeBytes(pair.privateKey);
  }
};

/** `sm2-enveloped-key`: the SM2EnvelopedKey alone. A CSRResponse would need a certificate of the opening key, which has none. */
const sm2EnvelopedKey: EnvelopeFormat<OpeningKey> = async (pkcs8Der, { signPublicKeySpkiDer }, { engine }) => {
  const pair = readSm2PrivateKeyInfo(pkcs8Der);
  try {
    const envelopedKey = await sealSm2EnvelopedKey(engine, sm2PointOf(signPublicKeySpkiDer), pair, (length) => randomBytes(length));
    return { format: 'sm2-enveloped-key', envelopedKey: toBase64(writeSm2EnvelopedKey(envelopedKey)) };
  } finally {
    wipeBytes(pair.privateKey);
  }
};

/** `skf-rsa-key-blob`: RSAPrivateKey (PKCS#1) under a fresh SM4 key (ECB, PKCS#7), that key under the token's signing key: what SKF_ImportRSAKeyPair takes. */
const skfRsaKeyBlob: EnvelopeFormat<OpeningKey> = async (pkcs8Der, { signPublicKeySpkiDer }) => {
  const key = randomBytes(SM4_KEY_BYTES);
  const pkcs1Der = createPrivateKey({ key: Buffer.from(pkcs8Der), format: 'der', type: 'pkcs8' }).export({ format: 'der', type: 'pkcs1' });
  const padded = withPadding(pkcs1Der);
  try {
    return {
      format: 'skf-rsa-key-blob',
      wrappedKey: toBase64(publicEncrypt({ key: rsaPublicKey(signPublicKeySpkiDer), padding: constants.RSA_PKCS1_PADDING }, key)),
      encryptedPrivateKey: toBase64(sm4EcbEncrypt(key, padded)),
    };
  } finally {
    wipeBytes(key, pkcs1Der, padded);
  }
};

const SM4_KEY_BYTES = 16;
const SM4_BLOCK_BYTES = 16;

function withPadding(bytes: Uint8Array): Buffer {
  const fill = SM4_BLOCK_BYTES - (bytes.length % SM4_BLOCK_BYTES);
  return Buffer.concat([bytes, Buffer.alloc(fill, fill)]);
}

function rsaPublicKey(spkiDer: Uint8Array): KeyObject {
  const key = createPublicKey({ key: Buffer.from(spkiDer), format: 'der', type: 'spki' });
  if (key.asymmetricKeyType !== 'rsa') throw new AppError('KEY_INVALID', { reason: 'the opening key is no RSA key' });
  return key;
}

type Formats<Recipient> = Readonly<Record<KeyInterface, Readonly<Record<KeyAlgorithm, EnvelopeFormat<Recipient>>>>>;

/** For old encryption keys that are brought back. */
export const OPENING_KEY_FORMATS: Formats<OpeningKey> = { pkcs11: { 'rsa-2048': rsaOaepAesKwp, sm2: sm2EnvelopedKey }, skf: { 'rsa-2048': skfRsaKeyBlob, sm2: sm2EnvelopedKey } };
export const ENVELOPE_FORMATS: Formats<EnvelopeRecipient> = { pkcs11: { 'rsa-2048': rsaOaepAesKwp, sm2: gmt0092CsrResponse }, skf: { 'rsa-2048': skfRsaKeyBlob, sm2: gmt0092CsrResponse } };
