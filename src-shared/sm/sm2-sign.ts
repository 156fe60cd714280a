/**
 * SM2 signatures in raw form r ‖ s (GB/T 32918.2 §6, §7). DER forms stand in sm2-der.ts.
 * Pure. BigInt arithmetic is not constant-time: the portable form is for machines where the native engine cannot load (docs/threat-model.md).
 */
import { refuse } from '../errors/app-error.ts';
import { bytesToScalar, modN, readSm2Point, scalarToBytes, SM2_CURVE, Sm2Point } from './sm2-curve.ts';
import { readSm2PrivateKey, SM2_DEFAULT_USER_ID, sm2MessageDigest, sm2PublicKeyOf } from './sm2-key.ts';
import { nonces, type NonceSource } from './sm2-nonce.ts';
import { SM3_DIGEST_LENGTH } from './sm3.ts';

export const SM2_SIGNATURE_LENGTH = 64;

/** Signs SM3(Z ‖ message). @returns r ‖ s, 64 bytes @throws KEY_INVALID */
export function sm2Sign(privateKey: Uint8Array, message: Uint8Array, userId: Uint8Array = SM2_DEFAULT_USER_ID, nonce: NonceSource = {}): Uint8Array {
  return sm2SignDigest(privateKey, sm2MessageDigest(sm2PublicKeyOf(privateKey), message, userId), nonce);
}

/** Signs e itself: 32 bytes, made by sm2MessageDigest. @returns r ‖ s @throws KEY_INVALID */
export function sm2SignDigest(privateKey: Uint8Array, digest: Uint8Array, nonce: NonceSource = {}): Uint8Array {
  requireDigest(digest);
  const d = readSm2PrivateKey(privateKey);
  const e = bytesToScalar(digest);
  const inverse = Sm2Point.Fn.inv(d + 1n);
  for (const k of nonces(privateKey, digest, nonce)) {
    const r = modN(e + Sm2Point.BASE.multiply(k).toAffine().x);
    // r = 0 or r + k = n would make the private key computable from s (§6.1 A5).
    if (r === 0n || r + k === SM2_CURVE.n) continue;
    const s = modN(inverse * modN(k - r * d));
    if (s === 0n) continue;
    const out = new Uint8Array(SM2_SIGNATURE_LENGTH);
    out.set(scalarToBytes(r));
    out.set(scalarToBytes(s), 32);
    return out;
  }
  throw new Error('assertion failed: nonces do not end');
}

/** Whether r ‖ s signs SM3(Z ‖ message). A signature of a wrong shape is simply not valid. @throws KEY_INVALID for a bad public key */
export function sm2Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array, userId: Uint8Array = SM2_DEFAULT_USER_ID): boolean {
  return sm2VerifyDigest(publicKey, sm2MessageDigest(publicKey, message, userId), signature);
}

export function sm2VerifyDigest(publicKey: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  requireDigest(digest);
  const point = readSm2Point(publicKey);
  if (signature.length !== SM2_SIGNATURE_LENGTH) return false;
  const { n } = SM2_CURVE;
  const r = bytesToScalar(signature.subarray(0, 32));
  const s = bytesToScalar(signature.subarray(32));
  if (r < 1n || r >= n || s < 1n || s >= n) return false;
  const t = modN(r + s);
  if (t === 0n) return false;
  const sum = Sm2Point.BASE.mulAddUnsafe(s, point, t);
  return !sum.is0() && modN(bytesToScalar(digest) + sum.toAffine().x) === r;
}

function requireDigest(digest: Uint8Array): void {
  if (digest.length !== SM3_DIGEST_LENGTH) refuse('KEY_INVALID', { reason: 'digest length', gotBytes: digest.length, wantBytes: SM3_DIGEST_LENGTH });
}
