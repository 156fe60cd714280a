/** Not longer than the profile allows. */
import { always, type CertificateRule } from '../certificate-context.ts';

export const validityPeriod: CertificateRule = {
  id: 'validity-period',
  clause: 'certificate profile, maxYears',
  effectiveDate: '2026-01-01',
  applies: always,
  check: ({ certificate, profile }) => {
    const latest = new Date(certificate.notBefore.date);
    latest.setUTCFullYear(latest.getUTCFullYear() + profile.maxYears);
    return certificate.notAfter.date <= latest ? null : 'longer than the profile allows';
  },
};
