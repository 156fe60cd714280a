/**
 * Signed attributes of a signer (RFC 5652 §5.3, §11): content type, message digest, signing time. Pure.
 * `SignedAttributes ::= SET SIZE (1..MAX) OF SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET OF ANY }`
 */
import { DerReader } from '../asn1/der-reader.ts';
import { derOctetString, derOid, derSequence, derSetOf, derTime } from '../asn1/der-writer.ts';
import { OIDS } from '../asn1/oids.ts';
import { TAG } from '../asn1/tags.ts';
import { AppError } from '../errors/app-error.ts';

export interface SignedAttributes {
  readonly contentTypeOid: string;
  readonly messageDigest: Uint8Array;
  /** As claimed by the signer. */
  readonly signingTime: Date | null;
}

/** @returns DER with the SET tag: the octets that are signed (§5.4) */
export function writeSignedAttributes(attributes: SignedAttributes): Uint8Array {
  return derSetOf(
    derSequence(derOid(OIDS.contentType), derSetOf(derOid(attributes.contentTypeOid))),
    derSequence(derOid(OIDS.messageDigest), derSetOf(derOctetString(attributes.messageDigest))),
    ...(attributes.signingTime ? [derSequence(derOid(OIDS.signingTime), derSetOf(derTime(attributes.signingTime)))] : []),
  );
}

/** @param setDer with the SET tag; opening it checks the order of the members @throws DER_MALFORMED, CMS_MALFORMED */
export function readSignedAttributes(setDer: Uint8Array): SignedAttributes {
  const values = new Map<string, DerReader>();
  const set = DerReader.open(setDer).readSet('signed attributes');
  while (!set.atEnd) {
    const attribute = set.readSequence('attribute');
    const oid = attribute.readOid('attribute type');
    // Twice the same kind: two readers could take different ones (§5.3 forbids it).
    if (values.has(oid)) throw new AppError('CMS_MALFORMED', { reason: 'attribute occurs twice', oid });
    values.set(oid, attribute.readSet('attribute values'));
    attribute.end('attribute');
  }
  return {
    contentTypeOid: single(values, OIDS.contentType, (value) => value.readOid('content type')) ?? missing('contentType'),
    messageDigest: single(values, OIDS.messageDigest, (value) => Uint8Array.from(value.readOctetString('message digest'))) ?? missing('messageDigest'),
    signingTime: single(values, OIDS.signingTime, (value) => value.readTime('signing time').date),
  };
}

/** @returns null when there is no such attribute */
function single<T>(values: ReadonlyMap<string, DerReader>, oid: string, read: (value: DerReader) => T): T | null {
  const set = values.get(oid);
  if (!set) return null;
  const value = read(set);
  if (!set.atEnd) throw new AppError('CMS_MALFORMED', { reason: 'attribute with several values', oid });
  return value;
}

function missing(attribute: string): never {
  throw new AppError('CMS_MALFORMED', { reason: 'signed attribute missing', attribute });
}

/** The IMPLICIT form inside SignerInfo is the same content under another tag. */
export function retag(der: Uint8Array, tag: number): Uint8Array {
  const copy = Uint8Array.from(der);
  copy[0] = tag;
  return copy;
}

export const SIGNED_ATTRIBUTES_SET = TAG.SET;
