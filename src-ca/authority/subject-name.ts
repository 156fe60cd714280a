/**
 * The name and the identity that certificates of a subject bear.
 *
 * Name: `C=CN, ST=…, L=…, O=…, CN=…` in this order. Province and locality stand only where given; O only where the subject belongs to an organisation,
 * so a person's certificate without employer has none. There is no OU: the handler (经办人) is not part of the identity and would end up in every
 * signature he makes. All values but C are UTF8String, in Unicode normal form C. Numbers (credit code, identity number) stand in extensions of
 * GM/T 0015, never in the name, so that a name can be shown without them.
 */
import type { CertificateSubject } from '#shared/contract/rest/orders.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { checkResidentIdNumber } from '#shared/subject/resident-id-number.ts';
import { checkUnifiedSocialCreditCode } from '#shared/subject/unified-social-credit-code.ts';
import { makeExtension, type Extension } from '#shared/x509/extension.ts';
import { RESIDENT_ID_NUMBER, UNIFIED_SOCIAL_CREDIT_CODE } from '#shared/x509/extensions/subject-identity.ts';
import { buildName, type NameAttributeType } from '#shared/x509/name.ts';

/** @throws ACCOUNT_SUBJECT_INVALID, NAME_INVALID */
export function buildSubjectName(subject: CertificateSubject): Uint8Array {
  checkIdentity(subject);
  const parts: readonly (readonly [NameAttributeType, string | null])[] = [
    ['countryName', 'CN'],
    ['stateOrProvinceName', subject.province],
    ['localityName', subject.locality],
    ['organizationName', subject.organisationName],
    ['commonName', subject.commonName],
  ];
  return buildName(parts.flatMap(([type, value]) => (value === null ? [] : [{ type, value: value.normalize('NFC') }])));
}

/** @throws ACCOUNT_SUBJECT_INVALID */
export function identityExtensions(subject: CertificateSubject): Extension[] {
  checkIdentity(subject);
  return [
    ...(subject.unifiedSocialCreditCode === null ? [] : [makeExtension(UNIFIED_SOCIAL_CREDIT_CODE, subject.unifiedSocialCreditCode, { critical: false })]),
    ...(subject.identityNumber === null ? [] : [makeExtension(RESIDENT_ID_NUMBER, subject.identityNumber, { critical: false })]),
  ];
}

function checkIdentity({ unifiedSocialCreditCode, identityNumber }: CertificateSubject): void {
  if (unifiedSocialCreditCode !== null) {
    const answer = checkUnifiedSocialCreditCode(unifiedSocialCreditCode);
    if (!answer.valid) throw new AppError('ACCOUNT_SUBJECT_INVALID', { field: 'unifiedSocialCreditCode', reason: answer.reason });
  }
  if (identityNumber !== null) {
    const answer = checkResidentIdNumber(identityNumber);
    if (!answer.valid) throw new AppError('ACCOUNT_SUBJECT_INVALID', { field: 'identityNumber', reason: answer.reason });
  }
}
