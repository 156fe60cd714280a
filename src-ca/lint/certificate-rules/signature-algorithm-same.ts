/** The algorithm inside the signed part equals the one outside, to the octet. */
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { always, type CertificateRule } from '../certificate-context.ts';

export const signatureAlgorithmSame: CertificateRule = {
  id: 'signature-algorithm-same',
  clause: 'RFC 5280 §4.1.1.2',
  effectiveDate: '2008-05-01',
  applies: always,
  check: ({ certificate }) => (equalBytes(certificate.signatureAlgorithm.der, certificate.tbsSignatureAlgorithm.der) ? null : 'inner and outer algorithm differ'),
};
