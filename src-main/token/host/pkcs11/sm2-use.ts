/**
 * SM2 on a key: signing and decrypting by mechanisms whose meaning differs from maker to maker. e = SM3(Z ‖ M) is computed here, the result is checked in
 * software with the public key, and the way that worked is remembered.
 */
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { concatBytes } from '#shared/bytes/byte-strings.ts';
import { readSm2Ciphertext, writeSm2Signature } from '#shared/sm/sm2-der.ts';
import { writeSm2CiphertextRaw } from '#shared/sm/sm2-encrypt.ts';
import { sm2MessageDigest, sm2UserDigest } from '#shared/sm/sm2-key.ts';
import { openInPieces } from '../session-envelope.ts';
import { signatureThatVerifies } from '../software-proofs.ts';
import type { LoggedIn } from './logged-in.ts';
import { beginOperation, finishOperation } from './operate.ts';
import { returnCodeOf } from './return-codes.ts';
import { requireSm2Number, sm2NumbersFor, type Sm2Numbers } from './sm2-families.ts';
import type { Sm2PublicKey } from '../public-key.ts';
import type { ObjectHandle } from './token-session.ts';

/** DER of a signature has at most 72 bytes; drivers that want room for more get it. */
const SIGNATURE_ROOM = 256;

interface ToSign {
  readonly digest: Uint8Array;
  readonly message: Uint8Array;
  readonly userDigest: Uint8Array;
}

/** Ways to sign, the sure one first: e itself; a mechanism that digests Z ‖ M; one that puts Z in front by itself. */
const WAYS_TO_SIGN = {
  digest: { mechanism: (numbers: Sm2Numbers) => numbers.signDigest, data: ({ digest }: ToSign) => digest },
  'z-and-message': { mechanism: (numbers: Sm2Numbers) => numbers.signSm3, data: ({ userDigest, message }: ToSign) => concatBytes(userDigest, message) },
  message: { mechanism: (numbers: Sm2Numbers) => numbers.signSm3, data: ({ message }: ToSign) => message },
} as const;
type WayToSign = keyof typeof WAYS_TO_SIGN;

const WAYS_TO_DECRYPT = {
  der: (ciphertextDer: Uint8Array) => ciphertextDer,
  raw: (ciphertextDer: Uint8Array) => writeSm2CiphertextRaw(readSm2Ciphertext(ciphertextDer)),
} as const;
type WayToDecrypt = keyof typeof WAYS_TO_DECRYPT;

/** What has been found out about a driver. */
export interface Sm2Memory {
  sign: WayToSign | null;
  decrypt: WayToDecrypt | null;
}

/** @returns SM2Signature in DER @throws DRIVER_MECHANISM, KEY_PROOF_FAILED */
export function signBySm2(at: LoggedIn, key: ObjectHandle, publicKey: Sm2PublicKey, message: Uint8Array): Uint8Array {
  const numbers = sm2NumbersFor(at.profile, at.mechanisms);
  const toSign = { message, digest: sm2MessageDigest(publicKey.point, message), userDigest: sm2UserDigest(publicKey.point) };
  let last: unknown = new AppError('DRIVER_MECHANISM', { mechanism: 'sm2 sign', family: numbers.family });
  for (const way of rememberedFirst(WAYS_TO_SIGN, at.sm2.sign)) {
    const mechanism = WAYS_TO_SIGN[way].mechanism(numbers);
    if (mechanism === null || !at.mechanisms.includes(mechanism)) continue;
    try {
      const raw = signatureThatVerifies(publicKey.point, toSign.digest, signWith(at, mechanism, key, WAYS_TO_SIGN[way].data(toSign)));
      if (raw !== null) {
        at.sm2.sign = way;
        return writeSm2Signature(raw);
      }
      last = new AppError('KEY_PROOF_FAILED', { use: 'sign', family: numbers.family });
    } catch (thrown) {
      if (!triesAnother(thrown) || !at.isPresent()) throw thrown;
      last = thrown;
    }
  }
  throw last;
}

/** @param ciphertextDer SM2Cipher, or Sm2SessionEnvelope @throws DRIVER_MECHANISM, DECRYPT_FAILED */
export function decryptBySm2(at: LoggedIn, key: ObjectHandle, ciphertextDer: Uint8Array): Uint8Array {
  return openInPieces(ciphertextDer, (sm2CipherDer) => decryptSm2Cipher(at, key, sm2CipherDer));
}

function decryptSm2Cipher(at: LoggedIn, key: ObjectHandle, ciphertextDer: Uint8Array): Uint8Array {
  const mechanism = requireSm2Number(sm2NumbersFor(at.profile, at.mechanisms), 'encrypt', at.mechanisms);
  for (const way of rememberedFirst(WAYS_TO_DECRYPT, at.sm2.decrypt)) {
    const ciphertext = WAYS_TO_DECRYPT[way](ciphertextDer);
    beginOperation(at, 'C_Decrypt', { mechanism }, key);
    try {
      const plaintext = finishOperation(at, 'C_Decrypt', ciphertext, ciphertext.length);
      at.sm2.decrypt = way;
      return plaintext;
    } catch (thrown) {
      if (!DOES_NOT_OPEN.has(returnCodeOf(thrown) ?? '') || !at.isPresent()) throw thrown;
    }
  }
  return refuse('DECRYPT_FAILED');
}

/** What drivers return for a ciphertext that does not open; which of them says nothing reliable about the cause. */
export const DOES_NOT_OPEN: ReadonlySet<string> = new Set(['CKR_ENCRYPTED_DATA_INVALID', 'CKR_ENCRYPTED_DATA_LEN_RANGE', 'CKR_DATA_INVALID', 'CKR_DATA_LEN_RANGE', 'CKR_GENERAL_ERROR', 'CKR_FUNCTION_FAILED', 'CKR_ARGUMENTS_BAD']);

function signWith(at: LoggedIn, mechanism: number, key: ObjectHandle, data: Uint8Array): Uint8Array {
  beginOperation(at, 'C_Sign', { mechanism }, key);
  return finishOperation(at, 'C_Sign', data, SIGNATURE_ROOM);
}

/** Keys list mechanisms that they refuse for a key, or take only data of another length. */
function triesAnother(thrown: unknown): boolean {
  return thrown instanceof AppError && (thrown.code === 'DRIVER_MECHANISM' || ['CKR_DATA_LEN_RANGE', 'CKR_DATA_INVALID', 'CKR_ARGUMENTS_BAD'].includes(returnCodeOf(thrown) ?? ''));
}

function rememberedFirst<W extends string>(ways: Readonly<Record<W, unknown>>, remembered: W | null): W[] {
  const names = Object.keys(ways) as W[];
  return remembered === null ? names : [remembered, ...names.filter((name) => name !== remembered)];
}
