/** Public keys on a key, whatever their algorithm. */
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { readRsaPublicKey, rsaPublicKeyFromSpki, sameRsaKey, type RsaPublicKey } from './rsa-public-key.ts';
import { readSm2PublicKey, sm2PublicKeyFromSpki, type Sm2PublicKey } from './sm2-public-key.ts';
import type { ObjectHandle, TokenSession } from './token-session.ts';

export type PublicKey = RsaPublicKey | Sm2PublicKey;

/** Of a public or a private key object. @returns null when the object does not tell it, or has a key that BidKey does not use */
export function readPublicKey(session: TokenSession, object: ObjectHandle): PublicKey | null {
  return readRsaPublicKey(session, object) ?? readSm2PublicKey(session, object);
}

/** @throws KEY_INVALID, ALGORITHM_UNSUPPORTED, DER_MALFORMED */
export function publicKeyFromSpki(spkiDer: Uint8Array): PublicKey {
  return parsePublicKeyInfo(spkiDer).kind === 'rsa' ? rsaPublicKeyFromSpki(spkiDer) : sm2PublicKeyFromSpki(spkiDer);
}

export function samePublicKey(left: PublicKey, right: PublicKey): boolean {
  if (left.kind === 'rsa') return right.kind === 'rsa' && sameRsaKey(left, right);
  return right.kind === 'sm2' && equalBytes(left.point, right.point);
}
