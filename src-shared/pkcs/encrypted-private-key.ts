/**
 * EncryptedPrivateKeyInfo (RFC 5958 §3): a PKCS#8 key under a password. Pure.
 * `EncryptedPrivateKeyInfo ::= SEQUENCE { encryptionAlgorithm AlgorithmIdentifier, encryptedData OCTET STRING }`
 */
import { DerReader } from '../asn1/der-reader.ts';
import { derOctetString, derSequence } from '../asn1/der-writer.ts';
import { readAlgorithmIdentifier } from '../x509/algorithm-identifier.ts';
import { parsePrivateKeyInfo } from '../x509/private-key-info.ts';
import { AppError } from '../errors/app-error.ts';
import { pbes2Decrypt, pbes2Encrypt, type Pbes2Options } from './pbes2.ts';

const MAX_BYTES = 65_536;

export function encryptPrivateKeyInfo(password: Uint8Array, pkcs8Der: Uint8Array, options: Pbes2Options): Uint8Array {
  const { algorithmDer, ciphertext } = pbes2Encrypt(password, pkcs8Der, options);
  return derSequence(algorithmDer, derOctetString(ciphertext));
}

/** @returns PKCS#8, secret @throws DER_MALFORMED, ALGORITHM_UNSUPPORTED, KEY_FILE_MALFORMED, DECRYPT_FAILED */
export function decryptPrivateKeyInfo(password: Uint8Array, der: Uint8Array): Uint8Array {
  const outer = DerReader.open(der, MAX_BYTES);
  const info = outer.readSequence('encrypted private key');
  const algorithm = readAlgorithmIdentifier(info, 'encryption algorithm');
  const ciphertext = info.readOctetString('encrypted data');
  info.end('encrypted private key');
  outer.end('encrypted private key');
  const pkcs8Der = pbes2Decrypt(password, algorithm, ciphertext);
  requirePkcs8(pkcs8Der);
  return pkcs8Der;
}

/** One wrong password in 256 leaves well-formed padding; what comes out then is no PKCS#8. */
function requirePkcs8(pkcs8Der: Uint8Array): void {
  try {
    parsePrivateKeyInfo(pkcs8Der);
  } catch (thrown) {
    pkcs8Der.fill(0);
    throw new AppError('DECRYPT_FAILED', {}, thrown);
  }
}
