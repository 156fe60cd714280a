/** CRL number, RFC 5280 §5.2.3. `CRLNumber ::= INTEGER (0..MAX)`, at most 20 octets. */
import { DerReader } from '../../asn1/der-reader.ts';
import { derInteger } from '../../asn1/der-writer.ts';
import { OIDS } from '../../asn1/oids.ts';
import { AppError } from '../../errors/app-error.ts';
import type { ExtensionCodec } from '../extension.ts';

export const CRL_NUMBER: ExtensionCodec<bigint> = {
  oid: OIDS.crlNumber,
  name: 'cRLNumber',
  read(valueDer) {
    const number = DerReader.open(valueDer).readInteger('cRLNumber');
    if (number < 0n || number >= 1n << 159n) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'number out of range', extension: 'cRLNumber' });
    return number;
  },
  write: derInteger,
};
