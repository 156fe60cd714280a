/**
 * Certification requests, PKCS#10 (RFC 2986): read and built. Pure.
 * `CertificationRequestInfo ::= SEQUENCE { version INTEGER (0), subject Name, subjectPKInfo, attributes [0] IMPLICIT SET OF Attribute }`
 */
import { compareBytes } from '../bytes/byte-strings.ts';
import { derContext, derInteger, derOid, derSequence, derSetOf } from '../asn1/der-writer.ts';
import type { DerReader } from '../asn1/der-reader.ts';
import { OIDS } from '../asn1/oids.ts';
import type { SignAlgorithmId } from '../crypto/algorithms.ts';
import { AppError } from '../errors/app-error.ts';
import { readExtensions, writeExtensions, type Extension } from './extension.ts';
import { readName, type Name } from './name.ts';
import { assembleSigned, readSignedStructure, type SignCallback, type SignedStructure } from './signed-structure.ts';

export interface CertificationRequest extends SignedStructure {
  readonly subject: Name;
  readonly publicKeySpkiDer: Uint8Array;
  /** Object identifiers of the attributes, in the order of the encoding. */
  readonly attributeOids: readonly string[];
  /** What the requester wishes to have (RFC 2985 §5.4.2); an authority decides by itself. */
  readonly requestedExtensions: readonly Extension[];
}

export const MAX_REQUEST_BYTES = 12_288;

/** @throws DER_MALFORMED, CERTIFICATE_MALFORMED, NAME_INVALID */
export function parseCertificationRequest(der: Uint8Array): CertificationRequest {
  const { tbs, ...signed } = readSignedStructure(der, 'request', MAX_REQUEST_BYTES);
  tbs.readSmallInteger('version', 0, 0);
  const subject = readName(tbs, 'subject');
  const publicKeySpkiDer = tbs.read(0x30, 'public key').bytes;
  const attributes = tbs.readOptionalContext(0, 'attributes');
  // RFC 2986 §4.1: the attributes are not optional, only possibly empty.
  if (!attributes) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'attributes are missing' });
  tbs.end('request content');
  return { ...signed, subject, publicKeySpkiDer, ...readAttributes(attributes) };
}

function readAttributes(attributes: DerReader): { attributeOids: string[]; requestedExtensions: Extension[] } {
  const attributeOids: string[] = [];
  let requestedExtensions: Extension[] = [];
  let before: Uint8Array | null = null;
  while (!attributes.atEnd) {
    const element = attributes.read(0x30, 'attribute');
    if (before && compareBytes(before, element.bytes) > 0) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'attributes are not in order' });
    before = element.bytes;
    const attribute = attributes.enter(element);
    const oid = attribute.readOid('attribute type');
    const values = attribute.readSet('attribute values');
    attribute.end('attribute');
    if (values.atEnd) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'attribute without value', oid });
    if (attributeOids.includes(oid)) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'attribute stands twice', oid });
    attributeOids.push(oid);
    if (oid === OIDS.extensionRequest) {
      requestedExtensions = readExtensions(values);
      values.end('extension request');
    }
  }
  return { attributeOids, requestedExtensions };
}

export interface RequestContent {
  /** X.501 Name, as DER. */
  readonly subjectDer: Uint8Array;
  readonly publicKeySpkiDer: Uint8Array;
  readonly signAlgorithm: SignAlgorithmId;
  readonly requestedExtensions?: readonly Extension[];
}

/** @param sign signs with the private key that belongs to `publicKeySpkiDer` (proof of possession) */
export async function signCertificationRequest(content: RequestContent, sign: SignCallback): Promise<Uint8Array> {
  const wishes = content.requestedExtensions ?? [];
  const attributes = wishes.length === 0 ? [] : [derSequence(derOid(OIDS.extensionRequest), derSetOf(writeExtensions(wishes)))];
  const info = derSequence(derInteger(0), content.subjectDer, content.publicKeySpkiDer, derContext(0, ...attributes));
  return assembleSigned(info, content.signAlgorithm, await sign(info));
}
