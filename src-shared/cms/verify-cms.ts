/** Verifies the signatures of CMS SignedData. Whether a signer's certificate is trusted is another question: x509/validate-path. Pure. */
import type { CryptoPort } from '../crypto/crypto-port.ts';
import { SIGN_ALGORITHMS, type SignAlgorithmId } from '../crypto/algorithms.ts';
import { equalBytes } from '../bytes/byte-strings.ts';
import { AppError } from '../errors/app-error.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { parsePublicKeyInfo } from '../x509/public-key-info.ts';
import { refersTo } from './certificate-reference.ts';
import { CMS_FAMILIES, type CmsFamily } from './content-types.ts';
import type { CmsDigestId } from './signature-identifiers.ts';
import { readSignedData, type SignedData, type SignerInfo } from './signed-data.ts';

export type SignerVerdict =
  | { readonly valid: true; readonly certificateDer: Uint8Array; readonly algorithm: SignAlgorithmId; readonly signingTime: Date | null }
  | { readonly valid: false; readonly reason: 'CERTIFICATE_MISSING' | 'KEY_KIND' | 'CONTENT_TYPE' | 'DIGEST' | 'SIGNATURE' };

export interface CmsVerdict {
  readonly family: CmsFamily;
  /** The content inside; null when detached. */
  readonly content: Uint8Array | null;
  readonly certificates: readonly Uint8Array[];
  /** One for each signer, in the order of the message; never empty. */
  readonly signers: readonly SignerVerdict[];
}

export interface CmsToVerify {
  readonly der: Uint8Array;
  /** For detached messages: the content, or its digests. Must be null when the content is inside. */
  readonly detached: { readonly bytes: Uint8Array } | { readonly digests: Readonly<Partial<Record<CmsDigestId, Uint8Array>>> } | null;
  /** Certificates known besides those of the message. */
  readonly knownCertificates?: readonly Uint8Array[];
  /** Type of the content where it is not data. */
  readonly contentOid?: string;
}

/** @throws DER_MALFORMED, CMS_MALFORMED, ALGORITHM_UNSUPPORTED, CERTIFICATE_MALFORMED, KEY_INVALID */
export async function verifyCms(message: CmsToVerify, crypto: Pick<CryptoPort, 'digest' | 'verify'>): Promise<CmsVerdict> {
  const data = readSignedData(message.der, message.contentOid ?? null);
  // Both or none: a reader that shows one and verifies the other is how signatures are moved to foreign content.
  if ((data.content === null) === (message.detached === null)) throw new AppError('CMS_MALFORMED', { reason: data.content ? 'content is inside, none may be given' : 'content is detached and not given' });
  const certificates = [...data.certificates, ...(message.knownCertificates ?? [])];
  const signers: SignerVerdict[] = [];
  for (const signer of data.signers) signers.push(await verifySigner(signer, data, message, certificates, crypto));
  return { family: data.family, content: data.content, certificates: data.certificates, signers };
}

async function verifySigner(signer: SignerInfo, data: SignedData, message: CmsToVerify, certificates: readonly Uint8Array[], crypto: Pick<CryptoPort, 'digest' | 'verify'>): Promise<SignerVerdict> {
  const certificateDer = certificates.find((der) => refersTo(signer.signer, der));
  if (!certificateDer) return { valid: false, reason: 'CERTIFICATE_MISSING' };
  const { publicKeySpkiDer } = parseCertificate(certificateDer);
  if (parsePublicKeyInfo(publicKeySpkiDer).kind !== SIGN_ALGORITHMS[signer.algorithm].keyKind) return { valid: false, reason: 'KEY_KIND' };
  const signed = signedOctets(signer, data, message, crypto);
  if (typeof signed === 'string') return { valid: false, reason: signed };
  if (!(await crypto.verify(signer.algorithm, publicKeySpkiDer, signed, signer.signature))) return { valid: false, reason: 'SIGNATURE' };
  return { valid: true, certificateDer, algorithm: signer.algorithm, signingTime: signer.signedAttributes?.signingTime ?? null };
}

/** The octets under the signature, once they are known to stand for the content. */
function signedOctets(signer: SignerInfo, data: SignedData, message: CmsToVerify, crypto: Pick<CryptoPort, 'digest'>): Uint8Array | 'CONTENT_TYPE' | 'DIGEST' {
  const bytes = data.content ?? (message.detached && 'bytes' in message.detached ? message.detached.bytes : null);
  // Without attributes only the content itself can be verified, not a digest of it.
  if (!signer.signedAttributes || !signer.signedAttributesDer) return bytes ?? 'DIGEST';
  if (signer.signedAttributes.contentTypeOid !== (message.contentOid ?? CMS_FAMILIES[data.family].data)) return 'CONTENT_TYPE';
  const given = message.detached && 'digests' in message.detached ? message.detached.digests[signer.digest] : undefined;
  const digest = bytes ? crypto.digest(signer.digest, bytes) : given;
  return digest && equalBytes(digest, signer.signedAttributes.messageDigest) ? signer.signedAttributesDer : 'DIGEST';
}
