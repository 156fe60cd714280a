/** Policies as the profile has them. */
import { findExtension } from '#shared/x509/extension.ts';
import { CERTIFICATE_POLICIES } from '#shared/x509/extensions/certificate-policies.ts';
import { always, type CertificateRule } from '../certificate-context.ts';

export const certificatePolicies: CertificateRule = {
  id: 'certificate-policies',
  clause: 'RFC 5280 §4.2.1.4; certificate profile',
  effectiveDate: '2008-05-01',
  applies: always,
  check: ({ certificate, profile }) => {
    const found = findExtension(certificate.extensions, CERTIFICATE_POLICIES)?.value.map((policy) => policy.oid) ?? [];
    return found.join(' ') === profile.policies.join(' ') ? null : 'not what the profile says';
  },
};
