/**
 * SubjectPublicKeyInfo (RFC 5280 §4.1.2.7): which kind of key, and its numbers. Pure.
 * `SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }`
 */
import { DerReader } from '../asn1/der-reader.ts';
import { derBitString, derNull, derSequence, derUnsignedInteger, derOid } from '../asn1/der-writer.ts';
import { OIDS } from '../asn1/oids.ts';

import type { DigestFunction } from '../crypto/digests.ts';
import { DIGESTS } from '../crypto/digests.ts';
import { AppError } from '../errors/app-error.ts';
import { assert } from '../errors/assert.ts';
import { readAlgorithmIdentifier, writeAlgorithmIdentifier } from './algorithm-identifier.ts';

export interface RsaKeyInfo {
  readonly kind: 'rsa';
  readonly modulus: bigint;
  readonly modulusBits: number;
  readonly publicExponent: bigint;
}

export interface EcKeyInfo {
  readonly kind: 'sm2' | 'ec';
  readonly curve: CurveName;
  /** Uncompressed: 04 ‖ X ‖ Y. That it lies on the curve is checked by whoever computes with it. */
  readonly point: Uint8Array;
}

export type PublicKeyInfo = (RsaKeyInfo | EcKeyInfo) & {
  readonly spkiDer: Uint8Array;
  /** Content of the BIT STRING: what key identifiers are made of. */
  readonly keyBits: Uint8Array;
};

const CURVES = {
  sm2: { oid: OIDS.curveSm2, coordinateBytes: 32, kind: 'sm2' },
  'p-256': { oid: OIDS.curveP256, coordinateBytes: 32, kind: 'ec' },
  'p-384': { oid: OIDS.curveP384, coordinateBytes: 48, kind: 'ec' },
  'p-521': { oid: OIDS.curveP521, coordinateBytes: 66, kind: 'ec' },
} as const;
export type CurveName = keyof typeof CURVES;

/** @throws DER_MALFORMED, ALGORITHM_UNSUPPORTED, KEY_INVALID */
export function parsePublicKeyInfo(spkiDer: Uint8Array): PublicKeyInfo {
  const spki = DerReader.open(spkiDer, 16_384).readSequence('public key');
  const algorithm = readAlgorithmIdentifier(spki, 'public key algorithm');
  const keyBits = spki.readBitStringBytes('public key');
  spki.end('public key');
  if (algorithm.oid === OIDS.rsaEncryption) return { ...readRsaKey(algorithm.parametersDer, keyBits), spkiDer, keyBits };
  if (algorithm.oid === OIDS.ecPublicKey) return { ...readEcKey(algorithm.parametersDer, keyBits), spkiDer, keyBits };
  throw new AppError('ALGORITHM_UNSUPPORTED', { oid: algorithm.oid });
}

/** `RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }` (RFC 8017 §A.1.1); parameters are NULL (RFC 3279 §2.3.1). */
function readRsaKey(parametersDer: Uint8Array | null, keyBits: Uint8Array): RsaKeyInfo {
  if (!parametersDer || parametersDer.length !== 2 || parametersDer[0] !== 5) throw new AppError('KEY_INVALID', { reason: 'RSA parameters are not NULL' });
  const key = DerReader.open(keyBits).readSequence('RSA public key');
  const modulus = key.readInteger('modulus');
  const publicExponent = key.readInteger('public exponent');
  key.end('RSA public key');
  if (modulus <= 0n || publicExponent <= 0n) throw new AppError('KEY_INVALID', { reason: 'RSA numbers are not positive' });
  return { kind: 'rsa', modulus, modulusBits: modulus.toString(2).length, publicExponent };
}

/** RFC 5480 §2.1.1 and §2.2: a named curve, an uncompressed point. */
function readEcKey(parametersDer: Uint8Array | null, keyBits: Uint8Array): EcKeyInfo {
  if (!parametersDer) throw new AppError('KEY_INVALID', { reason: 'no named curve' });
  const oid = DerReader.open(parametersDer).readOid('named curve');
  const curve = (Object.keys(CURVES) as CurveName[]).find((name) => CURVES[name].oid === oid);
  if (!curve) throw new AppError('ALGORITHM_UNSUPPORTED', { oid });
  if (keyBits[0] !== 4 || keyBits.length !== 1 + 2 * CURVES[curve].coordinateBytes) throw new AppError('KEY_INVALID', { reason: 'point is not uncompressed or has the wrong length' });
  return { kind: CURVES[curve].kind, curve, point: keyBits };
}

/** From the numbers that a token or WebCrypto gives. */
export function buildRsaPublicKeyInfo(modulus: Uint8Array, publicExponent: Uint8Array): Uint8Array {
  const key = derSequence(derUnsignedInteger(modulus), derUnsignedInteger(publicExponent));
  return derSequence(writeAlgorithmIdentifier(OIDS.rsaEncryption, derNull()), derBitString(key));
}

/** @param point 04 ‖ X ‖ Y */
export function buildEcPublicKeyInfo(curve: CurveName, point: Uint8Array): Uint8Array {
  assert(point[0] === 4 && point.length === 1 + 2 * CURVES[curve].coordinateBytes, 'uncompressed point');
  return derSequence(writeAlgorithmIdentifier(OIDS.ecPublicKey, derOid(CURVES[curve].oid)), derBitString(point));
}

/** RFC 5280 §4.2.1.2 method (1): SHA-1 of the BIT STRING content. @returns 20 octets */
export function keyIdentifierOf(spkiDer: Uint8Array): Uint8Array {
  const sha1 = DIGESTS['sha-1'] as DigestFunction;
  return sha1(parsePublicKeyInfo(spkiDer).keyBits);
}

