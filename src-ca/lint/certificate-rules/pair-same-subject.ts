/** Both certificates of a pair name the same subject, the same identity, and the same validity. */
import { OIDS } from '#shared/asn1/oids.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import type { Certificate } from '#shared/x509/certificate.ts';
import type { CertificateRule } from '../certificate-context.ts';

const identityOf = (certificate: Certificate): string =>
  certificate.extensions.filter((one) => one.oid === OIDS.unifiedSocialCreditCode || one.oid === OIDS.residentIdNumber).map((one) => `${one.oid}=${one.valueDer.join('.')}`).join(' ');

export const pairSameSubject: CertificateRule = {
  id: 'pair-same-subject',
  clause: 'GM/T 0015 (dual certificates of one subject)',
  effectiveDate: '2012-07-01',
  applies: ({ sibling }) => sibling !== null,
  check: ({ certificate, sibling }) => {
    if (!sibling) return null;
    if (!equalBytes(certificate.subject.der, sibling.subject.der)) return 'subjects differ';
    if (identityOf(certificate) !== identityOf(sibling)) return 'identity numbers differ';
    const sameTime = certificate.notBefore.date.getTime() === sibling.notBefore.date.getTime() && certificate.notAfter.date.getTime() === sibling.notAfter.date.getTime();
    if (!sameTime) return 'validities differ';
    return certificate.serialHex === sibling.serialHex ? 'serial numbers are the same' : null;
  },
};
