/** Digests that work everywhere, by our name. SM3 comes from a provider of the crypto port. Pure. */
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';

export type DigestId = 'sha-1' | 'sha-256' | 'sha-384' | 'sha-512' | 'sm3';
export type DigestFunction = (message: Uint8Array) => Uint8Array;

/** Length in octets. */
export const DIGEST_LENGTHS = { 'sha-1': 20, 'sha-256': 32, 'sha-384': 48, 'sha-512': 64, sm3: 32 } as const satisfies Record<DigestId, number>;

/** SHA-1 is for key identifiers only (RFC 5280 §4.2.1.2); no signature row names it. */
export const DIGESTS: Readonly<Partial<Record<DigestId, DigestFunction>>> = { 'sha-1': sha1, 'sha-256': sha256, 'sha-384': sha384, 'sha-512': sha512 };
