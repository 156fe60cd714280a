/** A hierarchy is of one kind: an SM2 key is certified by an SM2 key, an RSA key by an RSA key, so that whoever can check one link can check all. */
import { parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { always, type CertificateRule } from '../certificate-context.ts';
import { keyKindOf } from '../key-kind.ts';

export const oneKeyFamily: CertificateRule = {
  id: 'one-key-family',
  clause: 'GM/T 0015; GM/T 0034 (SM2 certificate systems)',
  effectiveDate: '2012-07-01',
  applies: always,
  check: ({ certificate, issuer }) => (parsePublicKeyInfo(certificate.publicKeySpkiDer).kind === keyKindOf(issuer) ? null : 'key and issuer are of different kinds'),
};
