/** The resident identity number, where present, has the right form, date and check digit. */
import { OIDS } from '#shared/asn1/oids.ts';
import { checkResidentIdNumber } from '#shared/subject/resident-id-number.ts';
import { findExtension } from '#shared/x509/extension.ts';
import { RESIDENT_ID_NUMBER } from '#shared/x509/extensions/subject-identity.ts';
import type { CertificateRule } from '../certificate-context.ts';

export const residentIdNumber: CertificateRule = {
  id: 'resident-id-number',
  clause: 'GM/T 0015-2023; GB 11643-1999 §4',
  effectiveDate: '1999-07-01',
  applies: ({ certificate }) => certificate.extensions.some((extension) => extension.oid === OIDS.residentIdNumber),
  check: ({ certificate, profile }) => {
    if (!profile.subjectIdentity) return 'present against the profile';
    const answer = checkResidentIdNumber(findExtension(certificate.extensions, RESIDENT_ID_NUMBER)?.value ?? '');
    return answer.valid ? null : `wrong ${answer.reason}`;
  },
};
