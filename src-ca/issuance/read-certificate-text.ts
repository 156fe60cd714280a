/** What a person reads of a certificate that we issued. */
import { parseCertificate } from '#shared/x509/certificate.ts';
import { nameText } from '#shared/x509/name.ts';
import type { CertificateText } from './authorities.ts';

export function readCertificateText(certificateDer: Uint8Array): CertificateText {
  const { subject, issuer, notBefore, notAfter } = parseCertificate(certificateDer);
  return { subject: nameText(subject), issuer: nameText(issuer), notBefore: notBefore.date, notAfter: notAfter.date };
}
