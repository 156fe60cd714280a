/** The signatures of a sealed bid: CMS SignedData of exactly one signer, with its certificate and nothing else. Spec §7, §8. Pure; a token signs by callback. */
import { equalBytes } from '../bytes/byte-strings.ts';
import { readSignedData, writeSignedData } from '../cms/signed-data.ts';
import { signCms } from '../cms/sign-cms.ts';
import { verifyCms } from '../cms/verify-cms.ts';
import type { SignAlgorithmId } from '../crypto/algorithms.ts';
import type { CryptoPort } from '../crypto/crypto-port.ts';
import { AppError, refuse } from '../errors/app-error.ts';
import type { ErrorCode } from '../errors/error-table.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { parsePublicKeyInfo } from '../x509/public-key-info.ts';
import type { SignCallback } from '../x509/signed-structure.ts';
import { asPartAsync } from './strict-structure.ts';

export interface SealSigner {
  readonly certificateDer: Uint8Array;
  /** Signs octets: RSASSA-PKCS1-v1_5 with SHA-256, or SM2 with SM3 in DER with the default id. */
  readonly sign: SignCallback;
}

export interface OneSignature {
  readonly certificateDer: Uint8Array;
  readonly algorithm: SignAlgorithmId;
  /** As claimed by the signer. */
  readonly signingTime: Date | null;
}

type Verifier = Pick<CryptoPort, 'digest' | 'verify'>;

/** GB/T 35275 for SM2, RFC 5652 for RSA. @throws KEY_INVALID, and whatever the callback throws */
export async function signOne(signer: SealSigner, content: { readonly kind: 'attached' | 'detached'; readonly bytes: Uint8Array }, signingTime: Date, crypto: Pick<CryptoPort, 'digest'>): Promise<Uint8Array> {
  const { kind } = parsePublicKeyInfo(parseCertificate(signer.certificateDer).publicKeySpkiDer);
  if (kind === 'ec') throw new AppError('ALGORITHM_UNSUPPORTED', { reason: 'no signature with this curve' });
  const one = { certificateDer: signer.certificateDer, algorithm: kind === 'sm2' ? ('sm2-sm3' as const) : ('rsa-sha256' as const), sign: signer.sign, signingTime };
  return signCms({ family: kind === 'sm2' ? 'gm' : 'rfc5652', content, signedAttributes: true, signers: [one], chain: [] }, crypto);
}

/** @param code for every fault of the message @returns the signer; whether it may sign is the caller's question */
export async function verifyOne(der: Uint8Array, detached: Uint8Array | null, code: ErrorCode, crypto: Verifier): Promise<OneSignature & { readonly content: Uint8Array | null }> {
  return asPartAsync(code, async () => {
    const data = readSignedData(der);
    const [certificateDer] = data.certificates;
    if (data.certificates.length !== 1 || data.signers.length !== 1 || data.crls.length > 0 || !certificateDer) return refuse(code, { reason: 'not exactly one signer and its certificate' });
    if (!data.signers[0]?.signedAttributes) refuse(code, { reason: 'without signed attributes' });
    // What no signature covers may have one form only.
    if (!equalBytes(writeSignedData(data), der)) refuse(code, { reason: 'not in canonical form' });
    const [verdict] = (await verifyCms({ der, detached: detached && { bytes: detached } }, crypto)).signers;
    if (!verdict?.valid) return refuse(code, { reason: verdict?.reason ?? 'no signer' });
    return { certificateDer: verdict.certificateDer, algorithm: verdict.algorithm, signingTime: verdict.signingTime, content: data.content };
  });
}
