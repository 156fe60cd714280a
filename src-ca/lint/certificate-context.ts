/** What certificate rules look at. */
import type { Certificate } from '#shared/x509/certificate.ts';
import type { CertificateProfile } from '../authority/certificate-profile.ts';
import type { LintRule } from './lint-rule.ts';

export interface CertificateLintContext {
  /** Parsed again from the octets that would be signed. */
  readonly certificate: Certificate;
  readonly profile: CertificateProfile;
  /** The certificate whose key will sign; the certificate itself for a root. */
  readonly issuer: Certificate;
  /** The other certificate of a dual pair. */
  readonly sibling: Certificate | null;
}

export type CertificateRule = LintRule<CertificateLintContext>;

export const always = (): boolean => true;
