/** An SM2 issuer signs with SM3: 1.2.156.10197.1.501 without parameters, inside the signed part and outside. */
import type { CertificateRule } from '../certificate-context.ts';
import { keyKindOf } from '../key-kind.ts';
import { sm2AlgorithmProblem } from '../sm2-signature.ts';

export const sm2SignatureAlgorithm: CertificateRule = {
  id: 'sm2-signature-algorithm',
  clause: 'GM/T 0015; GM/T 0006',
  effectiveDate: '2012-07-01',
  applies: ({ issuer }) => keyKindOf(issuer) === 'sm2',
  check: ({ certificate }) => sm2AlgorithmProblem('inside', certificate.tbsSignatureAlgorithm) ?? sm2AlgorithmProblem('outside', certificate.signatureAlgorithm),
};
