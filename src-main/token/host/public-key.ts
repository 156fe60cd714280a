/** Public keys on a key, whatever their algorithm and the interface that told them. */
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { buildEcPublicKeyInfo, parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { sm2PointOfSpki } from './enveloped-key.ts';
import { rsaPublicKeyFromSpki, sameRsaKey, type RsaPublicKey } from './rsa-public-key.ts';

export interface Sm2PublicKey {
  readonly kind: 'sm2';
  /** 04 ‖ X ‖ Y, on the curve. */
  readonly point: Uint8Array;
  readonly spkiDer: Uint8Array;
}
export type PublicKey = RsaPublicKey | Sm2PublicKey;

/** @param point on the curve, which the caller has made sure of */
export function sm2PublicKey(point: Uint8Array): Sm2PublicKey {
  return { kind: 'sm2', point, spkiDer: buildEcPublicKeyInfo('sm2', point) };
}

/** @throws KEY_INVALID when it is no SM2 key */
export function sm2PublicKeyFromSpki(spkiDer: Uint8Array): Sm2PublicKey {
  return sm2PublicKey(sm2PointOfSpki(spkiDer));
}

/** @throws KEY_INVALID, ALGORITHM_UNSUPPORTED, DER_MALFORMED */
export function publicKeyFromSpki(spkiDer: Uint8Array): PublicKey {
  return parsePublicKeyInfo(spkiDer).kind === 'rsa' ? rsaPublicKeyFromSpki(spkiDer) : sm2PublicKeyFromSpki(spkiDer);
}

export function samePublicKey(left: PublicKey, right: PublicKey): boolean {
  if (left.kind === 'rsa') return right.kind === 'rsa' && sameRsaKey(left, right);
  return right.kind === 'sm2' && equalBytes(left.point, right.point);
}
