/**
 * PBES2 (RFC 8018 §6.2): a key from a password by PBKDF2, then a block cipher in CBC mode. In two suites: SM4-CBC with HMAC-SM3, and
 * AES-256-CBC with HMAC-SHA-256 for readers that know no national algorithms. Pure.
 * `PBES2-params ::= SEQUENCE { keyDerivationFunc AlgorithmIdentifier, encryptionScheme AlgorithmIdentifier }`
 */
import { cbc } from '@noble/ciphers/aes.js';
import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { DerReader } from '../asn1/der-reader.ts';
import { derInteger, derNull, derOctetString, derOid, derSequence } from '../asn1/der-writer.ts';
import { OIDS } from '../asn1/oids.ts';
import { wipeBytes } from '../bytes/byte-strings.ts';
import { AppError } from '../errors/app-error.ts';
import { pbkdf2Sm3 } from '../sm/hmac-sm3.ts';
import type { RandomBytes } from '../sm/sm2-key.ts';
import { sm4CbcDecrypt, sm4CbcEncrypt } from '../sm/sm4-modes.ts';
import { readAlgorithmIdentifier, writeAlgorithmIdentifier, type AlgorithmIdentifier } from '../x509/algorithm-identifier.ts';

type Derive = (password: Uint8Array, salt: Uint8Array, iterations: number, length: number) => Uint8Array;
type CbcStep = (key: Uint8Array, iv: Uint8Array, data: Uint8Array) => Uint8Array;

interface CipherRow {
  readonly keyBytes: number;
  readonly encrypt: CbcStep;
  readonly decrypt: CbcStep;
}

const DERIVATIONS: Readonly<Record<string, Derive>> = {
  [OIDS.hmacSha256]: (password, salt, iterations, length) => pbkdf2(sha256, password, salt, { c: iterations, dkLen: length }),
  [OIDS.hmacSm3]: pbkdf2Sm3,
};

const aesCbc = (keyBytes: number): CipherRow => ({
  keyBytes,
  encrypt: (key, iv, data) => cbc(key, iv).encrypt(data),
  decrypt: (key, iv, data) => cbc(key, iv).decrypt(data),
});

const CIPHERS: Readonly<Record<string, CipherRow>> = {
  [OIDS.aes128Cbc]: aesCbc(16),
  [OIDS.aes256Cbc]: aesCbc(32),
  [OIDS.sm4Cbc]: { keyBytes: 16, encrypt: sm4CbcEncrypt, decrypt: sm4CbcDecrypt },
};

/** What we write with. */
export const PBES2_SUITES = {
  sm: { prf: OIDS.hmacSm3, cipher: OIDS.sm4Cbc },
  international: { prf: OIDS.hmacSha256, cipher: OIDS.aes256Cbc },
} as const;
export type Pbes2SuiteId = keyof typeof PBES2_SUITES;

/** OWASP's figure of 2023 for PBKDF2 with a 256-bit digest. */
export const DEFAULT_ITERATIONS = 600_000;
/** A file can ask for any number; two million take some ten seconds in the portable form. */
export const MAX_ITERATIONS = 2_000_000;

export interface Pbes2Options {
  readonly suite: Pbes2SuiteId;
  readonly randomBytes: RandomBytes;
  readonly iterations?: number;
}

/** @returns the AlgorithmIdentifier and the ciphertext */
export function pbes2Encrypt(password: Uint8Array, plain: Uint8Array, options: Pbes2Options): { readonly algorithmDer: Uint8Array; readonly ciphertext: Uint8Array } {
  const suite = PBES2_SUITES[options.suite];
  const cipher = cipherOf(suite.cipher);
  const iterations = options.iterations ?? DEFAULT_ITERATIONS;
  const salt = options.randomBytes(16);
  const iv = options.randomBytes(16);
  const key = derivationOf(suite.prf)(password, salt, iterations, cipher.keyBytes);
  const ciphertext = cipher.encrypt(key, iv, plain);
  wipeBytes(key);
  const derivation = writeAlgorithmIdentifier(OIDS.pbkdf2, derSequence(derOctetString(salt), derInteger(iterations), writeAlgorithmIdentifier(suite.prf, derNull())));
  const scheme = writeAlgorithmIdentifier(suite.cipher, derOctetString(iv));
  return { algorithmDer: derSequence(derOid(OIDS.pbes2), derSequence(derivation, scheme)), ciphertext };
}

/** @throws ALGORITHM_UNSUPPORTED, KEY_FILE_MALFORMED, DER_MALFORMED, DECRYPT_FAILED (a wrong password as a rule) */
export function pbes2Decrypt(password: Uint8Array, algorithm: AlgorithmIdentifier, ciphertext: Uint8Array): Uint8Array {
  if (algorithm.oid !== OIDS.pbes2) throw new AppError('ALGORITHM_UNSUPPORTED', { oid: algorithm.oid });
  const parameters = DerReader.open(algorithm.parametersDer ?? new Uint8Array(0)).readSequence('PBES2 parameters');
  const derivation = readAlgorithmIdentifier(parameters, 'key derivation');
  const scheme = readAlgorithmIdentifier(parameters, 'encryption scheme');
  parameters.end('PBES2 parameters');
  const cipher = cipherOf(scheme.oid);
  const iv = DerReader.open(scheme.parametersDer ?? new Uint8Array(0)).readOctetString('initialisation vector');
  if (iv.length !== 16) throw new AppError('KEY_FILE_MALFORMED', { reason: 'length of the initialisation vector' });
  const key = deriveKey(password, derivation, cipher.keyBytes);
  try {
    return cipher.decrypt(key, iv, ciphertext);
  } catch (thrown) {
    throw new AppError('DECRYPT_FAILED', {}, thrown);
  } finally {
    wipeBytes(key);
  }
}

/** `PBKDF2-params ::= SEQUENCE { salt OCTET STRING, iterationCount INTEGER, keyLength INTEGER OPTIONAL, prf AlgorithmIdentifier DEFAULT hmacWithSHA1 }` */
function deriveKey(password: Uint8Array, derivation: AlgorithmIdentifier, keyBytes: number): Uint8Array {
  if (derivation.oid !== OIDS.pbkdf2) throw new AppError('ALGORITHM_UNSUPPORTED', { oid: derivation.oid });
  const parameters = DerReader.open(derivation.parametersDer ?? new Uint8Array(0)).readSequence('PBKDF2 parameters');
  const salt = parameters.readOctetString('salt');
  const iterations = parameters.readSmallInteger('iterations', 1, MAX_ITERATIONS);
  if (parameters.peekTag() === 0x02) parameters.readSmallInteger('key length', keyBytes, keyBytes);
  // The default of the standard is HMAC-SHA-1, which we do not read.
  if (parameters.atEnd) throw new AppError('ALGORITHM_UNSUPPORTED', { oid: '1.2.840.113549.2.7' });
  const prf = readAlgorithmIdentifier(parameters, 'pseudo-random function');
  parameters.end('PBKDF2 parameters');
  return derivationOf(prf.oid)(password, salt, iterations, keyBytes);
}

function cipherOf(oid: string): CipherRow {
  const row = CIPHERS[oid];
  if (!row) throw new AppError('ALGORITHM_UNSUPPORTED', { oid });
  return row;
}

function derivationOf(oid: string): Derive {
  const derive = DERIVATIONS[oid];
  if (!derive) throw new AppError('ALGORITHM_UNSUPPORTED', { oid });
  return derive;
}
