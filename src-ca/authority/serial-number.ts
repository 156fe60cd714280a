/** Serial numbers: 16 octets from the random source, the first made positive and not zero: 126 random bits, always the same length (RFC 5280 §4.1.2.2, CA/B BR §7.1). */
import { toHex } from '#shared/bytes/hex.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';

export function newSerialHex(crypto: CryptoPort): string {
  const octets = crypto.randomBytes(16);
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40;
  return toHex(octets);
}
