/** Reason code of a CRL entry, RFC 5280 §5.3.1. `CRLReason ::= ENUMERATED`; `unspecified` is written by leaving the extension out. */
import { DerReader } from '../../asn1/der-reader.ts';
import { derEnumerated } from '../../asn1/der-writer.ts';
import { OIDS } from '../../asn1/oids.ts';
import { AppError } from '../../errors/app-error.ts';
import type { ExtensionCodec } from '../extension.ts';

export const REVOCATION_REASONS = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const;
export type RevocationReason = keyof typeof REVOCATION_REASONS;

export const isRevocationReason = (value: string): value is RevocationReason => Object.hasOwn(REVOCATION_REASONS, value);

export const REASON_CODE: ExtensionCodec<RevocationReason> = {
  oid: OIDS.reasonCode,
  name: 'cRLReason',
  read(valueDer) {
    const code = DerReader.open(valueDer).readEnumerated('cRLReason');
    const reason = (Object.keys(REVOCATION_REASONS) as RevocationReason[]).find((name) => REVOCATION_REASONS[name] === code);
    if (!reason) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'unknown code', extension: 'cRLReason' });
    return reason;
  },
  write: (reason) => derEnumerated(REVOCATION_REASONS[reason]),
};
