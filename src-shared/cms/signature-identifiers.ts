/**
 * Identifiers of digests and signatures in CMS. Written in one form; read in all forms that national products write, since they do
 * not agree (GmSSL .501, gmsm .301.1, others the curve itself). Pure.
 */
import { derNull } from '../asn1/der-writer.ts';
import { OIDS } from '../asn1/oids.ts';
import { SIGN_ALGORITHMS, type SignAlgorithmId } from '../crypto/algorithms.ts';
import type { DigestId } from '../crypto/digests.ts';
import { AppError } from '../errors/app-error.ts';
import { writeAlgorithmIdentifier, type AlgorithmIdentifier } from '../x509/algorithm-identifier.ts';

export const DIGEST_OIDS = { 'sha-256': OIDS.sha256, 'sha-384': OIDS.sha384, 'sha-512': OIDS.sha512, sm3: OIDS.sm3 } as const satisfies Partial<Record<DigestId, string>>;
export type CmsDigestId = keyof typeof DIGEST_OIDS;

/** Signature identifiers that stand for RSASSA-PKCS1-v1_5 or SM2, whatever the digest (RFC 3370 §3.2; GM/T 0009). */
const KEY_KIND_OIDS: Readonly<Record<string, 'rsa' | 'sm2'>> = {
  [OIDS.rsaEncryption]: 'rsa',
  [OIDS.sm2SignWithSm3]: 'sm2',
  [OIDS.sm2Sign]: 'sm2',
  [OIDS.curveSm2]: 'sm2',
};

/** Without parameters: RFC 5754 §2 for SHA-2, and what GmSSL wants for SM3. */
export const writeDigestAlgorithm = (digest: CmsDigestId): Uint8Array => writeAlgorithmIdentifier(DIGEST_OIDS[digest], null);

/** @throws ALGORITHM_UNSUPPORTED, also for SHA-1 and MD5 */
export function digestOf(identifier: AlgorithmIdentifier): CmsDigestId {
  const found = (Object.keys(DIGEST_OIDS) as CmsDigestId[]).find((id) => DIGEST_OIDS[id] === identifier.oid);
  if (!found || !hasNoParameters(identifier)) throw new AppError('ALGORITHM_UNSUPPORTED', { oid: identifier.oid });
  return found;
}

/** RSA is written as rsaEncryption (RFC 3370 §3.2: every reader must know it), SM2 as SM2-with-SM3. */
export function writeSignatureAlgorithm(algorithm: SignAlgorithmId): Uint8Array {
  return SIGN_ALGORITHMS[algorithm].keyKind === 'rsa' ? writeAlgorithmIdentifier(OIDS.rsaEncryption, derNull()) : writeAlgorithmIdentifier(OIDS.sm2SignWithSm3, null);
}

/** The row for a signature identifier beside a digest. @throws ALGORITHM_UNSUPPORTED when they do not go together */
export function signatureAlgorithmOf(identifier: AlgorithmIdentifier, digest: CmsDigestId): SignAlgorithmId {
  const rows = Object.keys(SIGN_ALGORITHMS) as SignAlgorithmId[];
  const keyKind = KEY_KIND_OIDS[identifier.oid];
  const found = rows.find((id) => {
    const row = SIGN_ALGORITHMS[id];
    return row.digest === digest && (row.oid === identifier.oid || row.keyKind === keyKind);
  });
  if (!found || !hasNoParameters(identifier)) throw new AppError('ALGORITHM_UNSUPPORTED', { oid: identifier.oid, digest });
  return found;
}

export function hasNoParameters(identifier: AlgorithmIdentifier): boolean {
  return identifier.parametersDer === null || (identifier.parametersDer.length === 2 && identifier.parametersDer[0] === 0x05);
}
