/** Extended key usage as the profile has it: absent when the profile lists none. */
import { findExtension } from '#shared/x509/extension.ts';
import { EXT_KEY_USAGE } from '#shared/x509/extensions/ext-key-usage.ts';
import { always, type CertificateRule } from '../certificate-context.ts';

export const extKeyUsage: CertificateRule = {
  id: 'ext-key-usage',
  clause: 'RFC 5280 §4.2.1.12; certificate profile',
  effectiveDate: '2008-05-01',
  applies: always,
  check: ({ certificate, profile }) => {
    const found = findExtension(certificate.extensions, EXT_KEY_USAGE)?.value ?? [];
    return found.join(' ') === profile.extKeyUsage.join(' ') ? null : 'not what the profile says';
  },
};
