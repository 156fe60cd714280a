/**
 * SM4 block cipher (GB/T 32907, GM/T 0002): key schedule and one-block transform over tables.
 * The portable half of the engine. Not constant-time: table look-ups depend on key and data, so an attacker who shares
 * the processor's cache could learn from their timing (docs/threat-model.md); the native engine has no such tables.
 */
import { refuse } from '../errors/app-error.ts';

export const SM4_BLOCK_LENGTH = 16;
export const SM4_KEY_LENGTH = 16;

/** Multiplies in GF(2^8) modulo x^8+x^7+x^6+x^5+x^4+x^2+1. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (; b > 0; b >>= 1) {
    if (b & 1) product ^= a;
    a = a & 0x80 ? (a << 1) ^ 0x1f5 : a << 1;
  }
  return product;
}

/** The affine map on both sides of the inversion: bit i is the parity of eight rotating taps (matrix rows rotate A7). */
function affine(x: number): number {
  let out = 0;
  for (let bit = 0; bit < 8; bit++) {
    let taps = ((0xa7 << bit) | (0xa7 >>> (8 - bit))) & 0xff & x;
    taps ^= taps >> 4;
    taps ^= taps >> 2;
    taps ^= taps >> 1;
    out |= (taps & 1) << bit;
  }
  return out ^ 0xd3;
}

/** S-box from its algebra: A(I(A(x))), I the inversion. Checked against the standard's examples by the vectors. */
const SBOX = Uint8Array.from({ length: 256 }, (_, x) => {
  const y = affine(x);
  let inverse = 0;
  for (let candidate = 1; candidate < 256 && y !== 0; candidate++) if (multiply(y, candidate) === 1) inverse = candidate;
  return affine(inverse);
});

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** L(S(x)) for a byte in the top position, and the same rotated for the other three (§6.2). */
const T0 = Int32Array.from(SBOX, (s) => {
  const x = s << 24;
  return x ^ rotate(x, 2) ^ rotate(x, 10) ^ rotate(x, 18) ^ rotate(x, 24);
});
const T1 = T0.map((x) => rotate(x, 24));
const T2 = T0.map((x) => rotate(x, 16));
const T3 = T0.map((x) => rotate(x, 8));

const FK = [0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc] as const;

/** Key schedule (§7.3): 32 round keys; `wipe()` when done. */
export class Sm4 {
  readonly #roundKeys: Int32Array;
  readonly #reversedKeys: Int32Array;

  /** @throws KEY_INVALID when the key is not 16 bytes */
  constructor(key: Uint8Array) {
    if (key.length !== SM4_KEY_LENGTH) refuse('KEY_INVALID', { gotBytes: key.length, wantBytes: SM4_KEY_LENGTH });
    this.#roundKeys = expandKey(key);
    this.#reversedKeys = Int32Array.from(this.#roundKeys).reverse();
  }

  encryptBlock(input: Uint8Array, at: number, out: Uint8Array, outAt: number): void {
    transform(this.#roundKeys, input, at, out, outAt);
  }

  decryptBlock(input: Uint8Array, at: number, out: Uint8Array, outAt: number): void {
    transform(this.#reversedKeys, input, at, out, outAt);
  }

  wipe(): void {
    this.#roundKeys.fill(0);
    this.#reversedKeys.fill(0);
  }
}

function expandKey(key: Uint8Array): Int32Array {
  const k = FK.map((fk, i) => readWord(key, 4 * i) ^ fk);
  const roundKeys = new Int32Array(32);
  for (let i = 0; i < 32; i++) {
    // CK_i: bytes (4i+j)·7 mod 256.
    let ck = 0;
    for (let j = 0; j < 4; j++) ck = (ck << 8) | (((4 * i + j) * 7) & 0xff);
    const x = k[1]! ^ k[2]! ^ k[3]! ^ ck;
    const s = (SBOX[x >>> 24]! << 24) | (SBOX[(x >>> 16) & 0xff]! << 16) | (SBOX[(x >>> 8) & 0xff]! << 8) | SBOX[x & 0xff]!;
    const next = k[0]! ^ s ^ rotate(s, 13) ^ rotate(s, 23);
    roundKeys[i] = next;
    k.push(next);
    k.shift();
  }
  k.fill(0);
  return roundKeys;
}

function transform(roundKeys: Int32Array, input: Uint8Array, at: number, out: Uint8Array, outAt: number): void {
  let x0 = readWord(input, at);
  let x1 = readWord(input, at + 4);
  let x2 = readWord(input, at + 8);
  let x3 = readWord(input, at + 12);
  for (let i = 0; i < 32; i += 4) {
    let t = x1 ^ x2 ^ x3 ^ roundKeys[i]!;
    x0 ^= T0[t >>> 24]! ^ T1[(t >>> 16) & 0xff]! ^ T2[(t >>> 8) & 0xff]! ^ T3[t & 0xff]!;
    t = x2 ^ x3 ^ x0 ^ roundKeys[i + 1]!;
    x1 ^= T0[t >>> 24]! ^ T1[(t >>> 16) & 0xff]! ^ T2[(t >>> 8) & 0xff]! ^ T3[t & 0xff]!;
    t = x3 ^ x0 ^ x1 ^ roundKeys[i + 2]!;
    x2 ^= T0[t >>> 24]! ^ T1[(t >>> 16) & 0xff]! ^ T2[(t >>> 8) & 0xff]! ^ T3[t & 0xff]!;
    t = x0 ^ x1 ^ x2 ^ roundKeys[i + 3]!;
    x3 ^= T0[t >>> 24]! ^ T1[(t >>> 16) & 0xff]! ^ T2[(t >>> 8) & 0xff]! ^ T3[t & 0xff]!;
  }
  writeWord(out, outAt, x3);
  writeWord(out, outAt + 4, x2);
  writeWord(out, outAt + 8, x1);
  writeWord(out, outAt + 12, x0);
}

function readWord(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}
