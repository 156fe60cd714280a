/** Signing with a key of the CA: lint first, sign, verify before the result leaves. */
import { inSlices } from '#shared/asn1/slices.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { parseCertificate, signCertificate, type Certificate } from '#shared/x509/certificate.ts';
import { buildTbsCertListInSlices, type CrlContent } from '#shared/x509/certificate-revocation-list.ts';
import { assembleSigned, verifySigned } from '#shared/x509/signed-structure.ts';
import { lintCertificates, lintCrl, type CertificateDraft } from '../lint/lint-before-signing.ts';
import { nextTurn } from '../next-turn.ts';
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
    refuseWrongSignature(await verifySigned(certificate, means.signer.publicKeySpkiDer, means.crypto), means);
    return certificate;
  }));
}

/** A long list is built and looked at in slices, so that the service answers others meanwhile. @throws CRL_LINT (nothing was signed), SIGNER_FAILED */
export async function signCrlChecked(content: CrlContent, issuer: Certificate, means: SigningMeans): Promise<Uint8Array> {
  const tbsDer = await inSlices(buildTbsCertListInSlices(content), nextTurn);
  await lintCrl(tbsDer, content.signAlgorithm, issuer, means.throwAway);
  const signature = await means.signer.sign(tbsDer);
  refuseWrongSignature(await means.crypto.verify(content.signAlgorithm, means.signer.publicKeySpkiDer, tbsDer, signature), means);
  return assembleSigned(tbsDer, content.signAlgorithm, signature);
}

/** A wrong RSA-CRT signature gives the private key away (Boneh, DeMillo, Lipton 1997), so none leaves unverified. */
function refuseWrongSignature(genuine: boolean, { signer }: SigningMeans): void {
  if (!genuine) throw new AppError('SIGNER_FAILED', { reason: 'signature does not verify', keyId: signer.keyId });
}
