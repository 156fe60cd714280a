/** The unified social credit code, where present, has the right form and check digit. */
import { OIDS } from '#shared/asn1/oids.ts';
import { checkUnifiedSocialCreditCode } from '#shared/subject/unified-social-credit-code.ts';
import { findExtension } from '#shared/x509/extension.ts';
import { UNIFIED_SOCIAL_CREDIT_CODE } from '#shared/x509/extensions/subject-identity.ts';
import type { CertificateRule } from '../certificate-context.ts';

export const unifiedSocialCreditCode: CertificateRule = {
  id: 'unified-social-credit-code',
  clause: 'GM/T 0015-2023; GB 32100-2015 §4, Appendix A',
  effectiveDate: '2015-10-01',
  applies: ({ certificate }) => certificate.extensions.some((extension) => extension.oid === OIDS.unifiedSocialCreditCode),
  check: ({ certificate, profile }) => {
    if (!profile.subjectIdentity) return 'present against the profile';
    const answer = checkUnifiedSocialCreditCode(findExtension(certificate.extensions, UNIFIED_SOCIAL_CREDIT_CODE)?.value ?? '');
    return answer.valid ? null : `wrong ${answer.reason}`;
  },
};
