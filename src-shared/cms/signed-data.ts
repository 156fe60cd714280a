/**
 * SignedData as a structure (RFC 5652 §5.1, §5.3): written and strictly read. Pure; nothing is verified here.
 * `SignedData ::= SEQUENCE { version, digestAlgorithms SET, encapContentInfo SEQUENCE { eContentType, eContent [0] EXPLICIT OCTET STRING OPTIONAL },
 *  certificates [0] IMPLICIT SET OPTIONAL, crls [1] IMPLICIT SET OPTIONAL, signerInfos SET }`
 * `SignerInfo ::= SEQUENCE { version, sid, digestAlgorithm, signedAttrs [0] OPTIONAL, signatureAlgorithm, signature OCTET STRING, unsignedAttrs [1] OPTIONAL }`
 */
import type { DerReader } from '../asn1/der-reader.ts';
import { derContext, derInteger, derOctetString, derOid, derSequence, derSetOf } from '../asn1/der-writer.ts';
import { TAG, contextConstructed } from '../asn1/tags.ts';
import { compareBytes } from '../bytes/byte-strings.ts';
import type { SignAlgorithmId } from '../crypto/algorithms.ts';
import { AppError } from '../errors/app-error.ts';
import { readAlgorithmIdentifier } from '../x509/algorithm-identifier.ts';
import { readReference, writeReference, type CertificateReference } from './certificate-reference.ts';
import { CMS_FAMILIES, openContentInfo, requireDataType, writeContentInfo, type CmsFamily } from './content-types.ts';
import { digestOf, signatureAlgorithmOf, writeDigestAlgorithm, writeSignatureAlgorithm, type CmsDigestId } from './signature-identifiers.ts';
import { readSignedAttributes, retag, SIGNED_ATTRIBUTES_SET, type SignedAttributes } from './signed-attributes.ts';

export interface SignerInfo {
  readonly signer: CertificateReference;
  readonly digest: CmsDigestId;
  readonly algorithm: SignAlgorithmId;
  /** DER with the SET tag; null when the content itself is signed. */
  readonly signedAttributesDer: Uint8Array | null;
  readonly signedAttributes: SignedAttributes | null;
  readonly signature: Uint8Array;
}

export interface SignedData {
  readonly family: CmsFamily;
  /** null when detached. */
  readonly content: Uint8Array | null;
  readonly certificates: readonly Uint8Array[];
  readonly crls: readonly Uint8Array[];
  readonly signers: readonly SignerInfo[];
}

const MAX_SIGNERS = 32;
const MAX_CERTIFICATES = 64;

export function writeSignedData(data: SignedData): Uint8Array {
  const byKeyIdentifier = data.signers.some(({ signer }) => signer.by === 'key-identifier');
  const digests = [...new Set(data.signers.map(({ digest }) => digest))].map(writeDigestAlgorithm);
  const encapsulated = derSequence(derOid(CMS_FAMILIES[data.family].data), ...(data.content ? [derContext(0, derOctetString(data.content))] : []));
  return writeContentInfo(data.family, 'signedData', derSequence(
    derInteger(byKeyIdentifier ? 3 : 1),
    derSetOf(...digests),
    encapsulated,
    ...(data.certificates.length > 0 ? [derContext(0, ...inSetOrder(data.certificates))] : []),
    ...(data.crls.length > 0 ? [derContext(1, ...inSetOrder(data.crls))] : []),
    derSetOf(...data.signers.map(writeSignerInfo)),
  ));
}

const inSetOrder = (members: readonly Uint8Array[]): Uint8Array[] => [...members].sort(compareBytes);

function writeSignerInfo(info: SignerInfo): Uint8Array {
  return derSequence(
    derInteger(info.signer.by === 'key-identifier' ? 3 : 1),
    writeReference(info.signer),
    writeDigestAlgorithm(info.digest),
    ...(info.signedAttributesDer ? [retag(info.signedAttributesDer, contextConstructed(0))] : []),
    writeSignatureAlgorithm(info.algorithm),
    derOctetString(info.signature),
  );
}

/** @param contentOid type of the content where it is not data: a time-stamp token for example @throws DER_MALFORMED, CMS_MALFORMED, ALGORITHM_UNSUPPORTED */
export function readSignedData(der: Uint8Array, contentOid: string | null = null): SignedData {
  const { family, content: outer } = openContentInfo(der, 'signedData');
  const data = outer.readSequence('SignedData');
  outer.end('ContentInfo');
  data.readSmallInteger('version', 1, 3);
  const digests = readAll(data.readSet('digest algorithms'), MAX_SIGNERS, (set) => digestOf(readAlgorithmIdentifier(set, 'digest algorithm')));
  const content = readEncapsulated(data.readSequence('encapsulated content'), family, contentOid);
  const certificates = readOptionalSet(data, 0, 'certificates');
  const crls = readOptionalSet(data, 1, 'CRLs');
  const signers = readAll(data.readSet('signer infos'), MAX_SIGNERS, readSignerInfo);
  data.end('SignedData');
  if (signers.length === 0) throw new AppError('CMS_MALFORMED', { reason: 'no signer' });
  if (signers.some(({ digest }) => !digests.includes(digest))) throw new AppError('CMS_MALFORMED', { reason: 'digest of a signer is not listed' });
  return { family, content, certificates, crls, signers };
}

function readEncapsulated(encapsulated: DerReader, family: CmsFamily, contentOid: string | null): Uint8Array | null {
  const oid = encapsulated.readOid('content type');
  if (contentOid === null) requireDataType(oid, family);
  else if (oid !== contentOid) throw new AppError('CMS_MALFORMED', { reason: 'another inner content type', oid });
  const wrapped = encapsulated.readOptionalContext(0, 'content');
  const content = wrapped?.readOctetString('content') ?? null;
  wrapped?.end('content');
  encapsulated.end('encapsulated content');
  return content;
}

function readOptionalSet(data: DerReader, n: number, what: string): Uint8Array[] {
  const members = data.readOptionalContext(n, what);
  return members ? readAll(members, MAX_CERTIFICATES, (set) => Uint8Array.from(set.read(TAG.SEQUENCE, what).bytes)) : [];
}

function readAll<T>(set: DerReader, most: number, read: (set: DerReader) => T): T[] {
  const members: T[] = [];
  while (!set.atEnd) {
    if (members.length === most) throw new AppError('CMS_MALFORMED', { reason: 'too many members' });
    members.push(read(set));
  }
  return members;
}

function readSignerInfo(set: DerReader): SignerInfo {
  const info = set.readSequence('SignerInfo');
  const version = info.readSmallInteger('version', 1, 3);
  const signer = readReference(info);
  if (version !== (signer.by === 'key-identifier' ? 3 : 1)) throw new AppError('CMS_MALFORMED', { reason: 'version of SignerInfo' });
  const digest = digestOf(readAlgorithmIdentifier(info, 'digest algorithm'));
  const attributes = info.readOptional(contextConstructed(0), 'signed attributes');
  const algorithm = signatureAlgorithmOf(readAlgorithmIdentifier(info, 'signature algorithm'), digest);
  const signature = info.readOctetString('signature');
  info.readOptionalContext(1, 'unsigned attributes');
  info.end('SignerInfo');
  const signedAttributesDer = attributes && retag(attributes.bytes, SIGNED_ATTRIBUTES_SET);
  return { signer, digest, algorithm, signedAttributesDer, signedAttributes: signedAttributesDer && readSignedAttributes(signedAttributesDer), signature };
}
