/** A certificate as text (RFC 7468), for copying. */

/** @param certificateDer base64 without line breaks */
export function certificatePem(certificateDer: string): string {
  const lines = certificateDer.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
