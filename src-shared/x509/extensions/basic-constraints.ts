/** Basic constraints, RFC 5280 §4.2.1.9. `BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER (0..MAX) OPTIONAL }` */
import { DerReader } from '../../asn1/der-reader.ts';
import { derBoolean, derInteger, derSequence } from '../../asn1/der-writer.ts';
import { OIDS } from '../../asn1/oids.ts';
import { TAG } from '../../asn1/tags.ts';
import { AppError } from '../../errors/app-error.ts';
import type { ExtensionCodec } from '../extension.ts';

export interface BasicConstraints {
  readonly ca: boolean;
  /** How many CA certificates may follow; null is without limit. */
  readonly pathLength: number | null;
}

export const BASIC_CONSTRAINTS: ExtensionCodec<BasicConstraints> = {
  oid: OIDS.basicConstraints,
  name: 'basicConstraints',
  read(valueDer) {
    const sequence = DerReader.open(valueDer).readSequence('basicConstraints');
    const explicit = sequence.peekTag() === TAG.BOOLEAN;
    const ca = explicit && sequence.readBoolean('cA');
    // DER leaves out what equals the default (X.690 §11.5).
    if (explicit && !ca) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'default value is written', extension: 'basicConstraints' });
    const pathLength = sequence.atEnd ? null : sequence.readSmallInteger('pathLenConstraint', 0, 255);
    sequence.end('basicConstraints');
    if (pathLength !== null && !ca) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'path length without cA', extension: 'basicConstraints' });
    return { ca, pathLength };
  },
  write: ({ ca, pathLength }) => derSequence(...(ca ? [derBoolean(true)] : []), ...(pathLength === null ? [] : [derInteger(pathLength)])),
};
