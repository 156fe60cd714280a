/** The signature algorithm is in our table, with its exact parameters, and is one of the issuer's kind of key. */
import { SIGN_ALGORITHMS } from '#shared/crypto/algorithms.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { signAlgorithmOf } from '#shared/x509/algorithm-identifier.ts';
import type { CrlRule } from '../crl-context.ts';
import { keyKindOf } from '../key-kind.ts';

export const crlSignatureAlgorithmOfIssuer: CrlRule = {
  id: 'crl-signature-algorithm-of-issuer',
  clause: 'RFC 4055 §5; GM/T 0015',
  effectiveDate: '2012-07-01',
  applies: () => true,
  check: ({ crl, issuer }) => {
    try {
      return keyKindOf(issuer) === SIGN_ALGORITHMS[signAlgorithmOf(crl.tbsSignatureAlgorithm)].keyKind ? null : 'not an algorithm of the issuer’s key';
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === 'ALGORITHM_UNSUPPORTED') return 'algorithm is not in the table';
      throw thrown;
    }
  },
};
