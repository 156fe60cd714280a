/** A subject's key is not the issuer's, and the two keys of a pair are two. */
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import type { CertificateRule } from '../certificate-context.ts';

export const keyOfItsOwn: CertificateRule = {
  id: 'key-of-its-own',
  clause: 'GM/T 0015 (dual certificates: two key pairs); RFC 5280 §3.2',
  effectiveDate: '2012-07-01',
  applies: ({ profile }) => profile.issuedBy !== 'itself',
  check: ({ certificate, issuer, sibling }) => {
    if (equalBytes(certificate.publicKeySpkiDer, issuer.publicKeySpkiDer)) return 'key of the issuer';
    return sibling && equalBytes(certificate.publicKeySpkiDer, sibling.publicKeySpkiDer) ? 'both certificates of the pair have one key' : null;
  },
};
