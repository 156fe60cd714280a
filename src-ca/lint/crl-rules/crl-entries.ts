/** Entries: each serial number once, revoked not later than the list, no reason that belongs to delta lists. */
import type { CrlRule } from '../crl-context.ts';

export const crlEntries: CrlRule = {
  id: 'crl-entries',
  clause: 'RFC 5280 §5.1.2.6, §5.3.1 (removeFromCRL only in delta CRLs)',
  effectiveDate: '2008-05-01',
  applies: () => true,
  check: ({ crl }) => {
    if (new Set(crl.entries.map((entry) => entry.serialHex)).size !== crl.entries.length) return 'a serial number stands twice';
    if (crl.entries.some((entry) => entry.revokedAt > crl.thisUpdate.date)) return 'revoked after the list was made';
    return crl.entries.some((entry) => entry.reason === 'removeFromCRL') ? 'reason removeFromCRL' : null;
  },
};
