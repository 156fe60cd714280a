/**
 * HMAC-SM3 (GM/T 0042, RFC 2104) and HKDF-SM3 (RFC 5869 with SM3).
 * Pure. Keys and intermediate states are wiped after use.
 */
import { assert } from '../errors/assert.ts';
import { Sm3, sm3, SM3_BLOCK_LENGTH, SM3_DIGEST_LENGTH } from './sm3.ts';

/** Incremental HMAC-SM3. */
export class HmacSm3 {
  readonly #inner = new Sm3();
  readonly #outer = new Sm3();

  constructor(key: Uint8Array) {
    const padded = new Uint8Array(SM3_BLOCK_LENGTH);
    padded.set(key.length > SM3_BLOCK_LENGTH ? sm3(key) : key);
    this.#inner.update(padded.map((byte) => byte ^ 0x36));
    this.#outer.update(padded.map((byte) => byte ^ 0x5c));
    padded.fill(0);
  }

  update(data: Uint8Array): this {
    this.#inner.update(data);
    return this;
  }

  digest(): Uint8Array {
    return this.#outer.update(this.#inner.digest()).digest();
  }
}

/** HMAC-SM3 over the concatenation of the pieces: 32 bytes. */
export function hmacSm3(key: Uint8Array, ...pieces: readonly Uint8Array[]): Uint8Array {
  const mac = new HmacSm3(key);
  for (const piece of pieces) mac.update(piece);
  return mac.digest();
}

/**
 * HKDF (RFC 5869 §2) with HMAC-SM3.
 * @param salt   may be empty (then 32 zero bytes stand for it, §2.2)
 * @param length at most 255 × 32 bytes
 */
export function hkdfSm3(inputKey: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const pseudoRandomKey = hmacSm3(salt.length > 0 ? salt : new Uint8Array(SM3_DIGEST_LENGTH), inputKey);
  const out = hkdfExpandSm3(pseudoRandomKey, info, length);
  pseudoRandomKey.fill(0);
  return out;
}

/** The second half of HKDF (RFC 5869 §2.3). @param length at most 255 × 32 bytes */
export function hkdfExpandSm3(pseudoRandomKey: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  assert(Number.isInteger(length) && length > 0 && length <= 255 * SM3_DIGEST_LENGTH, 'HKDF length is 1 to 255 digests');
  const out = new Uint8Array(length);
  let previous: Uint8Array = new Uint8Array(0);
  for (let at = 0, counter = 1; at < length; at += SM3_DIGEST_LENGTH, counter++) {
    previous = hmacSm3(pseudoRandomKey, previous, info, Uint8Array.of(counter));
    out.set(previous.subarray(0, Math.min(SM3_DIGEST_LENGTH, length - at)), at);
  }
  previous.fill(0);
  return out;
}

/** PBKDF2 (RFC 8018 §5.2) with HMAC-SM3; for PKCS#12 files and encrypted private keys. */
export function pbkdf2Sm3(password: Uint8Array, salt: Uint8Array, iterations: number, length: number): Uint8Array {
  assert(iterations > 0 && length > 0, 'PBKDF2 iterations and length are positive');
  const out = new Uint8Array(length);
  for (let at = 0, block = 1; at < length; at += SM3_DIGEST_LENGTH, block++) {
    let u = hmacSm3(password, salt, Uint8Array.of(block >>> 24, block >>> 16, block >>> 8, block));
    const sum = Uint8Array.from(u);
    for (let i = 1; i < iterations; i++) {
      u = hmacSm3(password, u);
      for (let j = 0; j < SM3_DIGEST_LENGTH; j++) sum[j]! ^= u[j]!;
    }
    out.set(sum.subarray(0, Math.min(SM3_DIGEST_LENGTH, length - at)), at);
  }
  return out;
}
