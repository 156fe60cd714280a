/** UTCTime through 2049, GeneralizedTime from 2050. */
import type { DerTime } from '#shared/asn1/der-values.ts';
import { always, type CertificateRule } from '../certificate-context.ts';

const wrongForm = (time: DerTime): boolean => (time.form === 'utc') !== (time.date.getUTCFullYear() < 2050);

export const validityForm: CertificateRule = {
  id: 'validity-form',
  clause: 'RFC 5280 §4.1.2.5',
  effectiveDate: '2008-05-01',
  applies: always,
  check: ({ certificate }) => (wrongForm(certificate.notBefore) || wrongForm(certificate.notAfter) ? 'GeneralizedTime before 2050' : null),
};
