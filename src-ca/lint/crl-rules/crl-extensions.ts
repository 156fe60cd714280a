/** Nothing in the list that we do not understand. */
import { CRL_EXTENSIONS } from '#shared/x509/extensions/known-extensions.ts';
import type { CrlRule } from '../crl-context.ts';

export const crlExtensions: CrlRule = {
  id: 'crl-extensions',
  clause: 'RFC 5280 §5.2',
  effectiveDate: '2008-05-01',
  applies: () => true,
  check: ({ crl }) => (crl.extensions.every((one) => CRL_EXTENSIONS.some((codec) => codec.oid === one.oid)) ? null : 'unknown extension'),
};
