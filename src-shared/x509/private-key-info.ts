/**
 * PrivateKeyInfo of PKCS#8 (RFC 5208 §5, RFC 5958 §2), version 0. Pure; the octets are secret and belong to the caller, who wipes them.
 * `PrivateKeyInfo ::= SEQUENCE { version INTEGER, privateKeyAlgorithm AlgorithmIdentifier, privateKey OCTET STRING, attributes [0] OPTIONAL }`
 */
import { DerReader } from '../asn1/der-reader.ts';
import { derInteger, derOctetString, derSequence } from '../asn1/der-writer.ts';
import { OIDS } from '../asn1/oids.ts';
import { AppError } from '../errors/app-error.ts';
import { readAlgorithmIdentifier, writeAlgorithmIdentifier, type AlgorithmIdentifier } from './algorithm-identifier.ts';
import { buildRsaPublicKeyInfo } from './public-key-info.ts';

export interface PrivateKeyInfo {
  readonly algorithm: AlgorithmIdentifier;
  /** View into the input: RSAPrivateKey (RFC 8017 §A.1.2) or ECPrivateKey (RFC 5915). */
  readonly privateKey: Uint8Array;
}

/** @throws DER_MALFORMED */
export function parsePrivateKeyInfo(pkcs8Der: Uint8Array): PrivateKeyInfo {
  const info = DerReader.open(pkcs8Der, 16_384).readSequence('private key');
  info.readSmallInteger('version', 0, 0);
  const algorithm = readAlgorithmIdentifier(info, 'private key algorithm');
  const privateKey = info.readOctetString('private key');
  info.readOptionalContext(0, 'attributes');
  info.end('private key');
  return { algorithm, privateKey };
}

export function buildPrivateKeyInfo(algorithmOid: string, parametersDer: Uint8Array | null, privateKey: Uint8Array): Uint8Array {
  return derSequence(derInteger(0), writeAlgorithmIdentifier(algorithmOid, parametersDer), derOctetString(privateKey));
}

/** The public key that an RSA private key belongs to. @throws DER_MALFORMED, ALGORITHM_UNSUPPORTED */
export function publicKeyOfRsaPrivateKey(pkcs8Der: Uint8Array): Uint8Array {
  const { algorithm, privateKey } = parsePrivateKeyInfo(pkcs8Der);
  if (algorithm.oid !== OIDS.rsaEncryption) throw new AppError('ALGORITHM_UNSUPPORTED', { oid: algorithm.oid });
  const key = DerReader.open(privateKey).readSequence('RSA private key');
  key.readSmallInteger('version', 0, 0);
  return buildRsaPublicKeyInfo(key.readIntegerBytes('modulus'), key.readIntegerBytes('public exponent'));
}
