/** Signing with a key of the CA: lint first, sign, verify before the result leaves. */
import { AppError } from '#shared/errors/app-error.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { parseCertificate, signCertificate, type Certificate } from '#shared/x509/certificate.ts';
import { parseCertificateRevocationList, signCertificateRevocationList, type CrlContent } from '#shared/x509/certificate-revocation-list.ts';
import { verifySigned, type SignedStructure } from '#shared/x509/signed-structure.ts';
import { lintCertificates, lintCrl, type CertificateDraft } from '../lint/lint-before-signing.ts';
import type { Signer } from './authority-port.ts';

export interface SigningMeans {
  readonly signer: Signer;
  /** Of the lints; its key is forgotten. */
  readonly throwAway: Signer;
  readonly crypto: CryptoPort;
}

/**
 * Signs certificates that belong together.
 * @param issuer null for a root, which signs itself
 * @throws CERTIFICATE_LINT (nothing was signed), SIGNER_FAILED
 */
export async function signCertificates(drafts: readonly CertificateDraft[], issuer: Certificate | null, means: SigningMeans): Promise<Certificate[]> {
  await lintCertificates(drafts, issuer, means.throwAway);
  return Promise.all(drafts.map(async ({ content }) => {
    const certificate = parseCertificate(await signCertificate(content, (message) => means.signer.sign(message)));
    await checkOwnSignature(certificate, means);
    return certificate;
  }));
}

/** @throws CRL_LINT (nothing was signed), SIGNER_FAILED */
export async function signCrlChecked(content: CrlContent, issuer: Certificate, means: SigningMeans): Promise<Uint8Array> {
  await lintCrl(content, issuer, means.throwAway);
  const crl = parseCertificateRevocationList(await signCertificateRevocationList(content, (message) => means.signer.sign(message)));
  await checkOwnSignature(crl, means);
  return crl.der;
}

/** A wrong RSA-CRT signature gives the private key away (Boneh, DeMillo, Lipton 1997), so none leaves unverified. */
async function checkOwnSignature(structure: SignedStructure, { signer, crypto }: SigningMeans): Promise<void> {
  if (!(await verifySigned(structure, signer.publicKeySpkiDer, crypto))) throw new AppError('SIGNER_FAILED', { reason: 'signature does not verify', keyId: signer.keyId });
}
