/** Key usage exactly as the profile has it for this kind of key, and critical. */
import { findExtension } from '#shared/x509/extension.ts';
import { KEY_USAGE, type KeyUsageName } from '#shared/x509/extensions/key-usage.ts';
import { parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { always, type CertificateRule } from '../certificate-context.ts';

export const keyUsage: CertificateRule = {
  id: 'key-usage',
  clause: 'RFC 5280 §4.2.1.3; GM/T 0015',
  effectiveDate: '2012-07-01',
  applies: always,
  check: ({ certificate, profile }) => {
    const found = findExtension(certificate.extensions, KEY_USAGE);
    if (!found) return 'absent';
    if (!found.critical) return 'not critical';
    const wanted: readonly KeyUsageName[] = parsePublicKeyInfo(certificate.publicKeySpkiDer).kind === 'sm2' ? profile.keyUsage.sm2 : profile.keyUsage.rsa;
    return found.value.length === wanted.length && wanted.every((usage) => found.value.includes(usage)) ? null : 'not what the profile says';
  },
};
