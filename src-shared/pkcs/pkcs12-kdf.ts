/** Key derivation of PKCS#12 (RFC 7292 appendix B), here only for the integrity key (ID 3), and the password form it wants. Pure. */
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { OIDS } from '../asn1/oids.ts';
import { concatBytes } from '../bytes/byte-strings.ts';
import { hmacSm3 } from '../sm/hmac-sm3.ts';
import { sm3 } from '../sm/sm3.ts';

export interface MacDigestRow {
  readonly digest: (data: Uint8Array) => Uint8Array;
  readonly hmac: (key: Uint8Array, data: Uint8Array) => Uint8Array;
  readonly digestBytes: number;
  readonly blockBytes: number;
}

/** SHA-1 is read because most key files have it; we write SHA-256, or SM3. */
export const MAC_DIGESTS: Readonly<Record<string, MacDigestRow>> = {
  [OIDS.sha1]: { digest: sha1, hmac: (key, data) => hmac(sha1, key, data), digestBytes: 20, blockBytes: 64 },
  [OIDS.sha256]: { digest: sha256, hmac: (key, data) => hmac(sha256, key, data), digestBytes: 32, blockBytes: 64 },
  [OIDS.sha384]: { digest: sha384, hmac: (key, data) => hmac(sha384, key, data), digestBytes: 48, blockBytes: 128 },
  [OIDS.sha512]: { digest: sha512, hmac: (key, data) => hmac(sha512, key, data), digestBytes: 64, blockBytes: 128 },
  [OIDS.sm3]: { digest: (data) => sm3(data), hmac: (key, data) => hmacSm3(key, data), digestBytes: 32, blockBytes: 64 },
};

/** BMPString with a closing zero (appendix B.1). */
export function pkcs12Password(text: string): Uint8Array {
  const out = new Uint8Array(2 * text.length + 2);
  for (let i = 0; i < text.length; i++) {
    out[2 * i] = text.charCodeAt(i) >>> 8;
    out[2 * i + 1] = text.charCodeAt(i) & 0xff;
  }
  return out;
}

/** B.2 with ID = 3; one digest long, so that step 6 (the carry into I) is never needed. */
export function pkcs12MacKey(row: MacDigestRow, password: Uint8Array, salt: Uint8Array, iterations: number): Uint8Array {
  const diversifier = new Uint8Array(row.blockBytes).fill(3);
  let key = row.digest(concatBytes(diversifier, repeated(salt, row.blockBytes), repeated(password, row.blockBytes)));
  for (let i = 1; i < iterations; i++) key = row.digest(key);
  return key;
}

/** Copies up to the next multiple of the block length. */
function repeated(bytes: Uint8Array, blockBytes: number): Uint8Array {
  const length = blockBytes * Math.ceil(bytes.length / blockBytes);
  return Uint8Array.from({ length }, (_, i) => bytes[i % bytes.length] ?? 0);
}
