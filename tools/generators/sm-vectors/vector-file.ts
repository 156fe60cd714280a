/** The form of a vector file, and the counted randomness its cases are made of. */
import { toHex } from '#shared/bytes/hex.ts';
import { toUtf8 } from '#shared/bytes/utf8.ts';
import type { RandomBytes } from '#shared/sm/sm2-key.ts';
import { sm3 } from '#shared/sm/sm3.ts';

export interface VectorCase {
  readonly id: string;
  /** `OK`, `false` (a verification that says no), or the code of the refusal. */
  readonly expect: string;
  /** Byte strings in hex; other fields as they are. */
  readonly [field: string]: string;
}

export interface VectorFile {
  readonly about: string;
  readonly cases: readonly VectorCase[];
}

/** SM3(label ‖ 0 ‖ counter), as many bytes as wanted. */
export function countedBytes(label: string): RandomBytes {
  let counter = 0;
  return (length) => {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) out.set(sm3(toUtf8(`${label}\0${counter++}`)).subarray(0, length - at), at);
    return out;
  };
}

/** Fields of bytes to hex. */
export function vectorCase(id: string, expect: string, fields: Readonly<Record<string, Uint8Array | string>>): VectorCase {
  const written = Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? value : toHex(value)]);
  return { id, expect, ...(Object.fromEntries(written) as Record<string, string>) };
}

export function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}
