/** The certified key is strong: RSA by size, exponent and known weaknesses; otherwise SM2 on its named curve. */
import { findRsaWeakness } from '#shared/crypto/rsa-strength.ts';
import { parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { always, type CertificateRule } from '../certificate-context.ts';

export const keyStrength: CertificateRule = {
  id: 'key-strength',
  clause: 'CA/B BR §6.1.5, §6.1.6; GM/T 0015 (named curve 1.2.156.10197.1.301)',
  effectiveDate: '2014-01-01',
  applies: always,
  check: ({ certificate }) => {
    const key = parsePublicKeyInfo(certificate.publicKeySpkiDer);
    if (key.kind === 'rsa') return findRsaWeakness(key);
    return key.kind === 'sm2' ? null : 'curve that no profile has';
  },
};
