/** Certificates of foreign CAs: whether one holds under a CA that the project trusts – path, time, use, revocation, strength of its key. */
import { fromBase64 } from '#shared/bytes/base64.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import { findRsaWeakness } from '#shared/crypto/rsa-strength.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { ErrorCode } from '#shared/errors/error-table.ts';
import { parseCertificate, type Certificate } from '#shared/x509/certificate.ts';
import { parseCertificateRevocationList } from '#shared/x509/certificate-revocation-list.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { validatePath, type PathFailure } from '#shared/x509/validate-path.ts';
import type { TrustedCaCrlRow, TrustedCaRow } from './binding-port.ts';

const FAILURE_CODES: Readonly<Partial<Record<PathFailure, ErrorCode>>> = {
  CERT_EXPIRED: 'CERTIFICATE_EXPIRED', CERT_NOT_YET_VALID: 'CERTIFICATE_EXPIRED', CERT_REVOKED: 'CERTIFICATE_REVOKED', KEY_USAGE: 'CERTIFICATE_NOT_FOR_SIGNING', CERT_MALFORMED: 'CERTIFICATE_MALFORMED',
};

export interface TrustedCaWithLists {
  readonly ca: TrustedCaRow;
  readonly crls: readonly TrustedCaCrlRow[];
}

/** The CA of these that the certificate holds under. @throws CERTIFICATE_NOT_TRUSTED, CERTIFICATE_REVOKED, CERTIFICATE_EXPIRED, CERTIFICATE_NOT_FOR_SIGNING, CERTIFICATE_MALFORMED */
export async function checkForeignCertificate(crypto: CryptoPort, certificate: Certificate, trusted: readonly TrustedCaWithLists[], at: Date): Promise<TrustedCaRow> {
  checkKeyStrength(certificate);
  const issuer = trusted.find(({ ca }) => chainOf(ca).some((der) => equalBytes(parseCertificate(der).subject.der, certificate.issuer.der)));
  if (issuer === undefined) throw new AppError('CERTIFICATE_NOT_TRUSTED', { reason: 'ISSUER_NOT_FOUND' });
  await checkPath(crypto, certificate, issuer, at);
  return issuer.ca;
}

export function chainOf(ca: Pick<TrustedCaRow, 'chainJson'>): Uint8Array[] {
  return (JSON.parse(ca.chainJson) as string[]).map((der) => fromBase64(der));
}

/** Every certificate of the chain is trusted as it stands there, so only the certificate itself is looked up in a list. */
async function checkPath(crypto: CryptoPort, certificate: Certificate, { ca, crls }: TrustedCaWithLists, at: Date): Promise<void> {
  const question = { leafDer: certificate.der, intermediatesDer: [], trustAnchorsDer: chainOf(ca), at, keyUsage: ['digitalSignature'] as const };
  const unrevoked = await validatePath({ ...question, revocation: { kind: 'not-checked' } }, crypto);
  if (!unrevoked.valid) throw refusal(unrevoked.reason);
  const checked = await validatePath({ ...question, revocation: { kind: 'crls', crlsDer: crls.map(({ crlDer }) => crlDer) } }, crypto);
  if (checked.valid) return;
  if (checked.reason !== 'CRL_MISSING' && checked.reason !== 'CRL_STALE') throw refusal(checked.reason);
  // A list that has ended says nothing good of anyone, but what is on it stays revoked.
  if (crls.some(({ crlDer }) => isListed(crlDer, certificate))) throw refusal('CERT_REVOKED');
  if (ca.withoutCrl === 'refuse') throw refusal(checked.reason);
}

function isListed(crlDer: Uint8Array, certificate: Certificate): boolean {
  const crl = parseCertificateRevocationList(crlDer);
  return equalBytes(crl.issuer.der, certificate.issuer.der) && crl.entries.some(({ serialHex }) => serialHex === certificate.serialHex);
}

function refusal(reason: PathFailure): AppError {
  return new AppError(FAILURE_CODES[reason] ?? 'CERTIFICATE_NOT_TRUSTED', { reason });
}

/** A key that others can break vouches for nobody, whoever certified it. */
function checkKeyStrength(certificate: Certificate): void {
  const key = parsePublicKeyInfo(certificate.publicKeySpkiDer);
  if (key.kind === 'ec') throw new AppError('CERTIFICATE_NOT_TRUSTED', { reason: 'KEY_ALGORITHM' });
  if (key.kind === 'rsa' && findRsaWeakness(key) !== null) throw new AppError('CERTIFICATE_NOT_TRUSTED', { reason: 'KEY_WEAK' });
}
