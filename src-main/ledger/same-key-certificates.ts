/** Certificates over the same key: a renewal with the same keys leaves bids behind that name the certificate before. Pure. */
import { toHex } from '#shared/bytes/hex.ts';
import { nullWhenRefused } from '#shared/errors/null-when-refused.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';

/** @returns those of the certificates that were seen whose key is that of one of `own`, without `own` themselves; what cannot be read is no certificate of any key */
export function overTheSameKeys(own: readonly Uint8Array[], seen: readonly Uint8Array[]): Uint8Array[] {
  const keys = new Set(own.map(keyOf));
  const ownHex = new Set(own.map(toHex));
  return seen.filter((der) => {
    const key = keyOf(der);
    return key !== null && keys.has(key) && !ownHex.has(toHex(der));
  });
}

function keyOf(certificateDer: Uint8Array): string | null {
  return nullWhenRefused(() => toHex(parseCertificate(certificateDer).publicKeySpkiDer));
}
