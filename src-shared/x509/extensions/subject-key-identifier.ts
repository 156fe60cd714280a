/** Subject key identifier, RFC 5280 §4.2.1.2. `SubjectKeyIdentifier ::= OCTET STRING` */
import { DerReader } from '../../asn1/der-reader.ts';
import { derOctetString } from '../../asn1/der-writer.ts';
import { OIDS } from '../../asn1/oids.ts';
import type { ExtensionCodec } from '../extension.ts';

export const SUBJECT_KEY_IDENTIFIER: ExtensionCodec<Uint8Array> = {
  oid: OIDS.subjectKeyIdentifier,
  name: 'subjectKeyIdentifier',
  read: (valueDer) => DerReader.open(valueDer).readOctetString('subjectKeyIdentifier'),
  write: derOctetString,
};
