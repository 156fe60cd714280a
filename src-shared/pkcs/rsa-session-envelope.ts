/**
 * A text under an SM4 key that is under an RSA key: what a key with the calls of GM/T 0016-2012 can open, which imports session keys (SKF_ImportSessionKey)
 * and has no call that decrypts anything else. The counterpart of Sm2SessionEnvelope.
 * `RsaSessionEnvelope ::= SEQUENCE { encryptedKey OCTET STRING, iv OCTET STRING (SIZE(16)), ciphertext OCTET STRING }`
 * encryptedKey is RSAES-PKCS1-v1_5 (the standard fixes it) of the 16 octets of the SM4 key; ciphertext is SM4-CBC with the padding of PKCS#7.
 * Its use is a proof over a random text: nobody who could ask for many decryptions learns more than whether the text was right. Pure: randomness and RSA come in.
 */
import { DerReader } from '../asn1/der-reader.ts';
import { derOctetString, derSequence } from '../asn1/der-writer.ts';
import { CONSTRUCTED, TAG } from '../asn1/tags.ts';
import { wipeBytes } from '../bytes/byte-strings.ts';
import { AppError } from '../errors/app-error.ts';
import { sm4CbcEncrypt } from '../sm/sm4-modes.ts';

export interface RsaSessionEnvelope {
  readonly encryptedKey: Uint8Array;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
}

const SM4_KEY_BYTES = 16;
const SM4_BLOCK_BYTES = 16;
const MAX_ENVELOPE_BYTES = 4096;
const MIN_RSA_BYTES = 128;

/** @param encrypt RSAES-PKCS1-v1_5 for the recipient */
export function sealRsaSession(encrypt: (key: Uint8Array) => Uint8Array, plaintext: Uint8Array, randomBytes: (length: number) => Uint8Array): Uint8Array {
  const key = randomBytes(SM4_KEY_BYTES);
  const iv = randomBytes(SM4_BLOCK_BYTES);
  try {
    return derSequence(derOctetString(encrypt(key)), derOctetString(iv), derOctetString(sm4CbcEncrypt(key, iv, plaintext)));
  } finally {
    wipeBytes(key);
  }
}

/** @returns null when it is something else, an RSA ciphertext for example @throws DER_MALFORMED */
export function tryReadRsaSessionEnvelope(der: Uint8Array): RsaSessionEnvelope | null {
  // A bare RSA ciphertext is any number; it is as long as the modulus, and an envelope longer than the one in it.
  if (der[0] !== (TAG.SEQUENCE | CONSTRUCTED) || [128, 256, 384, 512].includes(der.length)) return null;
  const reader = DerReader.open(der, MAX_ENVELOPE_BYTES);
  const parts = reader.readSequence('session envelope');
  const encryptedKey = Uint8Array.from(parts.readOctetString('encryptedKey'));
  const iv = Uint8Array.from(parts.readOctetString('iv'));
  const ciphertext = Uint8Array.from(parts.readOctetString('ciphertext'));
  parts.end('session envelope');
  reader.end('session envelope');
  const fits = encryptedKey.length >= MIN_RSA_BYTES && iv.length === SM4_BLOCK_BYTES && ciphertext.length > 0 && ciphertext.length % SM4_BLOCK_BYTES === 0;
  if (!fits) throw new AppError('DER_MALFORMED', { reason: 'length of a part', offset: 0, what: 'session envelope' });
  return { encryptedKey, iv, ciphertext };
}
