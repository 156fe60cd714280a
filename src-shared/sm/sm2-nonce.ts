/**
 * The secret number k of SM2 signing: RFC 6979 over HMAC-SM3, hedged with fresh randomness when given. A broken random source
 * then costs nothing (k still differs per message), and a fault in the deterministic part is covered by the random part.
 */
import { bytesToScalar, scalarToBytes, SM2_CURVE } from './sm2-curve.ts';
import { hmacSm3 } from './hmac-sm3.ts';
import type { RandomBytes } from './sm2-key.ts';

export interface NonceSource {
  /** Hedging input; without it the signature is deterministic. */
  readonly randomBytes?: RandomBytes;
  /** For the examples of the standard only: k itself, 32 bytes. A repeated k gives the private key away. */
  readonly testOnlyFixedNonce?: Uint8Array;
}

/** Endless candidates in [1, n−1] (RFC 6979 §3.2, extra input §3.6). */
export function* nonces(privateKey: Uint8Array, digest: Uint8Array, source: NonceSource): Generator<bigint, never> {
  const n = SM2_CURVE.n;
  if (source.testOnlyFixedNonce) {
    yield bytesToScalar(source.testOnlyFixedNonce);
    throw new Error('assertion failed: the fixed nonce does not give a signature');
  }
  const extra = source.randomBytes?.(32) ?? new Uint8Array(0);
  // bits2octets: the digest has the length of n; reduce once.
  const reduced = scalarToBytes(bytesToScalar(digest) % n);
  let v: Uint8Array = new Uint8Array(32).fill(1);
  let k: Uint8Array = new Uint8Array(32);
  k = hmacSm3(k, v, Uint8Array.of(0), privateKey, reduced, extra);
  v = hmacSm3(k, v);
  k = hmacSm3(k, v, Uint8Array.of(1), privateKey, reduced, extra);
  v = hmacSm3(k, v);
  for (;;) {
    v = hmacSm3(k, v);
    const candidate = bytesToScalar(v);
    if (candidate >= 1n && candidate < n) yield candidate;
    k = hmacSm3(k, v, Uint8Array.of(0));
    v = hmacSm3(k, v);
  }
}

