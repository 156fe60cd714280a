/**
 * The SM2 curve of GB/T 32918.5 (GM/T 0003.5): parameters, points and scalars on top of the noble weierstrass arithmetic.
 * Pure. Every point that comes in is checked to be on the curve and not infinity; the group has prime order, so that suffices.
 */
import { weierstrass, type WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js';
import { refuse } from '../errors/app-error.ts';

/** y² = x³ + ax + b over GF(p), generator of prime order n. */
export const SM2_CURVE = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
} as const;

export const Sm2Point = weierstrass<bigint>(SM2_CURVE);
export type Sm2PointValue = WeierstrassPoint<bigint>;

export const SM2_SCALAR_LENGTH = 32;
/** 04 ‖ X ‖ Y. */
export const SM2_POINT_LENGTH = 65;

/** Reads 04 ‖ X ‖ Y; compressed points are not used by the national certificates and are refused. @throws KEY_INVALID */
export function readSm2Point(bytes: Uint8Array): Sm2PointValue {
  return tryReadSm2Point(bytes) ?? refuse('KEY_INVALID', { reason: 'not a point of the SM2 curve' });
}

/** Like readSm2Point, for callers with an answer of their own. @returns null when it is no point of the curve */
export function tryReadSm2Point(bytes: Uint8Array): Sm2PointValue | null {
  if (bytes.length !== SM2_POINT_LENGTH || bytes[0] !== 0x04) return null;
  const x = bytesToScalar(bytes.subarray(1, 33));
  const y = bytesToScalar(bytes.subarray(33));
  const { p, a, b } = SM2_CURVE;
  if (x >= p || y >= p) return null;
  return (y * y - (x * x * x + a * x + b)) % p === 0n ? Sm2Point.fromAffine({ x, y }) : null;
}

/** 04 ‖ X ‖ Y. */
export function writeSm2Point(point: Sm2PointValue): Uint8Array {
  const { x, y } = point.toAffine();
  const out = new Uint8Array(SM2_POINT_LENGTH);
  out[0] = 0x04;
  out.set(scalarToBytes(x), 1);
  out.set(scalarToBytes(y), 33);
  return out;
}

/** Big-endian unsigned. */
export function bytesToScalar(bytes: Uint8Array): bigint {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex === '' ? 0n : BigInt(`0x${hex}`);
}

/** 32 bytes, big-endian, left-padded. */
export function scalarToBytes(value: bigint): Uint8Array {
  const hex = value.toString(16).padStart(2 * SM2_SCALAR_LENGTH, '0');
  return Uint8Array.from({ length: SM2_SCALAR_LENGTH }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/** Value modulo n, never negative. */
export function modN(value: bigint): bigint {
  const rest = value % SM2_CURVE.n;
  return rest < 0n ? rest + SM2_CURVE.n : rest;
}
