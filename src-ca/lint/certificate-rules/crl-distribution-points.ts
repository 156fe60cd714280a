/** Where the revocation list is: present as the profile says, an http address without user data. */
import { findExtension } from '#shared/x509/extension.ts';
import { CRL_DISTRIBUTION_POINTS } from '#shared/x509/extensions/crl-distribution-points.ts';
import { always, type CertificateRule } from '../certificate-context.ts';
import { isFetchable } from '../fetchable-address.ts';

export const crlDistributionPoints: CertificateRule = {
  id: 'crl-distribution-points',
  clause: 'RFC 5280 §4.2.1.13; certificate profile',
  effectiveDate: '2008-05-01',
  applies: always,
  check: ({ certificate, profile }) => {
    const found = findExtension(certificate.extensions, CRL_DISTRIBUTION_POINTS);
    if (!found) return profile.crlDistributionPoints ? 'absent' : null;
    if (!profile.crlDistributionPoints) return 'present against the profile';
    if (found.critical) return 'critical';
    return found.value.length > 0 && found.value.every(isFetchable) ? null : 'not an http address';
  },
};
