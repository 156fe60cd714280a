/** Authority information access, RFC 5280 §4.2.2.1. `SEQUENCE OF SEQUENCE { accessMethod OBJECT IDENTIFIER, accessLocation GeneralName }` */
import { DerReader } from '../../asn1/der-reader.ts';
import { derOid, derSequence } from '../../asn1/der-writer.ts';
import { OIDS } from '../../asn1/oids.ts';
import type { ExtensionCodec } from '../extension.ts';
import { readUri, writeUri } from './general-name.ts';

export interface AuthorityInfoAccess {
  /** Addresses of the issuer's certificate. */
  readonly caIssuers: readonly string[];
  readonly ocsp: readonly string[];
}

export const AUTHORITY_INFO_ACCESS: ExtensionCodec<AuthorityInfoAccess> = {
  oid: OIDS.authorityInfoAccess,
  name: 'authorityInfoAccess',
  read(valueDer) {
    const list = DerReader.open(valueDer).readSequence('authorityInfoAccess');
    const caIssuers: string[] = [];
    const ocsp: string[] = [];
    do {
      const access = list.readSequence('access description');
      const method = access.readOid('access method');
      const uri = readUri(access, 'access location');
      access.end('access description');
      if (uri === null) continue;
      if (method === OIDS.accessCaIssuers) caIssuers.push(uri);
      if (method === OIDS.accessOcsp) ocsp.push(uri);
    } while (!list.atEnd);
    return { caIssuers, ocsp };
  },
  write: ({ caIssuers, ocsp }) =>
    derSequence(...ocsp.map((uri) => derSequence(derOid(OIDS.accessOcsp), writeUri(uri))), ...caIssuers.map((uri) => derSequence(derOid(OIDS.accessCaIssuers), writeUri(uri)))),
};
