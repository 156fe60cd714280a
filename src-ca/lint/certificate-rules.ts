/** Every rule for certificates, by name. */
import type { CertificateRule } from './certificate-context.ts';
import { authorityInfoAccess } from './certificate-rules/authority-info-access.ts';
import { authorityKeyIdentifier } from './certificate-rules/authority-key-identifier.ts';
import { basicConstraints } from './certificate-rules/basic-constraints.ts';
import { certificatePolicies } from './certificate-rules/certificate-policies.ts';
import { crlDistributionPoints } from './certificate-rules/crl-distribution-points.ts';
import { dualKeyUsage } from './certificate-rules/dual-key-usage.ts';
import { extKeyUsage } from './certificate-rules/ext-key-usage.ts';
import { issuerName } from './certificate-rules/issuer-name.ts';
import { keyOfItsOwn } from './certificate-rules/key-of-its-own.ts';
import { keyStrength } from './certificate-rules/key-strength.ts';
import { keyUsage } from './certificate-rules/key-usage.ts';
import { keyUsagesApart } from './certificate-rules/key-usages-apart.ts';
import { knownExtensions } from './certificate-rules/known-extensions.ts';
import { oneKeyFamily } from './certificate-rules/one-key-family.ts';
import { pairSameSubject } from './certificate-rules/pair-same-subject.ts';
import { residentIdNumber } from './certificate-rules/resident-id-number.ts';
import { serialNumber } from './certificate-rules/serial-number.ts';
import { signatureAlgorithmOfIssuer } from './certificate-rules/signature-algorithm-of-issuer.ts';
import { signatureAlgorithmSame } from './certificate-rules/signature-algorithm-same.ts';
import { sm2PublicKey } from './certificate-rules/sm2-public-key.ts';
import { sm2SignatureAlgorithm } from './certificate-rules/sm2-signature-algorithm.ts';
import { sm2SignatureValue } from './certificate-rules/sm2-signature-value.ts';
import { subjectCommonName } from './certificate-rules/subject-common-name.ts';
import { subjectCountry } from './certificate-rules/subject-country.ts';
import { subjectKeyIdentifier } from './certificate-rules/subject-key-identifier.ts';
import { subjectStrings } from './certificate-rules/subject-strings.ts';
import { unifiedSocialCreditCode } from './certificate-rules/unified-social-credit-code.ts';
import { validityForm } from './certificate-rules/validity-form.ts';
import { validityInsideIssuer } from './certificate-rules/validity-inside-issuer.ts';
import { validityOrder } from './certificate-rules/validity-order.ts';
import { validityPeriod } from './certificate-rules/validity-period.ts';
import { version } from './certificate-rules/version.ts';

export const CERTIFICATE_RULES: readonly CertificateRule[] = [
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  crlDistributionPoints,
  dualKeyUsage,
  extKeyUsage,
  issuerName,
  keyOfItsOwn,
  keyStrength,
  keyUsage,
  keyUsagesApart,
  knownExtensions,
  oneKeyFamily,
  pairSameSubject,
  residentIdNumber,
  serialNumber,
  signatureAlgorithmOfIssuer,
  signatureAlgorithmSame,
  sm2PublicKey,
  sm2SignatureAlgorithm,
  sm2SignatureValue,
  subjectCommonName,
  subjectCountry,
  subjectKeyIdentifier,
  subjectStrings,
  unifiedSocialCreditCode,
  validityForm,
  validityInsideIssuer,
  validityOrder,
  validityPeriod,
  version,
];
