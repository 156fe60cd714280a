/**
 * Time stamps, RFC 3161 with RFC 5816: request, response, and the strict reading of a token. Spec §8. Pure; whether the authority is trusted is asked elsewhere.
 * `TSTInfo ::= SEQUENCE { version INTEGER (1), policy OBJECT IDENTIFIER, messageImprint SEQUENCE { AlgorithmIdentifier, OCTET STRING }, serialNumber INTEGER, genTime GeneralizedTime,
 *  accuracy SEQUENCE OPTIONAL, ordering BOOLEAN DEFAULT FALSE, nonce INTEGER OPTIONAL, tsa [0] EXPLICIT GeneralName OPTIONAL, extensions [1] IMPLICIT OPTIONAL }`
 */
import { DerReader } from '../asn1/der-reader.ts';
import { derBoolean, derInteger, derOctetString, derSequence, derUnsignedInteger } from '../asn1/der-writer.ts';
import { OIDS } from '../asn1/oids.ts';
import { TAG, contextPrimitive } from '../asn1/tags.ts';
import { equalBytes } from '../bytes/byte-strings.ts';
import { toHex } from '../bytes/hex.ts';
import { tryFromUtf8 } from '../bytes/utf8.ts';
import { digestOf, writeDigestAlgorithm, type CmsDigestId } from '../cms/signature-identifiers.ts';
import { readSignedData } from '../cms/signed-data.ts';
import { verifyCms } from '../cms/verify-cms.ts';
import type { CryptoPort } from '../crypto/crypto-port.ts';
import { refuse } from '../errors/app-error.ts';
import { readAlgorithmIdentifier } from '../x509/algorithm-identifier.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { findExtension } from '../x509/extension.ts';
import { EXT_KEY_USAGE } from '../x509/extensions/ext-key-usage.ts';
import { asPartAsync } from './strict-structure.ts';

const CODE = 'SEAL_TIME_STAMP_INVALID';
/** Trailers have 128 KiB. */
export const MAX_TIME_STAMP_BYTES = 96 << 10;

export interface TimeStamp {
  readonly at: Date;
  /** Seconds either way; null when the authority does not say. */
  readonly accuracySeconds: number | null;
  readonly policyOid: string;
  readonly serialHex: string;
  readonly digest: CmsDigestId;
  readonly authorityCertificateDer: Uint8Array;
  /** All that came along. */
  readonly certificates: readonly Uint8Array[];
  readonly nonce: bigint | null;
}

type Verifier = Pick<CryptoPort, 'digest' | 'verify'>;

/** `TimeStampReq ::= SEQUENCE { version (1), messageImprint, nonce INTEGER, certReq TRUE }` */
export function writeTimeStampRequest(stamped: Uint8Array, digest: CmsDigestId, nonce: Uint8Array, crypto: Pick<CryptoPort, 'digest'>): Uint8Array {
  return derSequence(derInteger(1), derSequence(writeDigestAlgorithm(digest), derOctetString(crypto.digest(digest, stamped))), derUnsignedInteger(nonce), derBoolean(true));
}

/** `TimeStampResp ::= SEQUENCE { SEQUENCE { status INTEGER, … }, timeStampToken ContentInfo OPTIONAL }`. @returns the token @throws SEAL_TIME_STAMP_FAILED when it was not granted */
export async function readTimeStampResponse(der: Uint8Array): Promise<Uint8Array> {
  return asPartAsync('SEAL_TIME_STAMP_FAILED', async () => {
    const response = DerReader.open(der, MAX_TIME_STAMP_BYTES).readSequence('time-stamp response');
    const status = response.readSequence('status').readInteger('status');
    // granted, grantedWithMods
    if (status !== 0n && status !== 1n) refuse('SEAL_TIME_STAMP_FAILED', { reason: 'refused', status: Number(BigInt.asUintN(16, status)) });
    const token = Uint8Array.from(response.read(TAG.SEQUENCE, 'time-stamp token').bytes);
    response.end('time-stamp response');
    return token;
  });
}

/** That the token is well formed, over these octets, and signed by a certificate made for time stamps. @throws SEAL_TIME_STAMP_INVALID */
export function verifyTimeStamp(token: Uint8Array, stamped: Uint8Array, crypto: Verifier): Promise<TimeStamp> {
  return asPartAsync(CODE, async () => {
    if (token.length > MAX_TIME_STAMP_BYTES) refuse(CODE, { reason: 'too large' });
    const data = readSignedData(token, OIDS.timeStampInfo);
    const [signer, ...others] = data.signers;
    if (!signer?.signedAttributesDer || others.length > 0 || !data.content) return refuse(CODE, { reason: 'not exactly one signer with signed attributes' });
    const info = readInfo(data.content);
    if (!equalBytes(info.imprint, crypto.digest(info.digest, stamped))) refuse(CODE, { reason: 'over something else' });
    const [verdict] = (await verifyCms({ der: token, detached: null, contentOid: OIDS.timeStampInfo }, crypto)).signers;
    if (!verdict?.valid) return refuse(CODE, { reason: verdict?.reason ?? 'no signer' });
    checkAuthority(verdict.certificateDer, signer.signedAttributesDer, info.at, crypto);
    const { imprint: _imprint, ...told } = info;
    return { ...told, authorityCertificateDer: verdict.certificateDer, certificates: data.certificates };
  });
}

function readInfo(der: Uint8Array) {
  const outer = DerReader.open(der, MAX_TIME_STAMP_BYTES);
  const info = outer.readSequence('TSTInfo');
  outer.end('TSTInfo');
  info.readSmallInteger('version', 1, 1);
  const policyOid = info.readOid('policy');
  const imprintIn = info.readSequence('message imprint');
  const digest = digestOf(readAlgorithmIdentifier(imprintIn, 'imprint algorithm'));
  const imprint = imprintIn.readOctetString('imprint');
  imprintIn.end('message imprint');
  const serialHex = toHex(info.readIntegerBytes('serial number'));
  const at = readGeneralizedTime(info.read(TAG.GENERALIZED_TIME, 'time').content);
  const accuracySeconds = info.peekTag() === TAG.SEQUENCE ? readAccuracy(info.readSequence('accuracy')) : null;
  // DEFAULT FALSE: in DER it stands there only when TRUE.
  if (info.peekTag() === TAG.BOOLEAN && !info.readBoolean('ordering')) refuse(CODE, { reason: 'default value is written' });
  const nonce = info.peekTag() === TAG.INTEGER ? info.readInteger('nonce') : null;
  info.readOptionalContext(0, 'authority');
  const extensions = info.readOptionalContext(1, 'extensions');
  while (extensions && !extensions.atEnd) skipExtension(extensions.readSequence('extension'));
  info.end('TSTInfo');
  return { at, accuracySeconds, policyOid, serialHex, digest, imprint, nonce };
}

/** None is known here. */
function skipExtension(extension: DerReader): void {
  const oid = extension.readOid('extension id');
  if (extension.peekTag() === TAG.BOOLEAN && extension.readBoolean('critical')) refuse(CODE, { reason: 'unknown critical extension', oid });
  extension.readOctetString('extension value');
  extension.end('extension');
}

/** RFC 3161 §2.4.2: Zulu, seconds, a fraction without zeros at its end. */
function readGeneralizedTime(content: Uint8Array): Date {
  const [, year, month, day, hour, minute, second, fraction = '0'] = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.(\d{0,8}[1-9]))?Z$/.exec(tryFromUtf8(content) ?? '') ?? refuse(CODE, { reason: 'time form' });
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) || date.toISOString() !== text ? refuse(CODE, { reason: 'time does not exist' }) : date;
}

/** `Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, millis [0] IMPLICIT INTEGER (1..999) OPTIONAL, micros [1] IMPLICIT INTEGER (1..999) OPTIONAL }` */
function readAccuracy(accuracy: DerReader): number {
  const seconds = accuracy.peekTag() === TAG.INTEGER ? accuracy.readSmallInteger('seconds', 0, 1 << 30) : 0;
  const part = (n: number) => (accuracy.peekTag() === contextPrimitive(n) ? Number(BigInt(`0x0${toHex(accuracy.readOptionalContextPrimitive(n, 'part of a second')?.content ?? new Uint8Array(0))}`)) : 0);
  const [millis, micros] = [part(0), part(1)];
  accuracy.end('accuracy');
  if (millis > 999 || micros > 999) refuse(CODE, { reason: 'accuracy' });
  return seconds + millis / 1e3 + micros / 1e6;
}

/** RFC 3161 §2.3: made for time stamps and for nothing else, said critically; RFC 5816: the certificate stands in the signed attributes. */
function checkAuthority(certificateDer: Uint8Array, attributesDer: Uint8Array, at: Date, crypto: Pick<CryptoPort, 'digest'>): void {
  const certificate = parseCertificate(certificateDer);
  const usage = findExtension(certificate.extensions, EXT_KEY_USAGE);
  if (!usage?.critical || usage.value.length !== 1 || usage.value[0] !== OIDS.timeStamping) refuse(CODE, { reason: 'certificate is not for time stamps' });
  if (at < certificate.notBefore.date || at > certificate.notAfter.date) refuse(CODE, { reason: 'certificate was not valid then' });
  const named = namedCertificate(attributesDer);
  if (!named || !equalBytes(named.hash, crypto.digest(named.digest, certificateDer))) refuse(CODE, { reason: 'signed for another certificate' });
}

/** The first certificate that SigningCertificate or SigningCertificateV2 names: the signer's (RFC 5035 §3). */
function namedCertificate(attributesDer: Uint8Array): { readonly digest: CmsDigestId | 'sha-1'; readonly hash: Uint8Array } | null {
  const set = DerReader.open(attributesDer, MAX_TIME_STAMP_BYTES).readSet('signed attributes');
  let named: { readonly digest: CmsDigestId | 'sha-1'; readonly hash: Uint8Array } | null = null;
  while (!set.atEnd) {
    const attribute = set.readSequence('attribute');
    const oid = attribute.readOid('attribute type');
    const values = attribute.readSet('attribute values');
    if (oid !== OIDS.signingCertificate && oid !== OIDS.signingCertificateV2) continue;
    const first = values.readSequence('signing certificate').readSequence('certificates').readSequence('certificate identifier');
    const digest = oid === OIDS.signingCertificate ? 'sha-1' : first.peekTag() === TAG.SEQUENCE ? digestOf(readAlgorithmIdentifier(first, 'digest')) : 'sha-256';
    // Version 2 is the stronger one; where both stand it decides.
    if (named === null || oid === OIDS.signingCertificateV2) named = { digest, hash: first.readOctetString('digest of the certificate') };
  }
  return named;
}
