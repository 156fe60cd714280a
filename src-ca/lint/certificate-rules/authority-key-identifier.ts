/** Authority key identifier: present, not critical, the issuer's subject key identifier. */
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { findExtension } from '#shared/x509/extension.ts';
import { AUTHORITY_KEY_IDENTIFIER } from '#shared/x509/extensions/authority-key-identifier.ts';
import { SUBJECT_KEY_IDENTIFIER } from '#shared/x509/extensions/subject-key-identifier.ts';
import { always, type CertificateRule } from '../certificate-context.ts';

export const authorityKeyIdentifier: CertificateRule = {
  id: 'authority-key-identifier',
  clause: 'RFC 5280 §4.2.1.1',
  effectiveDate: '2008-05-01',
  applies: always,
  check: ({ certificate, issuer }) => {
    const found = findExtension(certificate.extensions, AUTHORITY_KEY_IDENTIFIER);
    if (!found) return 'absent';
    if (found.critical) return 'critical';
    const wanted = findExtension(issuer.extensions, SUBJECT_KEY_IDENTIFIER)?.value;
    return found.value.keyIdentifier && wanted && equalBytes(found.value.keyIdentifier, wanted) ? null : 'not the issuer’s key identifier';
  },
};
