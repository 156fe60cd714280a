/** The list of an SM2 issuer: SM2 with SM3 without parameters, inside and outside, and an SM2Signature in strict DER. */
import type { CrlRule } from '../crl-context.ts';
import { keyKindOf } from '../key-kind.ts';
import { sm2AlgorithmProblem, sm2SignatureProblem } from '../sm2-signature.ts';

export const crlSm2Signature: CrlRule = {
  id: 'crl-sm2-signature',
  clause: 'GM/T 0015; GM/T 0009 §7',
  effectiveDate: '2012-07-01',
  applies: ({ issuer }) => keyKindOf(issuer) === 'sm2',
  check: ({ crl }) => sm2AlgorithmProblem('inside', crl.tbsSignatureAlgorithm) ?? sm2AlgorithmProblem('outside', crl.signatureAlgorithm) ?? sm2SignatureProblem(crl.signature),
};
