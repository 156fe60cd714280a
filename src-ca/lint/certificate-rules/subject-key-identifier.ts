/** Subject key identifier: present, not critical, the SHA-1 of the public key bits. */
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { findExtension } from '#shared/x509/extension.ts';
import { SUBJECT_KEY_IDENTIFIER } from '#shared/x509/extensions/subject-key-identifier.ts';
import { keyIdentifierOf } from '#shared/x509/public-key-info.ts';
import { always, type CertificateRule } from '../certificate-context.ts';

export const subjectKeyIdentifier: CertificateRule = {
  id: 'subject-key-identifier',
  clause: 'RFC 5280 §4.2.1.2',
  effectiveDate: '2008-05-01',
  applies: always,
  check: ({ certificate }) => {
    const found = findExtension(certificate.extensions, SUBJECT_KEY_IDENTIFIER);
    if (!found) return 'absent';
    if (found.critical) return 'critical';
    return equalBytes(found.value, keyIdentifierOf(certificate.publicKeySpkiDer)) ? null : 'not the identifier of the key';
  },
};
