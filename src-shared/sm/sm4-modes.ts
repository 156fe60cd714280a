/**
 * SM4 modes of operation: ECB without padding, CBC with PKCS#7 padding, CTR (128-bit big-endian counter) and GCM
 * (NIST SP 800-38D, RFC 8998). Pure. Every failure to decrypt is DECRYPT_FAILED without a cause (no padding oracle).
 */
import { GHASH } from '@noble/ciphers/_polyval.js';
import { refuse } from '../errors/app-error.ts';
import { Sm4, SM4_BLOCK_LENGTH } from './sm4.ts';

export const SM4_GCM_TAG_LENGTH = 16;
/** SP 800-38D §5.2.1.1: 2^32 − 2 counter blocks under one nonce. */
const MAX_GCM_BYTES = (2 ** 32 - 2) * SM4_BLOCK_LENGTH;

/** ECB over whole blocks; only for single-block keys inside envelopes, never for data. @throws DECRYPT_FAILED when not whole blocks */
export function sm4EcbEncrypt(key: Uint8Array, plain: Uint8Array): Uint8Array {
  return ecb(key, plain, 'encryptBlock');
}

export function sm4EcbDecrypt(key: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  return ecb(key, ciphertext, 'decryptBlock');
}

function ecb(key: Uint8Array, input: Uint8Array, direction: 'encryptBlock' | 'decryptBlock'): Uint8Array {
  if (input.length % SM4_BLOCK_LENGTH !== 0) refuse('DECRYPT_FAILED');
  const cipher = new Sm4(key);
  const out = new Uint8Array(input.length);
  for (let at = 0; at < input.length; at += SM4_BLOCK_LENGTH) cipher[direction](input, at, out, at);
  cipher.wipe();
  return out;
}

/** CBC with PKCS#7 padding (RFC 5652 §6.3). @param iv 16 bytes */
export function sm4CbcEncrypt(key: Uint8Array, iv: Uint8Array, plain: Uint8Array): Uint8Array {
  requireIv(iv);
  const padBytes = SM4_BLOCK_LENGTH - (plain.length % SM4_BLOCK_LENGTH);
  const out = new Uint8Array(plain.length + padBytes).fill(padBytes, plain.length);
  out.set(plain);
  const cipher = new Sm4(key);
  let previous = iv;
  for (let at = 0; at < out.length; at += SM4_BLOCK_LENGTH) {
    for (let i = 0; i < SM4_BLOCK_LENGTH; i++) out[at + i]! ^= previous[i]!;
    cipher.encryptBlock(out, at, out, at);
    previous = out.subarray(at, at + SM4_BLOCK_LENGTH);
  }
  cipher.wipe();
  return out;
}

/** @throws DECRYPT_FAILED on a wrong length or padding */
export function sm4CbcDecrypt(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  requireIv(iv);
  if (ciphertext.length === 0 || ciphertext.length % SM4_BLOCK_LENGTH !== 0) refuse('DECRYPT_FAILED');
  const cipher = new Sm4(key);
  const out = new Uint8Array(ciphertext.length);
  for (let at = 0; at < out.length; at += SM4_BLOCK_LENGTH) {
    cipher.decryptBlock(ciphertext, at, out, at);
    const previous = at === 0 ? iv : ciphertext.subarray(at - SM4_BLOCK_LENGTH, at);
    for (let i = 0; i < SM4_BLOCK_LENGTH; i++) out[at + i]! ^= previous[i]!;
  }
  cipher.wipe();
  const padBytes = paddingLength(out);
  if (padBytes === 0) {
    out.fill(0);
    refuse('DECRYPT_FAILED');
  }
  return out.slice(0, out.length - padBytes);
}

/** Length of a well-formed PKCS#7 padding, 0 when malformed; looks at the whole last block whatever it holds. */
export function paddingLength(padded: Uint8Array): number {
  const length = padded[padded.length - 1]!;
  let wrong = length === 0 || length > SM4_BLOCK_LENGTH ? 1 : 0;
  for (let i = 1; i <= SM4_BLOCK_LENGTH; i++) {
    const inside = i <= length ? 0xff : 0;
    wrong |= (padded[padded.length - i]! ^ length) & inside;
  }
  return wrong === 0 ? length : 0;
}

/** CTR: encryption and decryption are the same. @param counter 16 bytes, the first counter block */
export function sm4Ctr(key: Uint8Array, counter: Uint8Array, data: Uint8Array): Uint8Array {
  requireIv(counter);
  const cipher = new Sm4(key);
  const out = ctr(cipher, Uint8Array.from(counter), data);
  cipher.wipe();
  return out;
}

function ctr(cipher: Sm4, counter: Uint8Array, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length);
  const stream = new Uint8Array(SM4_BLOCK_LENGTH);
  for (let at = 0; at < data.length; at += SM4_BLOCK_LENGTH) {
    cipher.encryptBlock(counter, 0, stream, 0);
    const end = Math.min(SM4_BLOCK_LENGTH, data.length - at);
    for (let i = 0; i < end; i++) out[at + i] = data[at + i]! ^ stream[i]!;
    increment(counter);
  }
  stream.fill(0);
  return out;
}

function increment(counter: Uint8Array): void {
  for (let i = SM4_BLOCK_LENGTH - 1; i >= 0; i--) {
    counter[i] = (counter[i]! + 1) & 0xff;
    if (counter[i] !== 0) return;
  }
}

/** GCM. @param nonce 12 bytes (the only length accepted) @returns ciphertext ‖ 16-byte tag */
export function sm4GcmEncrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array): Uint8Array {
  requireNonce(nonce);
  if (plain.length > MAX_GCM_BYTES) refuse('ALGORITHM_UNSUPPORTED', { reason: 'too long for one GCM nonce' });
  const cipher = new Sm4(key);
  const ciphertext = ctr(cipher, counterBlock(nonce, 2), plain);
  const tag = gcmTag(cipher, nonce, aad, ciphertext);
  cipher.wipe();
  const out = new Uint8Array(ciphertext.length + SM4_GCM_TAG_LENGTH);
  out.set(ciphertext);
  out.set(tag, ciphertext.length);
  return out;
}

/** @param sealed ciphertext ‖ tag. The tag is checked before anything is decrypted. @throws DECRYPT_FAILED */
export function sm4GcmDecrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array {
  requireNonce(nonce);
  if (sealed.length < SM4_GCM_TAG_LENGTH) refuse('DECRYPT_FAILED');
  const ciphertext = sealed.subarray(0, sealed.length - SM4_GCM_TAG_LENGTH);
  const cipher = new Sm4(key);
  const want = gcmTag(cipher, nonce, aad, ciphertext);
  let difference = 0;
  for (let i = 0; i < SM4_GCM_TAG_LENGTH; i++) difference |= want[i]! ^ sealed[ciphertext.length + i]!;
  const plain = difference === 0 ? ctr(cipher, counterBlock(nonce, 2), ciphertext) : null;
  cipher.wipe();
  return plain ?? refuse('DECRYPT_FAILED');
}

function gcmTag(cipher: Sm4, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const hashKey = new Uint8Array(SM4_BLOCK_LENGTH);
  cipher.encryptBlock(hashKey, 0, hashKey, 0);
  const lengths = new DataView(new ArrayBuffer(SM4_BLOCK_LENGTH));
  lengths.setBigUint64(0, BigInt(aad.length) * 8n);
  lengths.setBigUint64(8, BigInt(ciphertext.length) * 8n);
  // Each update is padded with zeros to a whole block, as GHASH wants for AAD and text.
  const ghash = new GHASH(hashKey, aad.length + ciphertext.length);
  const tag = ghash.update(aad).update(ciphertext).update(new Uint8Array(lengths.buffer)).digest();
  ghash.destroy();
  hashKey.fill(0);
  const mask = counterBlock(nonce, 1);
  cipher.encryptBlock(mask, 0, mask, 0);
  for (let i = 0; i < SM4_GCM_TAG_LENGTH; i++) tag[i]! ^= mask[i]!;
  return tag;
}

function counterBlock(nonce: Uint8Array, count: number): Uint8Array {
  const block = new Uint8Array(SM4_BLOCK_LENGTH);
  block.set(nonce);
  block[15] = count;
  return block;
}

function requireIv(iv: Uint8Array): void {
  if (iv.length !== SM4_BLOCK_LENGTH) refuse('KEY_INVALID', { reason: 'iv length', gotBytes: iv.length, wantBytes: SM4_BLOCK_LENGTH });
}

function requireNonce(nonce: Uint8Array): void {
  if (nonce.length !== 12) refuse('KEY_INVALID', { reason: 'nonce length', gotBytes: nonce.length, wantBytes: 12 });
}
