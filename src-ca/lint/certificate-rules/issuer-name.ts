/** The issuer is named exactly as it names itself. */
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { always, type CertificateRule } from '../certificate-context.ts';

export const issuerName: CertificateRule = {
  id: 'issuer-name',
  clause: 'RFC 5280 §4.1.2.4, §6.1.3 (a)(4)',
  effectiveDate: '2008-05-01',
  applies: always,
  check: ({ certificate, issuer }) => (equalBytes(certificate.issuer.der, issuer.subject.der) ? null : 'issuer is not the subject of the issuer’s certificate'),
};
