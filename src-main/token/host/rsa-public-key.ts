/** RSA public keys, whatever interface told them: as SubjectPublicKeyInfo and back, and proofs in software that a private key belongs to one. */
import { constants, createPublicKey, publicEncrypt, randomBytes, verify } from 'node:crypto';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { AppError } from '#shared/errors/app-error.ts';

const MIN_MODULUS_BYTES = 128;
const MAX_MODULUS_BYTES = 1024;
const MAX_EXPONENT_BYTES = 8;

export interface RsaPublicKey {
  readonly kind: 'rsa';
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
  readonly spkiDer: Uint8Array;
}

/** @throws KEY_INVALID when it is no RSA key */
export function rsaPublicKeyFromSpki(spkiDer: Uint8Array): RsaPublicKey {
  const { kty, n, e } = readJwk(spkiDer);
  if (kty !== 'RSA' || n === undefined || e === undefined) throw new AppError('KEY_INVALID', { reason: 'not an RSA key' });
  return { kind: 'rsa', modulus: Buffer.from(n, 'base64url'), exponent: Buffer.from(e, 'base64url'), spkiDer };
}

function readJwk(spkiDer: Uint8Array): JsonWebKey {
  try {
    return createPublicKey({ key: Buffer.from(spkiDer), format: 'der', type: 'spki' }).export({ format: 'jwk' });
  } catch (thrown) {
    throw new AppError('KEY_INVALID', { reason: 'not a public key' }, thrown);
  }
}

/** What a driver told, with or without leading zeros. @param functionName the call that told it @throws DRIVER_NONSENSE */
export function rsaPublicKeyFromNumbers(functionName: string, modulusBytes: Uint8Array, exponentBytes: Uint8Array): RsaPublicKey {
  const modulus = withoutLeadingZeros(modulusBytes);
  const exponent = withoutLeadingZeros(exponentBytes);
  const plausible = modulus.length >= MIN_MODULUS_BYTES && modulus.length <= MAX_MODULUS_BYTES && exponent.length <= MAX_EXPONENT_BYTES;
  if (!plausible) throw new AppError('DRIVER_NONSENSE', { functionName, what: `an RSA key of ${modulus.length * 8} bits` });
  const jwk = { kty: 'RSA', n: Buffer.from(modulus).toString('base64url'), e: Buffer.from(exponent).toString('base64url') };
  try {
    return { kind: 'rsa', modulus, exponent, spkiDer: createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' }) };
  } catch (thrown) {
    throw new AppError('DRIVER_NONSENSE', { functionName, what: 'numbers that are no RSA key' }, thrown);
  }
}

export function sameRsaKey(left: RsaPublicKey, right: RsaPublicKey): boolean {
  return equalBytes(left.modulus, right.modulus) && equalBytes(left.exponent, right.exponent);
}

/** RSASSA-PKCS1-v1_5 with SHA-256. */
export function verifiesInSoftware(key: RsaPublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  return verify('sha256', message, { key: Buffer.from(key.spkiDer), format: 'der', type: 'spki', padding: constants.RSA_PKCS1_PADDING }, signature);
}

/** A random text and its RSA-OAEP (SHA-1) ciphertext, for proving a decryption key. */
export function makeDecryptionChallenge(key: RsaPublicKey): { readonly plaintext: Uint8Array; readonly ciphertext: Uint8Array } {
  const plaintext = randomBytes(32);
  const ciphertext = publicEncrypt({ key: createPublicKey({ key: Buffer.from(key.spkiDer), format: 'der', type: 'spki' }), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, plaintext);
  return { plaintext, ciphertext };
}

/** RSAES-PKCS1-v1_5: what SKF takes session keys in. */
export function encryptBySchemeOfSkf(key: RsaPublicKey, plaintext: Uint8Array): Uint8Array {
  return publicEncrypt({ key: createPublicKey({ key: Buffer.from(key.spkiDer), format: 'der', type: 'spki' }), padding: constants.RSA_PKCS1_PADDING }, plaintext);
}

function withoutLeadingZeros(number: Uint8Array): Uint8Array {
  const first = number.findIndex((byte) => byte !== 0);
  return first < 0 ? number : number.subarray(first);
}
