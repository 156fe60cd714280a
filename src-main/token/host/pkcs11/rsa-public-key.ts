/** RSA public keys on a key over PKCS#11: CKA_MODULUS and CKA_PUBLIC_EXPONENT. */
import pkcs11 from 'pkcs11js';
import { rsaPublicKeyFromNumbers, type RsaPublicKey } from '../rsa-public-key.ts';
import type { ObjectHandle, TokenSession } from './token-session.ts';

/** Of a public or a private key object. @returns null when the object does not tell its modulus and exponent */
export function readRsaPublicKey(session: TokenSession, object: ObjectHandle): RsaPublicKey | null {
  const modulus = session.read(object, pkcs11.CKA_MODULUS);
  const exponent = session.read(object, pkcs11.CKA_PUBLIC_EXPONENT);
  if (modulus === null || exponent === null || modulus.length === 0 || exponent.length === 0) return null;
  return rsaPublicKeyFromNumbers('C_GetAttributeValue', modulus, exponent);
}
