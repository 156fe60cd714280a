/** Seals and opens CMS envelopes; the recipient's private key is a callback, so a token decrypts. Pure. */
import { cbc } from '@noble/ciphers/aes.js';
import { concatBytes, wipeBytes } from '../bytes/byte-strings.ts';
import type { CryptoPort } from '../crypto/crypto-port.ts';
import { AppError } from '../errors/app-error.ts';
import { assert } from '../errors/assert.ts';
import { readSm2Ciphertext, writeSm2Ciphertext } from '../sm/sm2-der.ts';
import { readSm2CiphertextRaw } from '../sm/sm2-encrypt.ts';
import { writeSm2SessionEnvelope } from '../sm/sm2-session-envelope.ts';
import type { SmEngine } from '../sm/sm-engine.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { parsePublicKeyInfo } from '../x509/public-key-info.ts';
import { referenceTo, refersTo, type ReferenceForm } from './certificate-reference.ts';
import type { CmsFamily } from './content-types.ts';
import { CONTENT_CIPHERS, readEnvelopedData, writeEnvelopedData, type ContentCipherId, type Recipient, type Sm2KeyEncryptionProfile } from './enveloped-data.ts';

type Engine = Pick<SmEngine, 'sm4CbcEncrypt' | 'sm4CbcDecrypt'>;

export interface CmsToSeal {
  readonly family: CmsFamily;
  readonly content: Uint8Array;
  readonly cipher: ContentCipherId;
  /** Encryption certificates: RSA keys get RSAES-OAEP (SHA-1), SM2 keys an SM2Cipher. */
  readonly recipientCertificates: readonly Uint8Array[];
  readonly reference?: ReferenceForm;
  readonly profile?: Sm2KeyEncryptionProfile;
}

/** @throws KEY_INVALID, ALGORITHM_UNSUPPORTED */
export async function sealEnvelope(message: CmsToSeal, crypto: CryptoPort, engine: Engine): Promise<Uint8Array> {
  assert(message.recipientCertificates.length > 0, 'an envelope has a recipient');
  const key = crypto.randomBytes(CONTENT_CIPHERS[message.cipher].keyBytes);
  const iv = crypto.randomBytes(16);
  const recipients: Recipient[] = [];
  for (const certificateDer of message.recipientCertificates) recipients.push(await wrapFor(certificateDer, key, message, crypto));
  const encryptedContent = message.cipher === 'sm4-cbc' ? await engine.sm4CbcEncrypt(key, iv, message.content) : cbc(key, iv).encrypt(message.content);
  wipeBytes(key);
  return writeEnvelopedData({ family: message.family, recipients, cipher: message.cipher, iv, encryptedContent }, message.profile ?? 'standard');
}

async function wrapFor(certificateDer: Uint8Array, key: Uint8Array, message: CmsToSeal, crypto: CryptoPort): Promise<Recipient> {
  const { publicKeySpkiDer } = parseCertificate(certificateDer);
  const { kind } = parsePublicKeyInfo(publicKeySpkiDer);
  if (kind === 'ec') throw new AppError('ALGORITHM_UNSUPPORTED', { reason: 'no key transport with this curve' });
  const algorithm = kind === 'sm2' ? 'sm2' : 'rsa-oaep-sha1';
  return { recipient: referenceTo(certificateDer, message.reference ?? 'issuer-and-serial'), algorithm, encryptedKey: await crypto.encrypt(algorithm, publicKeySpkiDer, key) };
}

export interface EnvelopeRecipient {
  readonly certificateDer: Uint8Array;
  /** Decrypts RSA-OAEP (SHA-1), or SM2Cipher DER, with the certificate's key. @throws DECRYPT_FAILED */
  readonly decrypt: (ciphertext: Uint8Array) => Promise<Uint8Array>;
  /** For SM2: takes an Sm2SessionEnvelope in DER and gives the content, so that keys too can open which only import session keys. @throws DECRYPT_FAILED */
  readonly openSession?: (sessionEnvelopeDer: Uint8Array) => Promise<Uint8Array>;
}

/** @throws DER_MALFORMED, CMS_MALFORMED, ALGORITHM_UNSUPPORTED, CMS_NO_RECIPIENT, DECRYPT_FAILED */
export async function openEnvelope(der: Uint8Array, recipient: EnvelopeRecipient, engine: Engine): Promise<Uint8Array> {
  const data = readEnvelopedData(der);
  const mine = data.recipients.find((one) => refersTo(one.recipient, recipient.certificateDer));
  if (!mine) throw new AppError('CMS_NO_RECIPIENT');
  const wrappedKey = mine.algorithm === 'sm2' ? inCipherDer(mine.encryptedKey, CONTENT_CIPHERS[data.cipher].keyBytes) : mine.encryptedKey;
  if (mine.algorithm === 'sm2' && data.cipher === 'sm4-cbc' && recipient.openSession) {
    return recipient.openSession(writeSm2SessionEnvelope({ encryptedKey: readSm2Ciphertext(wrappedKey), iv: data.iv, ciphertext: data.encryptedContent }));
  }
  const key = await recipient.decrypt(wrappedKey);
  try {
    if (key.length !== CONTENT_CIPHERS[data.cipher].keyBytes) throw new AppError('DECRYPT_FAILED');
    return data.cipher === 'sm4-cbc' ? await engine.sm4CbcDecrypt(key, data.iv, data.encryptedContent) : decryptAes(key, data.iv, data.encryptedContent);
  } finally {
    wipeBytes(key);
  }
}

function decryptAes(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  try {
    return cbc(key, iv).decrypt(ciphertext);
  } catch (thrown) {
    throw new AppError('DECRYPT_FAILED', {}, thrown);
  }
}

/**
 * Old programs write C1 ‖ C3 ‖ C2, with or without the 04 in front, instead of the SM2Cipher of GM/T 0009. The length tells them apart:
 * in DER the same numbers take at least ten octets more.
 */
function inCipherDer(encryptedKey: Uint8Array, keyBytes: number): Uint8Array {
  const rawBytes = 64 + 32 + keyBytes;
  if (encryptedKey.length === rawBytes + 1 && encryptedKey[0] === 0x04) return writeSm2Ciphertext(readSm2CiphertextRaw(encryptedKey));
  if (encryptedKey.length === rawBytes) return writeSm2Ciphertext(readSm2CiphertextRaw(concatBytes(Uint8Array.of(0x04), encryptedKey)));
  return writeSm2Ciphertext(readSm2Ciphertext(encryptedKey));
}
