/** Byte strings: joining, comparing, wiping, whole numbers. Pure. */

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return joinBytes(parts);
}

/** The same for lists of any length: a call takes no more than some ten thousand arguments. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** For public data: stops at the first difference. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0;
}

/** For secrets: the time depends on the length only. */
export function equalBytesConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** Order of X.690 §11.6: octet by octet, the shorter one first when it is a prefix. @returns negative, zero, positive */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Overwrites a secret with zeros. */
export function wipeBytes(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}

/** Big-endian octets as a whole number; no octets are zero. */
export function bigIntFromBytes(bytes: Uint8Array): bigint {
  let value = 0n;
  // Eight octets at a time: a 512-octet modulus takes 64 steps, not 512.
  let i = 0;
  const odd = bytes.length % 8;
  for (; i < odd; i++) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (; i < bytes.length; i += 8) value = (value << 64n) | view.getBigUint64(i);
  return value;
}

/** A whole number as big-endian octets of that length, or of the least length. */
export function bytesFromBigInt(value: bigint, length?: number): Uint8Array {
  if (value < 0n) throw new RangeError('negative number');
  const digits = value.toString(16);
  const least = Math.ceil(digits.length / 2);
  const size = length ?? least;
  if (least > size && value !== 0n) throw new RangeError('number too large for its field');
  const padded = digits.padStart(size * 2, '0');
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = Number.parseInt(padded.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
