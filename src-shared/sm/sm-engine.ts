/**
 * The engine port: national cryptography as the rest of BidKey uses it. Two implementations give the same bytes: the native addon
 * and portable TypeScript. Keys are raw: private 32 bytes, public 04 ‖ X ‖ Y; signatures r ‖ s; ciphertexts 04 ‖ C1 ‖ C3 ‖ C2.
 * Buffers handed in must not be changed or transferred before the promise settles. All refusals are AppErrors of the area `pki`.
 */
import type { NonceSource } from './sm2-nonce.ts';
import type { EncryptionNonce } from './sm2-encrypt.ts';

/** A digest in pieces. After digest() it is finished. */
export interface Sm3Stream {
  update(data: Uint8Array): Promise<void>;
  digest(): Promise<Uint8Array>;
}

/** AES-256-GCM and SHA-256 in place, for bulk data. As the calls of SM4 and SM3 of the same form. */
export interface WideAes {
  /** @param messages one to sixteen, of equal length */
  sha256Many(messages: readonly Uint8Array[]): Promise<Uint8Array[]>;
  aes256GcmEncrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array, out?: Uint8Array): Promise<Uint8Array>;
  /** @throws DECRYPT_FAILED; then nothing was written */
  aes256GcmDecrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array, out?: Uint8Array): Promise<Uint8Array>;
}

export interface SmEngine {
  readonly kind: 'native' | 'portable';
  /** Only of the native engine on processors with wide AES instructions; without it WebCrypto does the same. */
  readonly wideAes?: WideAes;

  sm3(data: Uint8Array): Promise<Uint8Array>;
  /** For small inputs, on the calling thread. */
  sm3Sync(data: Uint8Array): Uint8Array;
  /** Digests of many messages; fastest when neighbours have equal lengths. */
  sm3Many(messages: readonly Uint8Array[]): Promise<Uint8Array[]>;
  createSm3(): Sm3Stream;

  /** @param out where to write (same length as data, may be data itself); a new array when missing */
  sm4Ctr(key: Uint8Array, counter: Uint8Array, data: Uint8Array, out?: Uint8Array): Promise<Uint8Array>;
  /** With PKCS#7 padding. */
  sm4CbcEncrypt(key: Uint8Array, iv: Uint8Array, plain: Uint8Array): Promise<Uint8Array>;
  /** @throws DECRYPT_FAILED */
  sm4CbcDecrypt(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array>;
  /** @param nonce 12 bytes @returns ciphertext ‖ 16-byte tag */
  sm4GcmEncrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array, out?: Uint8Array): Promise<Uint8Array>;
  /** @throws DECRYPT_FAILED; then nothing was written */
  sm4GcmDecrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array, out?: Uint8Array): Promise<Uint8Array>;

  /** @throws KEY_INVALID */
  sm2PublicKey(privateKey: Uint8Array): Promise<Uint8Array>;
  /** @param digest e = SM3(Z ‖ M) @throws KEY_INVALID */
  sm2SignDigest(privateKey: Uint8Array, digest: Uint8Array, nonce: NonceSource): Promise<Uint8Array>;
  /** @throws KEY_INVALID for a bad public key; a bad signature is just false */
  sm2VerifyDigest(publicKey: Uint8Array, digest: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** @throws KEY_INVALID */
  sm2Encrypt(publicKey: Uint8Array, plain: Uint8Array, nonce: EncryptionNonce): Promise<Uint8Array>;
  /** @throws KEY_INVALID, DECRYPT_FAILED */
  sm2Decrypt(privateKey: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array>;
}
