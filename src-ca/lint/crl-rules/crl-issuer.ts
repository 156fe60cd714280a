/** The list is the issuer's: its name, its key identifier, and the issuer may sign lists. */
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { findExtension } from '#shared/x509/extension.ts';
import { AUTHORITY_KEY_IDENTIFIER } from '#shared/x509/extensions/authority-key-identifier.ts';
import { KEY_USAGE } from '#shared/x509/extensions/key-usage.ts';
import { SUBJECT_KEY_IDENTIFIER } from '#shared/x509/extensions/subject-key-identifier.ts';
import type { CrlRule } from '../crl-context.ts';

export const crlIssuer: CrlRule = {
  id: 'crl-issuer',
  clause: 'RFC 5280 §5.1.2.3, §5.2.1, §4.2.1.3 (cRLSign)',
  effectiveDate: '2008-05-01',
  applies: () => true,
  check: ({ crl, issuer }) => {
    if (!equalBytes(crl.issuer.der, issuer.subject.der)) return 'issuer name differs';
    const found = findExtension(crl.extensions, AUTHORITY_KEY_IDENTIFIER);
    const wanted = findExtension(issuer.extensions, SUBJECT_KEY_IDENTIFIER)?.value;
    if (!found?.value.keyIdentifier || found.critical || !wanted || !equalBytes(found.value.keyIdentifier, wanted)) return 'authority key identifier is absent, critical or not the issuer’s';
    return findExtension(issuer.extensions, KEY_USAGE)?.value.includes('cRLSign') ? null : 'issuer may not sign lists';
  },
};
