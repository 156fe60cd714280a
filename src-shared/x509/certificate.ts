/**
 * Certificates, RFC 5280 §4.1: read and built. Pure.
 * `TBSCertificate ::= SEQUENCE { version [0] INTEGER DEFAULT v1, serialNumber INTEGER, signature AlgorithmIdentifier, issuer Name, validity { notBefore, notAfter },
 *  subject Name, subjectPublicKeyInfo, issuerUniqueID [1] OPTIONAL, subjectUniqueID [2] OPTIONAL, extensions [3] OPTIONAL }`
 */
import type { DerReader } from '../asn1/der-reader.ts';
import { derContext, derInteger, derSequence, derTime, derUnsignedInteger } from '../asn1/der-writer.ts';
import type { DerTime } from '../asn1/der-values.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import type { SignAlgorithmId } from '../crypto/algorithms.ts';
import { AppError } from '../errors/app-error.ts';
import { readAlgorithmIdentifier, writeSignAlgorithm, type AlgorithmIdentifier } from './algorithm-identifier.ts';
import { readExtensions, writeExtensions, type Extension } from './extension.ts';
import { readName, type Name } from './name.ts';
import { assembleSigned, readSignedStructure, type SignCallback, type SignedStructure } from './signed-structure.ts';

export interface Certificate extends SignedStructure {
  readonly version: 1 | 2 | 3;
  /** Lower-case hex of the number without a sign octet. */
  readonly serialHex: string;
  /** Content octets of the INTEGER. */
  readonly serialOctets: Uint8Array;
  /** Inside the signed part; must equal `signatureAlgorithm` (§4.1.1.2). */
  readonly tbsSignatureAlgorithm: AlgorithmIdentifier;
  readonly issuer: Name;
  readonly subject: Name;
  readonly notBefore: DerTime;
  readonly notAfter: DerTime;
  readonly publicKeySpkiDer: Uint8Array;
  readonly extensions: readonly Extension[];
}

const MAX_CERTIFICATE_BYTES = 65_536;

/** @throws DER_MALFORMED, CERTIFICATE_MALFORMED, NAME_INVALID */
export function parseCertificate(der: Uint8Array): Certificate {
  const { tbs, ...signed } = readSignedStructure(der, 'certificate', MAX_CERTIFICATE_BYTES);
  const version = readVersion(tbs);
  const serialOctets = tbs.readIntegerBytes('serial number');
  const tbsSignatureAlgorithm = readAlgorithmIdentifier(tbs, 'signature');
  const issuer = readName(tbs, 'issuer');
  const validity = tbs.readSequence('validity');
  const notBefore = validity.readTime('notBefore');
  const notAfter = validity.readTime('notAfter');
  validity.end('validity');
  const subject = readName(tbs, 'subject');
  const publicKeySpkiDer = tbs.read(0x30, 'public key').bytes;
  tbs.readOptionalContextPrimitive(1, 'issuerUniqueID');
  tbs.readOptionalContextPrimitive(2, 'subjectUniqueID');
  const wrapped = tbs.readOptionalContext(3, 'extensions');
  const extensions = wrapped ? readExtensions(wrapped) : [];
  wrapped?.end('extensions');
  tbs.end('certificate content');
  if (extensions.length > 0 && version !== 3) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'extensions need version 3' });
  return { ...signed, version, serialHex: serialHexOf(serialOctets), serialOctets, tbsSignatureAlgorithm, issuer, subject, notBefore, notAfter, publicKeySpkiDer, extensions };
}

function readVersion(tbs: DerReader): 1 | 2 | 3 {
  const wrapped = tbs.readOptionalContext(0, 'version');
  if (!wrapped) return 1;
  // Version 1 is the default and left out in DER (X.690 §11.5).
  const version = wrapped.readSmallInteger('version', 1, 2);
  wrapped.end('version');
  return version === 1 ? 2 : 3;
}

/** @param octets content of an INTEGER. @throws CERTIFICATE_MALFORMED when negative, zero, or longer than 20 octets (§4.1.2.2) */
export function serialHexOf(octets: Uint8Array): string {
  const negative = (octets[0] ?? 0) >= 0x80;
  const zero = octets.length === 1 && octets[0] === 0;
  if (negative || zero || octets.length > 20) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'serial number out of range' });
  return toHex(octets[0] === 0 ? octets.subarray(1) : octets);
}

export interface CertificateContent {
  /** Lower-case hex, positive, at most 20 octets as an INTEGER. */
  readonly serialHex: string;
  readonly signAlgorithm: SignAlgorithmId;
  readonly issuerDer: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly subjectDer: Uint8Array;
  readonly publicKeySpkiDer: Uint8Array;
  readonly extensions: readonly Extension[];
}

/** TBSCertificate, version 3. */
export function buildTbsCertificate(content: CertificateContent): Uint8Array {
  return derSequence(
    derContext(0, derInteger(2)),
    derUnsignedInteger(fromHex(content.serialHex)),
    writeSignAlgorithm(content.signAlgorithm),
    content.issuerDer,
    derSequence(derTime(content.notBefore), derTime(content.notAfter)),
    content.subjectDer,
    content.publicKeySpkiDer,
    derContext(3, writeExtensions(content.extensions)),
  );
}

export async function signCertificate(content: CertificateContent, sign: SignCallback): Promise<Uint8Array> {
  const tbsDer = buildTbsCertificate(content);
  return assembleSigned(tbsDer, content.signAlgorithm, await sign(tbsDer));
}
