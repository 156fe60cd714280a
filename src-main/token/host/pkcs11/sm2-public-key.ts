/**
 * SM2 public keys on a key: CKA_EC_PARAMS and CKA_EC_POINT as SubjectPublicKeyInfo and back. The point is taken as a DER OCTET STRING
 * (as PKCS#11 has it) or bare (as several libraries give it).
 */
import pkcs11 from 'pkcs11js';
import { derOctetString, derOid } from '#shared/asn1/der-writer.ts';
import { OIDS } from '#shared/asn1/oids.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { SM2_POINT_LENGTH, tryReadSm2Point } from '#shared/sm/sm2-curve.ts';
import { sm2PublicKey, type Sm2PublicKey } from '../public-key.ts';
import type { ObjectHandle, TokenSession } from './token-session.ts';

/** CKA_EC_PARAMS of the SM2 curve. */
export const SM2_EC_PARAMETERS = Buffer.from(derOid(OIDS.curveSm2));

/** Of a public or a private key object. @returns null when the object tells no point of the SM2 curve */
export function readSm2PublicKey(session: TokenSession, object: ObjectHandle): Sm2PublicKey | null {
  const parameters = session.read(object, pkcs11.CKA_EC_PARAMS);
  // Libraries with a key type of their own leave the curve out; a point of another curve is no point of this one.
  if (parameters !== null && parameters.length > 0 && !equalBytes(parameters, SM2_EC_PARAMETERS)) return null;
  const value = session.read(object, pkcs11.CKA_EC_POINT);
  const point = value === null ? null : pointIn(value);
  return point === null ? null : sm2PublicKey(point);
}

export function writeEcPoint(key: Sm2PublicKey): Buffer {
  return Buffer.from(derOctetString(key.point));
}

const OCTET_STRING_HEAD = Uint8Array.of(0x04, SM2_POINT_LENGTH);

function pointIn(value: Uint8Array): Uint8Array | null {
  const wrapped = value.length === SM2_POINT_LENGTH + 2 && equalBytes(value.subarray(0, 2), OCTET_STRING_HEAD);
  const point = Uint8Array.from(wrapped ? value.subarray(2) : value);
  return tryReadSm2Point(point) === null ? null : point;
}
