/** Text that drivers put into fields of fixed width: padded with blanks, ended by NUL, not ended at all, full of rubbish, or in GBK. Pure: bytes in, text out. */
import { toHex } from '#shared/bytes/hex.ts';
import { tryFromUtf8 } from '#shared/bytes/utf8.ts';

/** UTF-8 as the standards have it, else the Chinese encoding that older drivers write; control characters are dropped. */
export function text(field: Uint8Array): string {
  const bytes = untilPadding(field);
  const decoded = tryFromUtf8(bytes) ?? new TextDecoder('gb18030').decode(bytes);
  return decoded.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}]/gu, '').trim();
}

/** A serial that is not plain printable text is given as its bytes in hexadecimal: it must stay the same, and distinct, whatever it is. */
export function serialText(field: Uint8Array): string {
  const bytes = untilPadding(field);
  if (bytes.length === 0) return 'no-serial';
  // The protocol carries 64 characters; 30 bytes in hexadecimal fit, and what follows is left out.
  const plain = bytes.every((byte) => byte >= 0x21 && byte <= 0x7e);
  return plain ? String.fromCharCode(...bytes) : `hex:${toHex(bytes.subarray(0, 30))}`;
}

export function isEmptyField(field: Uint8Array): boolean {
  return untilPadding(field).length === 0;
}

function untilPadding(field: Uint8Array): Uint8Array {
  const nul = field.indexOf(0);
  let end = nul < 0 ? field.length : nul;
  while (end > 0 && field[end - 1] === 0x20) end--;
  let start = 0;
  while (start < end && field[start] === 0x20) start++;
  return field.subarray(start, end);
}
