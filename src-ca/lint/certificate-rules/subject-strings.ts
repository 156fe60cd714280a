/** Directory strings of the subject are UTF8String; lengths keep the upper bounds. */
import { TAG } from '#shared/asn1/tags.ts';
import { NAME_ATTRIBUTES } from '#shared/x509/name.ts';
import { always, type CertificateRule } from '../certificate-context.ts';

const TAGS = { utf8: TAG.UTF8_STRING, printable: TAG.PRINTABLE_STRING, ia5: TAG.IA5_STRING } as const;
const ROWS = Object.values(NAME_ATTRIBUTES);

export const subjectStrings: CertificateRule = {
  id: 'subject-strings',
  clause: 'RFC 5280 §4.1.2.4 (UTF8String), Appendix A (upper bounds)',
  effectiveDate: '2008-05-01',
  applies: always,
  check: ({ certificate: { subject } }) => {
    for (const attribute of subject.relativeNames.flat()) {
      const row = ROWS.find((one) => one.oid === attribute.oid);
      if (!row) return 'attribute that no profile has';
      if (attribute.valueTag !== TAGS[row.string]) return `${row.keyword} has the wrong string type`;
      const length = [...(attribute.text ?? '')].length;
      if (length === 0 || length > row.maxLength) return `${row.keyword} is empty or too long`;
    }
    return null;
  },
};
