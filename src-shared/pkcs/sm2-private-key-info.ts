/**
 * PKCS#8 of SM2 keys (RFC 5958 with ECPrivateKey of RFC 5915). Pure; the octets are secret and belong to the caller, who wipes them.
 * `ECPrivateKey ::= SEQUENCE { version INTEGER { 1 }, privateKey OCTET STRING, parameters [0] OBJECT IDENTIFIER OPTIONAL, publicKey [1] BIT STRING OPTIONAL }`
 */
import { DerReader } from '../asn1/der-reader.ts';
import { derBitString, derContext, derInteger, derOctetString, derOid, derSequence } from '../asn1/der-writer.ts';
import { OIDS } from '../asn1/oids.ts';
import { equalBytes } from '../bytes/byte-strings.ts';
import { AppError } from '../errors/app-error.ts';
import { isSm2PrivateKey, sm2PublicKeyOf, type Sm2KeyPair } from '../sm/sm2-key.ts';
import { buildPrivateKeyInfo, parsePrivateKeyInfo } from '../x509/private-key-info.ts';

/** Algorithm id-ecPublicKey with the SM2 curve; the public key goes along, as GmSSL and OpenSSL write it. */
export function writeSm2PrivateKeyInfo(pair: Sm2KeyPair): Uint8Array {
  const ecPrivateKey = derSequence(derInteger(1), derOctetString(pair.privateKey), derContext(1, derBitString(pair.publicKey)));
  const pkcs8Der = buildPrivateKeyInfo(OIDS.ecPublicKey, derOid(OIDS.curveSm2), ecPrivateKey);
  ecPrivateKey.fill(0);
  return pkcs8Der;
}

/** @throws DER_MALFORMED, ALGORITHM_UNSUPPORTED (not an SM2 key), KEY_INVALID (out of range, or not the public key beside it) */
export function readSm2PrivateKeyInfo(pkcs8Der: Uint8Array): Sm2KeyPair {
  const { algorithm, privateKey: ecPrivateKey } = parsePrivateKeyInfo(pkcs8Der);
  const isSm2 = algorithm.oid === OIDS.ecPublicKey && algorithm.parametersDer !== null && equalBytes(algorithm.parametersDer, derOid(OIDS.curveSm2));
  if (!isSm2) throw new AppError('ALGORITHM_UNSUPPORTED', { oid: algorithm.oid });
  const outer = DerReader.open(ecPrivateKey);
  const key = outer.readSequence('ECPrivateKey');
  key.readSmallInteger('version', 1, 1);
  const privateKey = Uint8Array.from(key.readOctetString('private key'));
  const parameters = key.readOptionalContext(0, 'parameters');
  if (parameters && parameters.readOid('parameters') !== OIDS.curveSm2) throw new AppError('KEY_INVALID', { reason: 'another curve inside' });
  const publicPart = key.readOptionalContext(1, 'public key');
  const publicKeyBeside = publicPart?.readBitStringBytes('public key') ?? null;
  key.end('ECPrivateKey');
  outer.end('ECPrivateKey');
  if (!isSm2PrivateKey(privateKey)) throw new AppError('KEY_INVALID', { reason: 'SM2 private key out of range' });
  const publicKey = sm2PublicKeyOf(privateKey);
  if (publicKeyBeside && !equalBytes(publicKeyBeside, publicKey)) throw new AppError('KEY_INVALID', { reason: 'public key does not match' });
  return { privateKey, publicKey };
}
