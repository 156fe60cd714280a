/** The signature of an SM2 issuer is SM2Signature in strict DER, r and s in range. Whether it verifies is not asked here: before signing it is a throw-away key's. */
import type { CertificateRule } from '../certificate-context.ts';
import { keyKindOf } from '../key-kind.ts';
import { sm2SignatureProblem } from '../sm2-signature.ts';

export const sm2SignatureValue: CertificateRule = {
  id: 'sm2-signature-value',
  clause: 'GM/T 0009 §7; GB/T 32918.2 §7.1 (B1, B2)',
  effectiveDate: '2012-07-01',
  applies: ({ issuer }) => keyKindOf(issuer) === 'sm2',
  check: ({ certificate }) => sm2SignatureProblem(certificate.signature),
};
