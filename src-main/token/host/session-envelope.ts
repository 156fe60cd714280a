/** Opens what is encrypted to an SM2 key by a key that decrypts SM2 ciphertexts: an SM2Cipher at once, an Sm2SessionEnvelope by its session key. */
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import { readSm2Ciphertext, writeSm2Ciphertext } from '#shared/sm/sm2-der.ts';
import { tryReadSm2SessionEnvelope, type Sm2SessionEnvelope } from '#shared/sm/sm2-session-envelope.ts';
import { sm4CbcDecrypt } from '#shared/sm/sm4-modes.ts';
import type { Sm2Ciphertext } from '#shared/sm/sm2-encrypt.ts';

export type Sm2Sealed = { readonly kind: 'cipher'; readonly cipher: Sm2Ciphertext } | { readonly kind: 'session'; readonly envelope: Sm2SessionEnvelope };

/** @throws DECRYPT_FAILED for what is neither: one answer for every cause */
export function readSm2Sealed(der: Uint8Array): Sm2Sealed {
  try {
    const envelope = tryReadSm2SessionEnvelope(der);
    return envelope === null ? { kind: 'cipher', cipher: readSm2Ciphertext(der) } : { kind: 'session', envelope };
  } catch (thrown) {
    if (thrown instanceof AppError) throw new AppError('DECRYPT_FAILED', {}, thrown);
    throw thrown;
  }
}

/** @param open decrypts an SM2Cipher in DER by the key @throws DECRYPT_FAILED */
export function openInPieces(der: Uint8Array, open: (sm2CipherDer: Uint8Array) => Uint8Array): Uint8Array {
  const sealed = readSm2Sealed(der);
  if (sealed.kind === 'cipher') return open(writeSm2Ciphertext(sealed.cipher));
  const sessionKey = open(writeSm2Ciphertext(sealed.envelope.encryptedKey));
  try {
    if (sessionKey.length !== 16) refuse('DECRYPT_FAILED');
    return sm4CbcDecrypt(sessionKey, sealed.envelope.iv, sealed.envelope.ciphertext);
  } finally {
    wipeBytes(sessionKey);
  }
}
