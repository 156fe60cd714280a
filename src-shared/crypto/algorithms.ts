/**
 * Tables of algorithms. Everything that depends on an algorithm asks its row; a new one is a row here, a provider that lists it, and a vector.
 * Sources: RFC 4055 (RSA), RFC 8017 (OAEP), GM/T 0006 and GM/T 0015 (SM2; its signature identifier has no parameters).
 */
import { OIDS } from '../asn1/oids.ts';
import type { DigestId } from './digests.ts';

export interface SignAlgorithmRow {
  readonly keyKind: 'rsa' | 'sm2';
  readonly digest: DigestId;
  readonly oid: string;
  /** What stands in AlgorithmIdentifier.parameters, exactly. */
  readonly parameters: 'null' | 'absent';
}

export const SIGN_ALGORITHMS = {
  'rsa-sha256': { keyKind: 'rsa', digest: 'sha-256', oid: OIDS.sha256WithRsa, parameters: 'null' },
  'rsa-sha384': { keyKind: 'rsa', digest: 'sha-384', oid: OIDS.sha384WithRsa, parameters: 'null' },
  'rsa-sha512': { keyKind: 'rsa', digest: 'sha-512', oid: OIDS.sha512WithRsa, parameters: 'null' },
  'sm2-sm3': { keyKind: 'sm2', digest: 'sm3', oid: OIDS.sm2SignWithSm3, parameters: 'absent' },
} as const satisfies Record<string, SignAlgorithmRow>;
export type SignAlgorithmId = keyof typeof SIGN_ALGORITHMS;

export interface EncryptAlgorithmRow {
  readonly keyKind: 'rsa' | 'sm2';
  readonly note: string;
}

/** Public-key encryption of a few octets. */
export const ENCRYPT_ALGORITHMS = {
  // SHA-1 inside OAEP needs no collision resistance; it is the one form that every PKCS#11 token knows.
  'rsa-oaep-sha1': { keyKind: 'rsa', note: 'RSAES-OAEP, SHA-1, MGF1 with SHA-1, empty label' },
  sm2: { keyKind: 'sm2', note: 'SM2Cipher in DER, GM/T 0009' },
} as const satisfies Record<string, EncryptAlgorithmRow>;
export type EncryptAlgorithmId = keyof typeof ENCRYPT_ALGORITHMS;

export interface KeyAlgorithmRow {
  readonly keyKind: 'rsa' | 'sm2';
  /** For RSA. */
  readonly modulusBits: number | null;
  readonly sign: SignAlgorithmId;
  readonly encrypt: EncryptAlgorithmId;
}

/** Key pairs that we make. The names of subscriber algorithms are those of the REST contract. */
export const KEY_ALGORITHMS = {
  'rsa-2048': { keyKind: 'rsa', modulusBits: 2048, sign: 'rsa-sha256', encrypt: 'rsa-oaep-sha1' },
  'rsa-3072': { keyKind: 'rsa', modulusBits: 3072, sign: 'rsa-sha256', encrypt: 'rsa-oaep-sha1' },
  sm2: { keyKind: 'sm2', modulusBits: null, sign: 'sm2-sm3', encrypt: 'sm2' },
} as const satisfies Record<string, KeyAlgorithmRow>;
export type KeyAlgorithmId = keyof typeof KEY_ALGORITHMS;
