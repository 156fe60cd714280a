/**
 * SM3 (GB/T 32905, GM/T 0004): the 256-bit digest of the national suite, whole or in pieces.
 * Pure: bytes in, bytes out. The portable half of the engine; `native/engine` computes the same faster.
 */

export const SM3_DIGEST_LENGTH = 32;
export const SM3_BLOCK_LENGTH = 64;

/** GM/T 0004 §4.1. */
const IV = Int32Array.of(0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600 | 0, 0xa96f30bc | 0, 0x163138aa, 0xe38dee4d | 0, 0xb0fb0e4e | 0);

/** T_j rotated left by j (§4.2), one word per round. */
const ROUND_CONSTANTS = Int32Array.from({ length: 64 }, (_, j) => {
  const t = j < 16 ? 0x79cc4519 : 0x7a879d8a;
  const by = j % 32;
  return by === 0 ? t : (t << by) | (t >>> (32 - by));
});

/** Incremental SM3: `new Sm3().update(a).update(b).digest()`. A finished instance refuses further use. */
export class Sm3 {
  readonly #state = Int32Array.from(IV);
  readonly #words = new Int32Array(68);
  readonly #block = new Uint8Array(SM3_BLOCK_LENGTH);
  #blockUsed = 0;
  #totalBytes = 0;
  #finished = false;

  update(data: Uint8Array): this {
    if (this.#finished) throw new Error('assertion failed: SM3 is already finished');
    let at = 0;
    this.#totalBytes += data.length;
    if (this.#blockUsed > 0) {
      at = Math.min(SM3_BLOCK_LENGTH - this.#blockUsed, data.length);
      this.#block.set(data.subarray(0, at), this.#blockUsed);
      this.#blockUsed += at;
      if (this.#blockUsed < SM3_BLOCK_LENGTH) return this;
      compress(this.#state, this.#words, this.#block, 0);
      this.#blockUsed = 0;
    }
    for (; at + SM3_BLOCK_LENGTH <= data.length; at += SM3_BLOCK_LENGTH) compress(this.#state, this.#words, data, at);
    this.#block.set(data.subarray(at), 0);
    this.#blockUsed = data.length - at;
    return this;
  }

  digest(): Uint8Array {
    if (this.#finished) throw new Error('assertion failed: SM3 is already finished');
    this.#finished = true;
    const block = this.#block;
    block.fill(0, this.#blockUsed);
    block[this.#blockUsed] = 0x80;
    if (this.#blockUsed >= 56) {
      compress(this.#state, this.#words, block, 0);
      block.fill(0);
    }
    const view = new DataView(block.buffer);
    // The bit count takes 64 bits; a Number holds the byte count exactly up to 2^53.
    view.setUint32(56, Math.floor(this.#totalBytes / 0x20000000));
    view.setUint32(60, (this.#totalBytes << 3) >>> 0);
    compress(this.#state, this.#words, block, 0);
    const out = new Uint8Array(SM3_DIGEST_LENGTH);
    const outView = new DataView(out.buffer);
    this.#state.forEach((word, i) => outView.setInt32(4 * i, word));
    this.wipe();
    return out;
  }

  /** A second instance in the same state, e.g. for a common prefix. */
  clone(): Sm3 {
    const copy = new Sm3();
    copy.#state.set(this.#state);
    copy.#block.set(this.#block);
    copy.#blockUsed = this.#blockUsed;
    copy.#totalBytes = this.#totalBytes;
    copy.#finished = this.#finished;
    return copy;
  }

  /** Clears what was absorbed; the instance is finished. */
  wipe(): void {
    this.#finished = true;
    this.#state.fill(0);
    this.#words.fill(0);
    this.#block.fill(0);
  }
}

/** SM3 over the concatenation of the pieces. */
export function sm3(...pieces: readonly Uint8Array[]): Uint8Array {
  const hash = new Sm3();
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
}

/** Compression function CF (§5.3) on one block of `bytes` at `at`. */
function compress(state: Int32Array, w: Int32Array, bytes: Uint8Array, at: number): void {
  expand(w, bytes, at);
  let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!;
  let e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!;
  for (let j = 0; j < 64; j++) {
    const a12 = (a << 12) | (a >>> 20);
    const sum = (a12 + e + ROUND_CONSTANTS[j]!) | 0;
    const ss1 = (sum << 7) | (sum >>> 25);
    const wj = w[j]!;
    // FF and GG: parity in the first 16 rounds, then majority and choice.
    const ff = j < 16 ? a ^ b ^ c : (a & b) | (c & (a | b));
    const gg = j < 16 ? e ^ f ^ g : ((f ^ g) & e) ^ g;
    const tt1 = (ff + d + (ss1 ^ a12) + (wj ^ w[j + 4]!)) | 0;
    const tt2 = (gg + h + ss1 + wj) | 0;
    d = c;
    c = (b << 9) | (b >>> 23);
    b = a;
    a = tt1;
    h = g;
    g = (f << 19) | (f >>> 13);
    f = e;
    e = tt2 ^ ((tt2 << 9) | (tt2 >>> 23)) ^ ((tt2 << 17) | (tt2 >>> 15));
  }
  state[0]! ^= a; state[1]! ^= b; state[2]! ^= c; state[3]! ^= d;
  state[4]! ^= e; state[5]! ^= f; state[6]! ^= g; state[7]! ^= h;
}

/** Message expansion (§5.3.2). W' is not stored: W'_j = W_j xor W_{j+4}. */
function expand(w: Int32Array, bytes: Uint8Array, at: number): void {
  for (let j = 0; j < 16; j++, at += 4) w[j] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  for (let j = 16; j < 68; j++) {
    const w3 = w[j - 3]!;
    const w13 = w[j - 13]!;
    const x = w[j - 16]! ^ w[j - 9]! ^ ((w3 << 15) | (w3 >>> 17));
    w[j] = x ^ ((x << 15) | (x >>> 17)) ^ ((x << 23) | (x >>> 9)) ^ ((w13 << 7) | (w13 >>> 25)) ^ w[j - 6]!;
  }
}
