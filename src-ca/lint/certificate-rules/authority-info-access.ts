/** Where the issuer's certificate is: present as the profile says, an http address. */
import { findExtension } from '#shared/x509/extension.ts';
import { AUTHORITY_INFO_ACCESS } from '#shared/x509/extensions/authority-info-access.ts';
import { always, type CertificateRule } from '../certificate-context.ts';
import { isFetchable } from '../fetchable-address.ts';

export const authorityInfoAccess: CertificateRule = {
  id: 'authority-info-access',
  clause: 'RFC 5280 §4.2.2.1; certificate profile',
  effectiveDate: '2008-05-01',
  applies: always,
  check: ({ certificate, profile }) => {
    const found = findExtension(certificate.extensions, AUTHORITY_INFO_ACCESS);
    if (!found) return profile.authorityInfoAccess ? 'absent' : null;
    if (!profile.authorityInfoAccess) return 'present against the profile';
    if (found.critical) return 'critical';
    return found.value.caIssuers.length > 0 && [...found.value.caIssuers, ...found.value.ocsp].every(isFetchable) ? null : 'no http address of the issuer’s certificate';
  },
};
