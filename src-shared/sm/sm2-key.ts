/**
 * SM2 keys: private scalar of 32 bytes, public point 04 ‖ X ‖ Y, and the user digest Z that binds a signature to its signer.
 * Source: GB/T 32918.1 §6, GB/T 32918.2 §5.5. Pure: randomness comes in.
 */
import { refuse } from '../errors/app-error.ts';
import { bytesToScalar, readSm2Point, scalarToBytes, SM2_CURVE, SM2_SCALAR_LENGTH, Sm2Point, writeSm2Point } from './sm2-curve.ts';
import { sm3 } from './sm3.ts';

/** Fills a new array of that length from a cryptographic source. */
export type RandomBytes = (length: number) => Uint8Array;

export interface Sm2KeyPair {
  /** 32 bytes, secret: wipe after use. */
  readonly privateKey: Uint8Array;
  /** 04 ‖ X ‖ Y. */
  readonly publicKey: Uint8Array;
}

/** The default user identity of GM/T 0009 §10: what certificates, requests and CRLs are signed with. */
export const SM2_DEFAULT_USER_ID = new TextEncoder().encode('1234567812345678');

/** ENTL is the length in bits in 16 bits (§5.5). */
const MAX_USER_ID_BYTES = 8191;

export function generateSm2KeyPair(randomBytes: RandomBytes): Sm2KeyPair {
  for (;;) {
    const privateKey = randomBytes(SM2_SCALAR_LENGTH);
    if (isSm2PrivateKey(privateKey)) return { privateKey, publicKey: sm2PublicKeyOf(privateKey) };
  }
}

/** @returns 04 ‖ X ‖ Y @throws KEY_INVALID */
export function sm2PublicKeyOf(privateKey: Uint8Array): Uint8Array {
  return writeSm2Point(Sm2Point.BASE.multiply(readSm2PrivateKey(privateKey)));
}

/** The scalar. @throws KEY_INVALID unless 32 bytes in [1, n−2] */
export function readSm2PrivateKey(privateKey: Uint8Array): bigint {
  if (!isSm2PrivateKey(privateKey)) refuse('KEY_INVALID', { reason: 'SM2 private key out of range' });
  return bytesToScalar(privateKey);
}

/** d = n−1 would make 1+d zero and signing impossible, hence n−2 (GB/T 32918.1 §6.1). */
export function isSm2PrivateKey(privateKey: Uint8Array): boolean {
  if (privateKey.length !== SM2_SCALAR_LENGTH) return false;
  const d = bytesToScalar(privateKey);
  return d >= 1n && d <= SM2_CURVE.n - 2n;
}

const Z_CONSTANTS = [SM2_CURVE.a, SM2_CURVE.b, SM2_CURVE.Gx, SM2_CURVE.Gy].map(scalarToBytes);

/** Z = SM3(ENTL ‖ ID ‖ a ‖ b ‖ xG ‖ yG ‖ xA ‖ yA). @throws KEY_INVALID for a bad point or an identity over 8191 bytes */
export function sm2UserDigest(publicKey: Uint8Array, userId: Uint8Array = SM2_DEFAULT_USER_ID): Uint8Array {
  readSm2Point(publicKey);
  if (userId.length > MAX_USER_ID_BYTES) refuse('KEY_INVALID', { reason: 'SM2 user id too long', gotBytes: userId.length, maxBytes: MAX_USER_ID_BYTES });
  const bits = 8 * userId.length;
  return sm3(Uint8Array.of(bits >>> 8, bits & 0xff), userId, ...Z_CONSTANTS, publicKey.subarray(1));
}

/** e = SM3(Z ‖ M): what is really signed. */
export function sm2MessageDigest(publicKey: Uint8Array, message: Uint8Array, userId: Uint8Array = SM2_DEFAULT_USER_ID): Uint8Array {
  return sm3(sm2UserDigest(publicKey, userId), message);
}
