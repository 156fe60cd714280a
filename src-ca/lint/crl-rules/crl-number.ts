/** Every list has a number, not critical. */
import { findExtension } from '#shared/x509/extension.ts';
import { CRL_NUMBER } from '#shared/x509/extensions/crl-number.ts';
import type { CrlRule } from '../crl-context.ts';

export const crlNumber: CrlRule = {
  id: 'crl-number',
  clause: 'RFC 5280 §5.2.3',
  effectiveDate: '2008-05-01',
  applies: () => true,
  check: ({ crl }) => {
    const found = findExtension(crl.extensions, CRL_NUMBER);
    return found ? (found.critical ? 'critical' : null) : 'absent';
  },
};
