/** Whether a certificate can bear this subject: names that are names, a unified social credit code with the right check digit (GB 32100), an identity number likewise (GB 11643). */
import type { CertificateSubject } from '#shared/contract/rest/orders.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { checkResidentIdNumber } from '#shared/subject/resident-id-number.ts';
import { checkUnifiedSocialCreditCode } from '#shared/subject/unified-social-credit-code.ts';

/** @throws ACCOUNT_SUBJECT_INVALID */
export function checkOrganisation(name: string | null, unifiedSocialCreditCode: string | null): void {
  if (name === null || name.trim() === '') refuseField('organisationName', 'missing');
  if (unifiedSocialCreditCode === null) refuseField('unifiedSocialCreditCode', 'missing');
  const answer = checkUnifiedSocialCreditCode(unifiedSocialCreditCode);
  if (!answer.valid) refuseField('unifiedSocialCreditCode', answer.reason);
}

/** @throws ACCOUNT_SUBJECT_INVALID */
export function checkSubject(subject: CertificateSubject, certificateType: 'person' | 'organisation'): void {
  if (subject.commonName.trim() === '') refuseField('commonName', 'missing');
  if (certificateType === 'organisation') {
    checkOrganisation(subject.organisationName, subject.unifiedSocialCreditCode);
    if (subject.identityNumber !== null) refuseField('identityNumber', 'persons only');
  } else {
    if (subject.identityNumber === null) refuseField('identityNumber', 'missing');
    const answer = checkResidentIdNumber(subject.identityNumber);
    if (!answer.valid) refuseField('identityNumber', answer.reason);
    if (subject.unifiedSocialCreditCode !== null) checkOrganisation(subject.organisationName, subject.unifiedSocialCreditCode);
  }
}

function refuseField(field: string, reason: string): never {
  throw new AppError('ACCOUNT_SUBJECT_INVALID', { field, reason });
}
