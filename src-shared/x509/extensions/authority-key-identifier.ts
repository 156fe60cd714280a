/**
 * Authority key identifier, RFC 5280 §4.2.1.1. We write the key identifier alone; issuer and serial, which must stand together, are read and not used.
 * `AuthorityKeyIdentifier ::= SEQUENCE { keyIdentifier [0] OCTET STRING OPTIONAL, authorityCertIssuer [1] GeneralNames OPTIONAL, authorityCertSerialNumber [2] INTEGER OPTIONAL }`
 */
import { DerReader } from '../../asn1/der-reader.ts';
import { derContextPrimitive, derSequence } from '../../asn1/der-writer.ts';
import { OIDS } from '../../asn1/oids.ts';
import { AppError } from '../../errors/app-error.ts';
import type { ExtensionCodec } from '../extension.ts';

export interface AuthorityKeyIdentifier {
  readonly keyIdentifier: Uint8Array | null;
}

export const AUTHORITY_KEY_IDENTIFIER: ExtensionCodec<AuthorityKeyIdentifier> = {
  oid: OIDS.authorityKeyIdentifier,
  name: 'authorityKeyIdentifier',
  read(valueDer) {
    const sequence = DerReader.open(valueDer).readSequence('authorityKeyIdentifier');
    const keyIdentifier = sequence.readOptionalContextPrimitive(0, 'keyIdentifier')?.content ?? null;
    const issuer = sequence.readOptionalContext(1, 'authorityCertIssuer');
    const serial = sequence.readOptionalContextPrimitive(2, 'authorityCertSerialNumber');
    sequence.end('authorityKeyIdentifier');
    if ((issuer === null) !== (serial === null)) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'issuer and serial must stand together', extension: 'authorityKeyIdentifier' });
    return { keyIdentifier };
  },
  write: ({ keyIdentifier }) => derSequence(...(keyIdentifier ? [derContextPrimitive(0, keyIdentifier)] : [])),
};
