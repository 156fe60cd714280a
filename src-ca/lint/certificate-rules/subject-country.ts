/** The subject begins with exactly one country, CN, in PrintableString. */
import { OIDS } from '#shared/asn1/oids.ts';
import { TAG } from '#shared/asn1/tags.ts';
import { always, type CertificateRule } from '../certificate-context.ts';

export const subjectCountry: CertificateRule = {
  id: 'subject-country',
  clause: 'GM/T 0015; RFC 5280 Appendix A (X520countryName)',
  effectiveDate: '2012-07-01',
  applies: always,
  check: ({ certificate: { subject } }) => {
    const countries = subject.relativeNames.flat().filter((attribute) => attribute.oid === OIDS.countryName);
    const first = subject.relativeNames[0]?.[0];
    return countries.length === 1 && first === countries[0] && first?.text === 'CN' && first.valueTag === TAG.PRINTABLE_STRING ? null : 'country is not first, not CN or not a PrintableString';
  },
};
