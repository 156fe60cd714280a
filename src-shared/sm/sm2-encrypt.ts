/**
 * SM2 public-key encryption (GB/T 32918.4): C1 a point, C3 the check digest, C2 the masked text, raw form 04‖C1‖C3‖C2.
 * Pure. For short secrets (session keys); every failure to decrypt is DECRYPT_FAILED, whatever its cause.
 */
import { refuse } from '../errors/app-error.ts';
import { bytesToScalar, readSm2Point, SM2_POINT_LENGTH, Sm2Point, tryReadSm2Point, writeSm2Point, type Sm2PointValue } from './sm2-curve.ts';
import { isSm2PrivateKey, readSm2PrivateKey, type RandomBytes } from './sm2-key.ts';
import { sm3, Sm3, SM3_DIGEST_LENGTH } from './sm3.ts';

/** The parts of a ciphertext. */
export interface Sm2Ciphertext {
  /** C1: 04 ‖ X ‖ Y, 65 bytes. */
  readonly point: Uint8Array;
  /** C3: SM3(x2 ‖ M ‖ y2). */
  readonly digest: Uint8Array;
  /** C2: as long as the plaintext, at least one byte. */
  readonly masked: Uint8Array;
}

export interface EncryptionNonce {
  readonly randomBytes?: RandomBytes;
  /** For the examples of the standard only: k itself. */
  readonly testOnlyFixedNonce?: Uint8Array;
}

/** @throws KEY_INVALID for a bad public key or an empty plaintext (§6.1: klen is positive) */
export function sm2Encrypt(publicKey: Uint8Array, plain: Uint8Array, nonce: EncryptionNonce): Sm2Ciphertext {
  const point = readSm2Point(publicKey);
  if (plain.length === 0) refuse('KEY_INVALID', { reason: 'SM2 does not encrypt an empty text' });
  for (;;) {
    const k = encryptionScalar(nonce);
    const shared = sharedCoordinates(point.multiply(k));
    const mask = sm2Kdf(shared, plain.length);
    // A mask of zeros would send the text in the clear (§6.1 A5).
    if (mask.every((byte) => byte === 0)) continue;
    const digest = checkDigest(shared, plain);
    const masked = mask.map((byte, i) => byte ^ plain[i]!);
    shared.fill(0);
    return { point: writeSm2Point(Sm2Point.BASE.multiply(k)), digest, masked };
  }
}

/** @throws DECRYPT_FAILED for every fault of the ciphertext, KEY_INVALID for a bad private key */
export function sm2Decrypt(privateKey: Uint8Array, ciphertext: Sm2Ciphertext): Uint8Array {
  const d = readSm2PrivateKey(privateKey);
  const point = tryReadSm2Point(ciphertext.point);
  if (!point || ciphertext.digest.length !== SM3_DIGEST_LENGTH || ciphertext.masked.length === 0) return refuse('DECRYPT_FAILED');
  const shared = sharedCoordinates(point.multiply(d));
  const mask = sm2Kdf(shared, ciphertext.masked.length);
  const maskBits = mask.reduce((bits, byte) => bits | byte, 0);
  const plain = mask.map((byte, i) => byte ^ ciphertext.masked[i]!);
  const digest = checkDigest(shared, plain);
  const difference = digest.reduce((sum, byte, i) => sum | (byte ^ ciphertext.digest[i]!), 0);
  shared.fill(0);
  if (difference !== 0 || maskBits === 0) {
    plain.fill(0);
    refuse('DECRYPT_FAILED');
  }
  return plain;
}

/** 04 ‖ X ‖ Y ‖ C3 ‖ C2. */
export function writeSm2CiphertextRaw(ciphertext: Sm2Ciphertext): Uint8Array {
  const out = new Uint8Array(SM2_POINT_LENGTH + SM3_DIGEST_LENGTH + ciphertext.masked.length);
  out.set(ciphertext.point);
  out.set(ciphertext.digest, SM2_POINT_LENGTH);
  out.set(ciphertext.masked, SM2_POINT_LENGTH + SM3_DIGEST_LENGTH);
  return out;
}

/** Splits 04 ‖ C1 ‖ C3 ‖ C2; the point is checked when it is decrypted. @throws DECRYPT_FAILED when too short */
export function readSm2CiphertextRaw(raw: Uint8Array): Sm2Ciphertext {
  if (raw.length <= SM2_POINT_LENGTH + SM3_DIGEST_LENGTH) refuse('DECRYPT_FAILED');
  return {
    point: raw.slice(0, SM2_POINT_LENGTH),
    digest: raw.slice(SM2_POINT_LENGTH, SM2_POINT_LENGTH + SM3_DIGEST_LENGTH),
    masked: raw.slice(SM2_POINT_LENGTH + SM3_DIGEST_LENGTH),
  };
}

/** KDF of §5.4.3: SM3(Z ‖ counter) for counter = 1, 2, … */
export function sm2Kdf(shared: Uint8Array, length: number): Uint8Array {
  const prefix = new Sm3().update(shared);
  const out = new Uint8Array(length);
  for (let at = 0, counter = 1; at < length; at += SM3_DIGEST_LENGTH, counter++) {
    const block = prefix.clone().update(Uint8Array.of(counter >>> 24, counter >>> 16, counter >>> 8, counter)).digest();
    out.set(block.subarray(0, Math.min(SM3_DIGEST_LENGTH, length - at)), at);
  }
  prefix.wipe();
  return out;
}

function checkDigest(shared: Uint8Array, plain: Uint8Array): Uint8Array {
  return sm3(shared.subarray(0, 32), plain, shared.subarray(32));
}

/** x2 ‖ y2. */
function sharedCoordinates(point: Sm2PointValue): Uint8Array {
  return writeSm2Point(point).slice(1);
}

function encryptionScalar(nonce: EncryptionNonce): bigint {
  if (nonce.testOnlyFixedNonce) return bytesToScalar(nonce.testOnlyFixedNonce);
  for (;;) {
    const candidate = nonce.randomBytes?.(32) ?? refuse('KEY_INVALID', { reason: 'no source of randomness' });
    if (isSm2PrivateKey(candidate)) return bytesToScalar(candidate);
  }
}
