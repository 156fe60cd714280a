/** UTF-8, strictly: what is not well-formed is refused, never replaced. Pure. */
import { AppError } from '../errors/app-error.ts';

const encoder = new TextEncoder();
// A byte order mark is a character like any other here: dropping it would make two encodings equal.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws INPUT_INVALID for lone surrogates, which have no UTF-8 form */
export function toUtf8(text: string): Uint8Array {
  if (/\p{Surrogate}/u.test(text)) throw new AppError('INPUT_INVALID', { reason: 'lone surrogate' });
  return encoder.encode(text);
}

/** @returns null when the bytes are not UTF-8 */
export function tryFromUtf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch (thrown) {
    if (thrown instanceof TypeError) return null;
    throw thrown;
  }
}

/** @throws INPUT_INVALID */
export function fromUtf8(bytes: Uint8Array): string {
  const text = tryFromUtf8(bytes);
  if (text === null) throw new AppError('INPUT_INVALID', { reason: 'not UTF-8' });
  return text;
}
