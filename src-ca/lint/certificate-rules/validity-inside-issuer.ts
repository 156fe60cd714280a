/** A certificate is valid only while its issuer's is: the shell model, which most validators use. */
import { always, type CertificateRule } from '../certificate-context.ts';

export const validityInsideIssuer: CertificateRule = {
  id: 'validity-inside-issuer',
  clause: 'RFC 5280 §6.1.3 (a)(2); GM/T 0015',
  effectiveDate: '2012-07-01',
  applies: always,
  check: ({ certificate, issuer }) => (certificate.notBefore.date >= issuer.notBefore.date && certificate.notAfter.date <= issuer.notAfter.date ? null : 'reaches outside the validity of the issuer'),
};
