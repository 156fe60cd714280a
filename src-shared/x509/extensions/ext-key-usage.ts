/** Extended key usage, RFC 5280 §4.2.1.12. `ExtKeyUsageSyntax ::= SEQUENCE SIZE (1..MAX) OF OBJECT IDENTIFIER` */
import { DerReader } from '../../asn1/der-reader.ts';
import { derOid, derSequence } from '../../asn1/der-writer.ts';
import { OIDS } from '../../asn1/oids.ts';
import type { ExtensionCodec } from '../extension.ts';

export const EXT_KEY_USAGE: ExtensionCodec<readonly string[]> = {
  oid: OIDS.extKeyUsage,
  name: 'extKeyUsage',
  read(valueDer) {
    const sequence = DerReader.open(valueDer).readSequence('extKeyUsage');
    const purposes: string[] = [];
    do purposes.push(sequence.readOid('purpose'));
    while (!sequence.atEnd);
    return purposes;
  },
  write: (purposes) => derSequence(...purposes.map(derOid)),
};
