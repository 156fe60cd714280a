/** Basic constraints as the profile has them; critical in CA certificates. */
import { findExtension } from '#shared/x509/extension.ts';
import { BASIC_CONSTRAINTS } from '#shared/x509/extensions/basic-constraints.ts';
import { always, type CertificateRule } from '../certificate-context.ts';

export const basicConstraints: CertificateRule = {
  id: 'basic-constraints',
  clause: 'RFC 5280 §4.2.1.9',
  effectiveDate: '2008-05-01',
  applies: always,
  check: ({ certificate, profile }) => {
    const found = findExtension(certificate.extensions, BASIC_CONSTRAINTS);
    if (!found) return 'absent';
    if (found.value.ca && !found.critical) return 'not critical in a CA certificate';
    return found.value.ca === profile.basicConstraints.ca && found.value.pathLength === profile.basicConstraints.pathLength ? null : 'not what the profile says';
  },
};
