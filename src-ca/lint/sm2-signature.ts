/** What can be wrong with the signature of an SM2 issuer without its key: shared by the rules of certificates and of lists. */
import { OIDS } from '#shared/asn1/oids.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { bytesToScalar, SM2_CURVE } from '#shared/sm/sm2-curve.ts';
import { readSm2Signature } from '#shared/sm/sm2-der.ts';
import type { AlgorithmIdentifier } from '#shared/x509/algorithm-identifier.ts';

export function sm2AlgorithmProblem(place: 'inside' | 'outside', algorithm: AlgorithmIdentifier): string | null {
  if (algorithm.oid !== OIDS.sm2SignWithSm3) return `algorithm ${place} is not SM2 with SM3`;
  return algorithm.parametersDer === null ? null : `algorithm ${place} has parameters`;
}

export function sm2SignatureProblem(signatureDer: Uint8Array): string | null {
  try {
    const raw = readSm2Signature(signatureDer);
    const inRange = [raw.subarray(0, 32), raw.subarray(32)].map(bytesToScalar).every((value) => value >= 1n && value < SM2_CURVE.n);
    return inRange ? null : 'r or s out of range';
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'DER_MALFORMED') return 'not SM2Signature in strict DER';
    throw thrown;
  }
}
