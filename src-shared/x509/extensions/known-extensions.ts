/** The extensions that we understand, by where they may stand. A critical extension outside its list makes a structure unusable (RFC 5280 §4.2, §5.2, §5.3). */
import type { Extension, ExtensionCodec } from '../extension.ts';
import { AUTHORITY_INFO_ACCESS } from './authority-info-access.ts';
import { AUTHORITY_KEY_IDENTIFIER } from './authority-key-identifier.ts';
import { BASIC_CONSTRAINTS } from './basic-constraints.ts';
import { CERTIFICATE_POLICIES } from './certificate-policies.ts';
import { CRL_DISTRIBUTION_POINTS } from './crl-distribution-points.ts';
import { CRL_NUMBER } from './crl-number.ts';
import { EXT_KEY_USAGE } from './ext-key-usage.ts';
import { KEY_USAGE } from './key-usage.ts';
import { REASON_CODE } from './reason-code.ts';
import { RESIDENT_ID_NUMBER, UNIFIED_SOCIAL_CREDIT_CODE } from './subject-identity.ts';
import { SUBJECT_KEY_IDENTIFIER } from './subject-key-identifier.ts';

type KnownExtension = Pick<ExtensionCodec<unknown>, 'oid' | 'name' | 'read'>;

export const CERTIFICATE_EXTENSIONS: readonly KnownExtension[] = [
  BASIC_CONSTRAINTS, KEY_USAGE, EXT_KEY_USAGE, SUBJECT_KEY_IDENTIFIER, AUTHORITY_KEY_IDENTIFIER, CRL_DISTRIBUTION_POINTS, AUTHORITY_INFO_ACCESS, CERTIFICATE_POLICIES, RESIDENT_ID_NUMBER, UNIFIED_SOCIAL_CREDIT_CODE,
];
export const CRL_EXTENSIONS: readonly KnownExtension[] = [AUTHORITY_KEY_IDENTIFIER, CRL_NUMBER];
export const CRL_ENTRY_EXTENSIONS: readonly KnownExtension[] = [REASON_CODE];

/** @returns the first critical extension that is not in the list; null when all are understood */
export function findUnknownCritical(extensions: readonly Extension[], known: readonly KnownExtension[]): Extension | null {
  return extensions.find((one) => one.critical && !known.some((codec) => codec.oid === one.oid)) ?? null;
}
