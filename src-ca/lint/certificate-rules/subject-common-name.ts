/** Exactly one common name. */
import { OIDS } from '#shared/asn1/oids.ts';
import { always, type CertificateRule } from '../certificate-context.ts';

export const subjectCommonName: CertificateRule = {
  id: 'subject-common-name',
  clause: 'GM/T 0015',
  effectiveDate: '2012-07-01',
  applies: always,
  check: ({ certificate: { subject } }) => (subject.relativeNames.flat().filter((attribute) => attribute.oid === OIDS.commonName).length === 1 ? null : 'not exactly one common name'),
};
