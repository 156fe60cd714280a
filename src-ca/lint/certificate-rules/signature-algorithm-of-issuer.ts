/** The signature algorithm is in our table, with its exact parameters, and is one of the issuer's kind of key (SM2: 1.2.156.10197.1.501 without parameters). */
import { SIGN_ALGORITHMS } from '#shared/crypto/algorithms.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { signAlgorithmOf } from '#shared/x509/algorithm-identifier.ts';
import { parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { always, type CertificateRule } from '../certificate-context.ts';

export const signatureAlgorithmOfIssuer: CertificateRule = {
  id: 'signature-algorithm-of-issuer',
  clause: 'RFC 4055 §5; GM/T 0015',
  effectiveDate: '2012-07-01',
  applies: always,
  check: ({ certificate, issuer }) => {
    try {
      const row = SIGN_ALGORITHMS[signAlgorithmOf(certificate.tbsSignatureAlgorithm)];
      return parsePublicKeyInfo(issuer.publicKeySpkiDer).kind === row.keyKind ? null : 'not an algorithm of the issuer’s key';
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === 'ALGORITHM_UNSUPPORTED') return 'algorithm is not in the table';
      throw thrown;
    }
  },
};
