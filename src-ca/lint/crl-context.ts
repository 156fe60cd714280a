/** What CRL rules look at. */
import type { Certificate } from '#shared/x509/certificate.ts';
import type { CertificateRevocationList } from '#shared/x509/certificate-revocation-list.ts';
import type { LintRule } from './lint-rule.ts';

export interface CrlLintContext {
  /** Parsed again from the octets that would be signed. */
  readonly crl: CertificateRevocationList;
  readonly issuer: Certificate;
}

export type CrlRule = LintRule<CrlLintContext>;
