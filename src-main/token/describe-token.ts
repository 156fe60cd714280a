/** Turns what a host reports about a key into what screens and deeds see: certificates parsed, model found, sides of foreign containers told by key usage. Pure but for the digest. */
import { createHash } from 'node:crypto';
import type { TokenCertificate, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { toBase64 } from '#shared/bytes/base64.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { nullWhenRefused } from '#shared/errors/null-when-refused.ts';
import { parseCertificate, type Certificate } from '#shared/x509/certificate.ts';
import { findExtension } from '#shared/x509/extension.ts';
import { KEY_USAGE, type KeyUsageName } from '#shared/x509/extensions/key-usage.ts';
import { nameText, nameValue } from '#shared/x509/name.ts';
import { parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import type { HostCertificate, HostContainer, HostToken } from './host-protocol.ts';
import type { ContainerSide, KeyContainer } from './token-port.ts';

export interface TokenOrigin {
  readonly driverId: string;
  readonly modelId: string | null;
  readonly demo: boolean;
}

const EMPTY_SIDE: ContainerSide = { hasPrivateKey: false, publicKeySpkiDer: null, certificateDer: null };

export function describeToken(token: HostToken, origin: TokenOrigin): TokenSummary {
  const { serial, label, manufacturer, hardwareModel, pin, freeBytes } = token;
  const certificates = token.certificates.map(describeCertificate).filter((certificate) => certificate !== null);
  return { ref: { driverId: origin.driverId, serial }, modelId: origin.modelId, label, manufacturer, hardwareModel, demo: origin.demo, pin, certificates, freeBytes };
}

/** @returns null for bytes that are no certificate: keys hold all kinds of things in certificate objects */
function describeCertificate(found: HostCertificate): TokenCertificate | null {
  const certificate = readCertificate(found.certificateDer);
  if (certificate === null) return null;
  return {
    containerId: found.containerId,
    purpose: found.purpose ?? onlyPurpose(certificate) ?? 'other',
    subjectCommonName: nameValue(certificate.subject, 'commonName') ?? '',
    subject: nameText(certificate.subject),
    issuer: nameText(certificate.issuer),
    issuerCommonName: nameValue(certificate.issuer, 'commonName') ?? '',
    serialHex: certificate.serialHex,
    notBeforeUtc: certificate.notBefore.date.toISOString(),
    notAfterUtc: certificate.notAfter.date.toISOString(),
    sha256Hex: sha256Hex(found.certificateDer),
    keyAlgorithm: keyAlgorithmName(certificate.publicKeySpkiDer),
    hasPrivateKey: found.hasPrivateKey,
    certificateDer: toBase64(found.certificateDer),
  };
}

export function describeContainer(container: HostContainer): KeyContainer {
  const described = { containerId: container.containerId, sign: EMPTY_SIDE, encrypt: EMPTY_SIDE };
  for (const { purpose, side } of container.sides) {
    const certificate = side.certificateDer === null ? null : readCertificate(side.certificateDer);
    const told = purpose ?? (certificate === null ? null : onlyPurpose(certificate));
    // A foreign key whose certificate allows both, or that has none, may serve for both.
    if (told !== 'encrypt') described.sign = side;
    if (told !== 'sign') described.encrypt = side;
  }
  return described;
}

export function sha256Hex(bytes: Uint8Array): string {
  return toHex(createHash('sha256').update(bytes).digest());
}

const SIGNING: readonly KeyUsageName[] = ['digitalSignature', 'nonRepudiation'];
const ENCRYPTING: readonly KeyUsageName[] = ['keyEncipherment', 'dataEncipherment', 'keyAgreement'];

/** @returns null when the key usage allows both, neither, or is absent */
function onlyPurpose(certificate: Certificate): 'sign' | 'encrypt' | null {
  const usages = findExtension(certificate.extensions, KEY_USAGE)?.value ?? [];
  const signs = usages.some((usage) => SIGNING.includes(usage));
  const encrypts = usages.some((usage) => ENCRYPTING.includes(usage));
  if (signs === encrypts) return null;
  return signs ? 'sign' : 'encrypt';
}

function readCertificate(certificateDer: Uint8Array): Certificate | null {
  return nullWhenRefused(() => parseCertificate(certificateDer));
}

function keyAlgorithmName(spkiDer: Uint8Array): string {
  try {
    const key = parsePublicKeyInfo(spkiDer);
    return key.kind === 'rsa' ? `rsa-${key.modulusBits}` : key.kind === 'sm2' ? 'sm2' : key.curve;
  } catch (thrown) {
    if (thrown instanceof AppError) return 'unknown';
    throw thrown;
  }
}
