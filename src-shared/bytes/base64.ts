/** Base64 of RFC 4648 §4 with padding; one byte string has exactly one text. Pure: needs neither Buffer nor atob. */
import { AppError } from '../errors/app-error.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Uint8Array(128).fill(255);
for (let value = 0; value < 64; value++) VALUES[ALPHABET.charCodeAt(value)] = value;

export function toBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const left = bytes.length - i;
    pieces.push(
      ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63) + (left > 1 ? ALPHABET.charAt((group >> 6) & 63) : '=') + (left > 2 ? ALPHABET.charAt(group & 63) : '='),
    );
  }
  return pieces.join('');
}

/** No line breaks, no missing padding, no stray bits behind the last byte (RFC 4648 §3.5). @throws INPUT_INVALID */
export function fromBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) throw new AppError('INPUT_INVALID', { reason: 'base64 length' });
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const digits = text.length - padding;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let held = 0;
  let heldBits = 0;
  let at = 0;
  for (let i = 0; i < digits; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? 255;
    if (value === 255) throw new AppError('INPUT_INVALID', { reason: 'base64 digit' });
    held = ((held << 6) | value) & 0xffffff;
    heldBits += 6;
    if (heldBits >= 8) {
      heldBits -= 8;
      bytes[at++] = (held >> heldBits) & 255;
    }
  }
  if ((held & ((1 << heldBits) - 1)) !== 0) throw new AppError('INPUT_INVALID', { reason: 'base64 stray bits' });
  return bytes;
}
