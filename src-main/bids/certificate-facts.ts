/** A certificate in the words of the screens, and the one certificate of a file. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { CertificateFacts } from '#shared/contract/desktop/bids.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { nullWhenRefused } from '#shared/errors/null-when-refused.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { findExtension } from '#shared/x509/extension.ts';
import { KEY_USAGE } from '#shared/x509/extensions/key-usage.ts';
import { nameText, nameValue } from '#shared/x509/name.ts';
import { fromPem } from '#shared/x509/pem.ts';
import { parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';

export const sha256Hex = (bytes: Uint8Array): string => toHex(createHash('sha256').update(bytes).digest());

/** @throws CERTIFICATE_MALFORMED, DER_MALFORMED */
export function certificateFacts(der: Uint8Array): CertificateFacts {
  const certificate = parseCertificate(der);
  return {
    sha256Hex: sha256Hex(der),
    subjectCommonName: nameValue(certificate.subject, 'commonName') ?? nameText(certificate.subject),
    organisation: nameValue(certificate.subject, 'organizationName'),
    subject: nameText(certificate.subject), issuerCommonName: nameValue(certificate.issuer, 'commonName') ?? nameText(certificate.issuer), serialHex: certificate.serialHex,
    notBeforeUtc: certificate.notBefore.date.toISOString(), notAfterUtc: certificate.notAfter.date.toISOString(),
    keyAlgorithm: keyAlgorithmOf(certificate.publicKeySpkiDer), purpose: purposeOf(der),
  };
}

function keyAlgorithmOf(spki: Uint8Array): string {
  try {
    const key = parsePublicKeyInfo(spki);
    return key.kind === 'rsa' ? `rsa-${key.modulusBits}` : key.kind === 'sm2' ? 'sm2' : key.curve;
  } catch (thrown) {
    if (thrown instanceof AppError) return 'unknown';
    throw thrown;
  }
}

function purposeOf(der: Uint8Array): CertificateFacts['purpose'] {
  const usage = findExtension(parseCertificate(der).extensions, KEY_USAGE)?.value;
  if (!usage) return 'both';
  const [signs, encrypts] = [usage.includes('digitalSignature') || usage.includes('nonRepudiation'), usage.includes('keyEncipherment') || usage.includes('dataEncipherment')];
  return signs && encrypts ? 'both' : signs ? 'sign' : encrypts ? 'encrypt' : 'other';
}

/** Larger than any certificate with its PEM around it. */
const MAX_FILE_BYTES = 64 * 1024;

/** DER or PEM. @throws CERTIFICATE_FILE_REFUSED, SEAL_SOURCE_UNREADABLE */
export async function readCertificateFile(path: string): Promise<Uint8Array> {
  const bytes = await readSmall(path);
  const blocks = certificateBlocks(bytes);
  const [der, ...others] = blocks;
  if (!der || others.length > 0) return refuse('CERTIFICATE_FILE_REFUSED', { certificates: blocks.length });
  try {
    parseCertificate(der);
    return der;
  } catch (thrown) {
    if (thrown instanceof AppError) throw new AppError('CERTIFICATE_FILE_REFUSED', { reason: thrown.code }, thrown);
    throw thrown;
  }
}

async function readSmall(path: string): Promise<Uint8Array> {
  try {
    const state = await stat(path);
    if (!state.isFile() || state.size > MAX_FILE_BYTES) refuse('CERTIFICATE_FILE_REFUSED', { sizeBytes: state.size });
    return new Uint8Array(await readFile(path));
  } catch (thrown) {
    const reason = (thrown as NodeJS.ErrnoException).code;
    if (thrown instanceof AppError || reason === undefined) throw thrown;
    throw new AppError('SEAL_SOURCE_UNREADABLE', { reason }, thrown);
  }
}

/** In DER one, in PEM as many as there are; none when it is neither. What stands inside is not looked at. */
export function certificateBlocks(bytes: Uint8Array): Uint8Array[] {
  if (bytes[0] === 0x30) return [bytes];
  return (nullWhenRefused(() => fromPem(new TextDecoder().decode(bytes))) ?? []).filter(({ label }) => label === 'CERTIFICATE').map(({ der }) => der);
}
