/** A certificate begins before it ends. */
import { always, type CertificateRule } from '../certificate-context.ts';

export const validityOrder: CertificateRule = {
  id: 'validity-order',
  clause: 'RFC 5280 §4.1.2.5',
  effectiveDate: '2008-05-01',
  applies: always,
  check: ({ certificate }) => (certificate.notBefore.date < certificate.notAfter.date ? null : 'ends before it begins'),
};
