/** The algorithm inside the signed part equals the one outside, to the octet. */
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import type { CrlRule } from '../crl-context.ts';

export const crlSignatureAlgorithm: CrlRule = {
  id: 'crl-signature-algorithm',
  clause: 'RFC 5280 §5.1.1.2',
  effectiveDate: '2008-05-01',
  applies: () => true,
  check: ({ crl }) => (equalBytes(crl.signatureAlgorithm.der, crl.tbsSignatureAlgorithm.der) ? null : 'inner and outer algorithm differ'),
};
