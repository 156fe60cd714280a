/** Certificates with extensions are of version 3. */
import { always, type CertificateRule } from '../certificate-context.ts';

export const version: CertificateRule = {
  id: 'version',
  clause: 'RFC 5280 §4.1.2.1',
  effectiveDate: '2008-05-01',
  applies: always,
  check: ({ certificate }) => (certificate.version === 3 ? null : 'not version 3'),
};
