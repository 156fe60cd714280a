/** SM2 in software, beside the key: the digest that a key signs, and proofs that a private key inside it belongs to a public key. Pure but for random numbers. */
import { randomBytes } from 'node:crypto';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { sm2Encrypt } from '#shared/sm/sm2-encrypt.ts';
import { readSm2Signature, writeSm2Ciphertext } from '#shared/sm/sm2-der.ts';
import { SM2_SIGNATURE_LENGTH, sm2VerifyDigest } from '#shared/sm/sm2-sign.ts';
import { AppError } from '#shared/errors/app-error.ts';

/** What a driver gave as a signature: r ‖ s, or a SEQUENCE of both. @returns r ‖ s if it verifies, null otherwise */
export function signatureThatVerifies(point: Uint8Array, digest: Uint8Array, given: Uint8Array): Uint8Array | null {
  const forms = [given.length === SM2_SIGNATURE_LENGTH ? given : null, derSignature(given)];
  return forms.find((raw) => raw !== null && sm2VerifyDigest(point, digest, raw)) ?? null;
}

export interface DecryptionChallenge {
  readonly plaintext: Uint8Array;
  readonly ciphertextDer: Uint8Array;
}

/** A random text and its SM2Cipher, for proving a decryption key. */
export function makeSm2Challenge(point: Uint8Array, bytes = 32): DecryptionChallenge {
  const plaintext = randomBytes(bytes);
  return { plaintext, ciphertextDer: writeSm2Ciphertext(sm2Encrypt(point, plaintext, { randomBytes })) };
}

export function answers(challenge: DecryptionChallenge, opened: Uint8Array): boolean {
  return equalBytes(challenge.plaintext, opened);
}

function derSignature(der: Uint8Array): Uint8Array | null {
  try {
    return readSm2Signature(der);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'DER_MALFORMED') return null;
    throw thrown;
  }
}
