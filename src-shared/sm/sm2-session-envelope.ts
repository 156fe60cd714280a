/**
 * A text under an SM4 key that is under an SM2 key: what a token can open that only imports session keys. GM/T 0016-2012 has no call that decrypts
 * an SM2 ciphertext of any other content, so a proof of decryption that every key can give has to have this form.
 * `Sm2SessionEnvelope ::= SEQUENCE { encryptedKey SM2Cipher, iv OCTET STRING (SIZE(16)), ciphertext OCTET STRING }`
 * encryptedKey holds the 16 octets of the SM4 key; ciphertext is SM4-CBC with the padding of PKCS#7. Pure: randomness comes in.
 */
import { DerReader } from '../asn1/der-reader.ts';
import { derOctetString, derSequence } from '../asn1/der-writer.ts';
import { CONSTRUCTED, TAG } from '../asn1/tags.ts';
import { wipeBytes } from '../bytes/byte-strings.ts';
import { AppError } from '../errors/app-error.ts';
import { readSm2CiphertextIn, writeSm2Ciphertext } from './sm2-der.ts';
import { sm2Encrypt, type Sm2Ciphertext } from './sm2-encrypt.ts';
import type { RandomBytes } from './sm2-key.ts';
import { sm4CbcEncrypt } from './sm4-modes.ts';

export interface Sm2SessionEnvelope {
  readonly encryptedKey: Sm2Ciphertext;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
}

const SM4_KEY_BYTES = 16;
const SM4_BLOCK_BYTES = 16;
const MAX_ENVELOPE_BYTES = 4096;

/** @param recipientPublicKey 04 ‖ X ‖ Y @throws KEY_INVALID */
export function sealSm2Session(recipientPublicKey: Uint8Array, plaintext: Uint8Array, randomBytes: RandomBytes): Uint8Array {
  const key = randomBytes(SM4_KEY_BYTES);
  const iv = randomBytes(SM4_BLOCK_BYTES);
  const encryptedKey = sm2Encrypt(recipientPublicKey, key, { randomBytes });
  const ciphertext = sm4CbcEncrypt(key, iv, plaintext);
  wipeBytes(key);
  return writeSm2SessionEnvelope({ encryptedKey, iv, ciphertext });
}

export const writeSm2SessionEnvelope = ({ encryptedKey, iv, ciphertext }: Sm2SessionEnvelope): Uint8Array => derSequence(writeSm2Ciphertext(encryptedKey), derOctetString(iv), derOctetString(ciphertext));

/** The same where SM2 is done elsewhere. @param encrypt makes an SM2Cipher in DER for the recipient */
export async function sealSm2SessionBy(encrypt: (key: Uint8Array) => Promise<Uint8Array>, plaintext: Uint8Array, randomBytes: RandomBytes): Promise<Uint8Array> {
  const key = randomBytes(SM4_KEY_BYTES);
  const iv = randomBytes(SM4_BLOCK_BYTES);
  const encryptedKeyDer = await encrypt(key);
  const ciphertext = sm4CbcEncrypt(key, iv, plaintext);
  wipeBytes(key);
  return derSequence(encryptedKeyDer, derOctetString(iv), derOctetString(ciphertext));
}

/** @returns null when it is something else, an SM2Cipher for example @throws DER_MALFORMED */
export function tryReadSm2SessionEnvelope(der: Uint8Array): Sm2SessionEnvelope | null {
  const reader = DerReader.open(der, MAX_ENVELOPE_BYTES);
  const parts = reader.readSequence('session envelope');
  if (parts.atEnd || parts.peekTag() !== (TAG.SEQUENCE | CONSTRUCTED)) return null;
  const encryptedKey = readSm2CiphertextIn(parts);
  const iv = Uint8Array.from(parts.readOctetString('iv'));
  const ciphertext = Uint8Array.from(parts.readOctetString('ciphertext'));
  parts.end('session envelope');
  reader.end('session envelope');
  const fits = encryptedKey.masked.length === SM4_KEY_BYTES && iv.length === SM4_BLOCK_BYTES && ciphertext.length > 0 && ciphertext.length % SM4_BLOCK_BYTES === 0;
  if (!fits) throw new AppError('DER_MALFORMED', { reason: 'length of a part', offset: 0, what: 'session envelope' });
  return { encryptedKey, iv, ciphertext };
}
