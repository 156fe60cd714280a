/** Seals and opens CMS envelopes; the recipient's private key is a callback, so a token decrypts. Pure. */
import { cbc } from '@noble/ciphers/aes.js';
import { concatBytes, wipeBytes } from '../bytes/byte-strings.ts';
import type { EncryptAlgorithmId } from '../crypto/algorithms.ts';
import type { CryptoPort } from '../crypto/crypto-port.ts';
import { AppError } from '../errors/app-error.ts';
import { assert } from '../errors/assert.ts';
import { readSm2Ciphertext, writeSm2Ciphertext } from '../sm/sm2-der.ts';
import { tryReadSm2Point } from '../sm/sm2-curve.ts';
import { readSm2CiphertextRaw, type Sm2Ciphertext } from '../sm/sm2-encrypt.ts';
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
  const algorithm = keyTransportOf(certificateDer);
  return { recipient: referenceTo(certificateDer, message.reference ?? 'issuer-and-serial'), algorithm, encryptedKey: await crypto.encrypt(algorithm, parseCertificate(certificateDer).publicKeySpkiDer, key) };
}

/** @throws ALGORITHM_UNSUPPORTED, KEY_INVALID, CERTIFICATE_MALFORMED */
function keyTransportOf(certificateDer: Uint8Array): EncryptAlgorithmId {
  const { kind } = parsePublicKeyInfo(parseCertificate(certificateDer).publicKeySpkiDer);
  if (kind === 'ec') throw new AppError('ALGORITHM_UNSUPPORTED', { reason: 'no key transport with this curve' });
  return kind === 'sm2' ? 'sm2' : 'rsa-oaep-sha1';
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
  const { keyBytes } = CONTENT_CIPHERS[data.cipher];
  // What the message says of itself does not decide what a key is handed: an SM2 key would else get octets that nobody has looked at.
  if (mine.algorithm !== keyTransportOf(recipient.certificateDer)) throw new AppError('CMS_MALFORMED', { reason: 'not an algorithm of the recipient\'s key' });
  const sm2 = mine.algorithm === 'sm2' ? readWrappedKey(mine.encryptedKey, keyBytes) : null;
  if (sm2 && data.cipher === 'sm4-cbc' && recipient.openSession) {
    return recipient.openSession(writeSm2SessionEnvelope({ encryptedKey: sm2, iv: data.iv, ciphertext: data.encryptedContent }));
  }
  const key = await recipient.decrypt(sm2 ? writeSm2Ciphertext(sm2) : mine.encryptedKey);
  try {
    if (key.length !== keyBytes) throw new AppError('DECRYPT_FAILED');
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

/** A key under SM2, held against the curve and the length of the cipher's key before anything is asked to decrypt it. @throws DER_MALFORMED, CMS_MALFORMED */
function readWrappedKey(encryptedKey: Uint8Array, keyBytes: number): Sm2Ciphertext {
  const ciphertext = readEitherForm(encryptedKey, keyBytes);
  if (ciphertext.masked.length !== keyBytes) throw new AppError('CMS_MALFORMED', { reason: 'length of the wrapped key' });
  // An invalid curve point is how a key is drawn out of a careless token.
  if (!tryReadSm2Point(ciphertext.point)) throw new AppError('CMS_MALFORMED', { reason: 'point is not on the curve' });
  return ciphertext;
}

/**
 * Old programs write C1 ‖ C3 ‖ C2, with or without the 04 in front, instead of the SM2Cipher of GM/T 0009. The length tells them apart:
 * in DER the same numbers take at least ten octets more.
 */
function readEitherForm(encryptedKey: Uint8Array, keyBytes: number): Sm2Ciphertext {
  const rawBytes = 64 + 32 + keyBytes;
  if (encryptedKey.length === rawBytes + 1 && encryptedKey[0] === 0x04) return readSm2CiphertextRaw(encryptedKey);
  if (encryptedKey.length === rawBytes) return readSm2CiphertextRaw(concatBytes(Uint8Array.of(0x04), encryptedKey));
  return readSm2Ciphertext(encryptedKey);
}
