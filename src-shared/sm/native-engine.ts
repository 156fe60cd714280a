/**
 * The engine over the native addon (native/engine). The addon comes in as an object, so that this file stays free of Node; its
 * error codes become rows of our table.
 */
import { AppError } from '../errors/app-error.ts';
import { assert } from '../errors/assert.ts';
import { isErrorCode } from '../errors/error-table.ts';
import type { EncryptionNonce } from './sm2-encrypt.ts';
import type { NonceSource } from './sm2-nonce.ts';
import type { SmEngine, WideAes } from './sm-engine.ts';

type Bytes = Uint8Array;

/** What the addon exports; every call but the handles also exists as `…Sync`. */
export interface NativeAddon {
  kernel(): string;
  testOnlyUseKernel(kernel: 0 | 1 | 2): boolean;
  sm3(data: Bytes, out?: Bytes): Promise<Bytes>;
  sm3Sync(data: Bytes, out?: Bytes): Bytes;
  sm3Many(messages: readonly Bytes[]): Promise<Bytes>;
  createSm3(): object;
  sm3Update(stream: object, data: Bytes): Promise<void>;
  sm3Digest(stream: object): Promise<Bytes>;
  sm4Ctr(key: Bytes, counter: Bytes, data: Bytes, out?: Bytes): Promise<Bytes>;
  sm4CbcEncrypt(key: Bytes, iv: Bytes, data: Bytes, out?: Bytes): Promise<Bytes>;
  sm4CbcDecrypt(key: Bytes, iv: Bytes, data: Bytes): Promise<Bytes>;
  sm4GcmEncrypt(key: Bytes, nonce: Bytes, aad: Bytes, data: Bytes, out?: Bytes): Promise<Bytes>;
  sm4GcmDecrypt(key: Bytes, nonce: Bytes, aad: Bytes, sealed: Bytes, out?: Bytes): Promise<Bytes>;
  hasWideAes(): boolean;
  sha256Many(messages: readonly Bytes[]): Promise<Bytes>;
  aes256GcmEncrypt(key: Bytes, nonce: Bytes, aad: Bytes, data: Bytes, out?: Bytes): Promise<Bytes>;
  aes256GcmDecrypt(key: Bytes, nonce: Bytes, aad: Bytes, sealed: Bytes, out?: Bytes): Promise<Bytes>;
  sm2PublicKey(privateKey: Bytes): Promise<Bytes>;
  sm2Sign(privateKey: Bytes, digest: Bytes, extra: Bytes): Promise<Bytes>;
  sm2TestOnlySignWithNonce(privateKey: Bytes, digest: Bytes, nonce: Bytes): Promise<Bytes>;
  sm2Verify(publicKey: Bytes, digest: Bytes, signature: Bytes): Promise<boolean>;
  sm2Encrypt(publicKey: Bytes, plain: Bytes, nonce: Bytes): Promise<Bytes>;
  sm2Decrypt(privateKey: Bytes, ciphertext: Bytes): Promise<Bytes>;
}

const CALLS = [
  'kernel', 'sm3', 'sm3Sync', 'sm3Many', 'createSm3', 'sm3Update', 'sm3Digest', 'sm4Ctr', 'sm4CbcEncrypt', 'sm4CbcDecrypt', 'sm4GcmEncrypt', 'sm4GcmDecrypt',
  'hasWideAes', 'sha256Many', 'aes256GcmEncrypt', 'aes256GcmDecrypt', 'sm2PublicKey', 'sm2Sign', 'sm2TestOnlySignWithNonce', 'sm2Verify', 'sm2Encrypt', 'sm2Decrypt',
] as const satisfies readonly (keyof NativeAddon)[];

/** Whether a loaded module has all calls; an addon of another version must not half work. */
export function isNativeAddon(value: unknown): value is NativeAddon {
  return typeof value === 'object' && value !== null && CALLS.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
}

export function nativeEngine(addon: NativeAddon): SmEngine {
  return {
    kind: 'native',
    ...(addon.hasWideAes() ? { wideAes: wideAes(addon) } : {}),
    sm3: (data) => translate(() => addon.sm3(data)),
    sm3Sync: (data) => translateSync(() => addon.sm3Sync(data)),
    sm3Many: async (messages) => cutDigests(await translate(() => addon.sm3Many(messages))),
    createSm3: () => {
      const stream = addon.createSm3();
      return { update: (data) => translate(() => addon.sm3Update(stream, data)), digest: () => translate(() => addon.sm3Digest(stream)) };
    },
    sm4Ctr: (key, counter, data, out) => translate(() => addon.sm4Ctr(key, counter, data, out)),
    sm4CbcEncrypt: (key, iv, plain) => translate(() => addon.sm4CbcEncrypt(key, iv, plain)),
    sm4CbcDecrypt: (key, iv, ciphertext) => translate(() => addon.sm4CbcDecrypt(key, iv, ciphertext)),
    sm4GcmEncrypt: (key, nonce, aad, plain, out) => translate(() => addon.sm4GcmEncrypt(key, nonce, aad, plain, out)),
    sm4GcmDecrypt: (key, nonce, aad, sealed, out) => translate(() => addon.sm4GcmDecrypt(key, nonce, aad, sealed, out)),
    sm2PublicKey: (privateKey) => translate(() => addon.sm2PublicKey(privateKey)),
    sm2SignDigest: (privateKey, digest, nonce) => translate(() => signDigest(addon, privateKey, digest, nonce)),
    sm2VerifyDigest: (publicKey, digest, signature) => translate(() => addon.sm2Verify(publicKey, digest, signature)),
    sm2Encrypt: (publicKey, plain, nonce) => translate(() => encrypt(addon, publicKey, plain, nonce)),
    sm2Decrypt: (privateKey, ciphertext) => translate(() => addon.sm2Decrypt(privateKey, ciphertext)),
  };
}

function wideAes(addon: NativeAddon): WideAes {
  return {
    sha256Many: async (messages) => cutDigests(await translate(() => addon.sha256Many(messages))),
    aes256GcmEncrypt: (key, nonce, aad, plain, out) => translate(() => addon.aes256GcmEncrypt(key, nonce, aad, plain, out)),
    aes256GcmDecrypt: (key, nonce, aad, sealed, out) => translate(() => addon.aes256GcmDecrypt(key, nonce, aad, sealed, out)),
  };
}

const DIGEST_BYTES = 32;

const cutDigests = (digests: Bytes): Bytes[] => Array.from({ length: digests.length / DIGEST_BYTES }, (_, i) => digests.subarray(DIGEST_BYTES * i, DIGEST_BYTES * (i + 1)));

function signDigest(addon: NativeAddon, privateKey: Bytes, digest: Bytes, nonce: NonceSource): Promise<Bytes> {
  if (nonce.testOnlyFixedNonce) return addon.sm2TestOnlySignWithNonce(privateKey, digest, nonce.testOnlyFixedNonce);
  return addon.sm2Sign(privateKey, digest, nonce.randomBytes?.(32) ?? new Uint8Array(0));
}

async function encrypt(addon: NativeAddon, publicKey: Bytes, plain: Bytes, nonce: EncryptionNonce): Promise<Bytes> {
  if (plain.length === 0) throw new AppError('KEY_INVALID', { reason: 'SM2 does not encrypt an empty text' });
  if (nonce.testOnlyFixedNonce) return addon.sm2Encrypt(publicKey, plain, nonce.testOnlyFixedNonce);
  assert(nonce.randomBytes, 'encryption has a source of randomness');
  for (;;) {
    const scalar = nonce.randomBytes(32);
    try {
      return await addon.sm2Encrypt(publicKey, plain, scalar);
    } catch (thrown) {
      // Refused about once in 2^32 calls: out of range, or a mask of zeros for a very short text.
      if (codeOf(thrown) !== 'NONCE_REFUSED') throw thrown;
    } finally {
      scalar.fill(0);
    }
  }
}

async function translate<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    throw toTableError(thrown);
  }
}

function translateSync<T>(call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    throw toTableError(thrown);
  }
}

/** Codes of the table pass; ENGINE_… codes are details of SM_ENGINE_FAILED. */
function toTableError(thrown: unknown): unknown {
  if (thrown instanceof AppError) return thrown;
  const code = codeOf(thrown);
  if (code === null) return thrown;
  return isErrorCode(code) ? new AppError(code, {}, thrown) : new AppError('SM_ENGINE_FAILED', { reason: code }, thrown);
}

function codeOf(thrown: unknown): string | null {
  const code = thrown instanceof Error ? (thrown as Error & { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : null;
}
