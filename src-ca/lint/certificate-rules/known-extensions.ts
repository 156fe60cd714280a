/** Nothing that we do not understand, critical or not: we would vouch for it. */
import { CERTIFICATE_EXTENSIONS, findUnknownCritical } from '#shared/x509/extensions/known-extensions.ts';
import { always, type CertificateRule } from '../certificate-context.ts';

export const knownExtensions: CertificateRule = {
  id: 'known-extensions',
  clause: 'RFC 5280 §4.2',
  effectiveDate: '2008-05-01',
  applies: always,
  check: ({ certificate }) => {
    if (findUnknownCritical(certificate.extensions, CERTIFICATE_EXTENSIONS)) return 'unknown critical extension';
    return certificate.extensions.every((one) => CERTIFICATE_EXTENSIONS.some((codec) => codec.oid === one.oid)) ? null : 'unknown extension';
  },
};
