/**
 * Certificate policies, RFC 5280 §4.2.1.4. Of qualifiers we write and read the address of the practice statement; others are skipped.
 * `SEQUENCE OF PolicyInformation ::= SEQUENCE { policyIdentifier OBJECT IDENTIFIER, policyQualifiers SEQUENCE OF { policyQualifierId, qualifier } OPTIONAL }`
 */
import { DerReader } from '../../asn1/der-reader.ts';
import { derIa5String, derOid, derSequence } from '../../asn1/der-writer.ts';
import { OIDS } from '../../asn1/oids.ts';
import { TAG } from '../../asn1/tags.ts';
import type { ExtensionCodec } from '../extension.ts';

export interface CertificatePolicy {
  readonly oid: string;
  readonly practiceStatementUri: string | null;
}

export const CERTIFICATE_POLICIES: ExtensionCodec<readonly CertificatePolicy[]> = {
  oid: OIDS.certificatePolicies,
  name: 'certificatePolicies',
  read(valueDer) {
    const list = DerReader.open(valueDer).readSequence('certificatePolicies');
    const policies: CertificatePolicy[] = [];
    do {
      const policy = list.readSequence('policy');
      const oid = policy.readOid('policy');
      const practiceStatementUri = policy.atEnd ? null : readPracticeStatement(policy.readSequence('policy qualifiers'));
      policy.end('policy');
      policies.push({ oid, practiceStatementUri });
    } while (!list.atEnd);
    return policies;
  },
  write: (policies) =>
    derSequence(...policies.map(({ oid, practiceStatementUri }) => derSequence(derOid(oid), ...(practiceStatementUri === null ? [] : [derSequence(derSequence(derOid(OIDS.qualifierCps), derIa5String(practiceStatementUri)))])))),
};

function readPracticeStatement(qualifiers: DerReader): string | null {
  let uri: string | null = null;
  do {
    const qualifier = qualifiers.readSequence('policy qualifier');
    const id = qualifier.readOid('policy qualifier');
    if (id === OIDS.qualifierCps && qualifier.peekTag() === TAG.IA5_STRING) uri ??= qualifier.readString('practice statement').text;
    else qualifier.readAny('policy qualifier');
    qualifier.end('policy qualifier');
  } while (!qualifiers.atEnd);
  return uri;
}
