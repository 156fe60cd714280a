/** Extensions of a certificate by its profile, in one fixed order. */
import type { Extension } from '#shared/x509/extension.ts';
import { makeExtension } from '#shared/x509/extension.ts';
import { AUTHORITY_INFO_ACCESS } from '#shared/x509/extensions/authority-info-access.ts';
import { AUTHORITY_KEY_IDENTIFIER } from '#shared/x509/extensions/authority-key-identifier.ts';
import { BASIC_CONSTRAINTS } from '#shared/x509/extensions/basic-constraints.ts';
import { CERTIFICATE_POLICIES } from '#shared/x509/extensions/certificate-policies.ts';
import { CRL_DISTRIBUTION_POINTS } from '#shared/x509/extensions/crl-distribution-points.ts';
import { EXT_KEY_USAGE } from '#shared/x509/extensions/ext-key-usage.ts';
import { KEY_USAGE } from '#shared/x509/extensions/key-usage.ts';
import { SUBJECT_KEY_IDENTIFIER } from '#shared/x509/extensions/subject-key-identifier.ts';
import { keyIdentifierOf, parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import type { CertificateProfile } from './certificate-profile.ts';

/** Where a certificate says that things can be fetched. */
export interface ProfileAddresses {
  readonly crl: string;
  readonly issuerCertificate: string;
  readonly practiceStatement: string | null;
}

export interface ExtensionSources {
  readonly publicKeySpkiDer: Uint8Array;
  readonly issuerPublicKeySpkiDer: Uint8Array;
  readonly addresses: ProfileAddresses;
  /** Identity extensions of the subject; used only when the profile has them. */
  readonly identity: readonly Extension[];
}

export function profileExtensions(profile: CertificateProfile, sources: ExtensionSources): Extension[] {
  const { publicKeySpkiDer, issuerPublicKeySpkiDer, addresses } = sources;
  const usage = parsePublicKeyInfo(publicKeySpkiDer).kind === 'sm2' ? profile.keyUsage.sm2 : profile.keyUsage.rsa;
  return [
    makeExtension(BASIC_CONSTRAINTS, profile.basicConstraints, { critical: profile.basicConstraints.ca }),
    makeExtension(KEY_USAGE, usage, { critical: true }),
    ...(profile.extKeyUsage.length > 0 ? [makeExtension(EXT_KEY_USAGE, profile.extKeyUsage, { critical: false })] : []),
    makeExtension(SUBJECT_KEY_IDENTIFIER, keyIdentifierOf(publicKeySpkiDer), { critical: false }),
    makeExtension(AUTHORITY_KEY_IDENTIFIER, { keyIdentifier: keyIdentifierOf(issuerPublicKeySpkiDer) }, { critical: false }),
    ...(profile.policies.length > 0 ? [makeExtension(CERTIFICATE_POLICIES, profile.policies.map((oid) => ({ oid, practiceStatementUri: addresses.practiceStatement })), { critical: false })] : []),
    ...(profile.crlDistributionPoints ? [makeExtension(CRL_DISTRIBUTION_POINTS, [addresses.crl], { critical: false })] : []),
    ...(profile.authorityInfoAccess ? [makeExtension(AUTHORITY_INFO_ACCESS, { caIssuers: [addresses.issuerCertificate], ocsp: [] }, { critical: false })] : []),
    ...(profile.subjectIdentity ? sources.identity : []),
  ];
}
