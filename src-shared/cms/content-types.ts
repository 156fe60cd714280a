/**
 * ContentInfo and the two families of content types: RFC 5652 (PKCS#7) and GB/T 35275 (GM/T 0010), which differ in identifiers only. Pure.
 * `ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT ANY }`
 */
import { DerReader } from '../asn1/der-reader.ts';
import { derContext, derOid, derSequence } from '../asn1/der-writer.ts';
import { OIDS } from '../asn1/oids.ts';
import { AppError } from '../errors/app-error.ts';

export const CMS_FAMILIES = {
  rfc5652: { data: OIDS.cmsData, signedData: OIDS.cmsSignedData, envelopedData: OIDS.cmsEnvelopedData },
  gm: { data: OIDS.gmData, signedData: OIDS.gmSignedData, envelopedData: OIDS.gmEnvelopedData },
} as const;
export type CmsFamily = keyof typeof CMS_FAMILIES;
export type CmsContentKind = keyof (typeof CMS_FAMILIES)['gm'];

/** Messages carry manifests and keys, not bids; a larger one is not ours. */
export const MAX_CMS_BYTES = 64 << 20;

export function writeContentInfo(family: CmsFamily, kind: CmsContentKind, content: Uint8Array): Uint8Array {
  return derSequence(derOid(CMS_FAMILIES[family][kind]), derContext(0, content));
}

/** @returns the family and a cursor before the content @throws DER_MALFORMED, CMS_MALFORMED when it is another kind of message */
export function openContentInfo(der: Uint8Array, kind: CmsContentKind): { readonly family: CmsFamily; readonly content: DerReader } {
  const info = DerReader.open(der, MAX_CMS_BYTES).readSequence('ContentInfo');
  const oid = info.readOid('content type');
  const family = (Object.keys(CMS_FAMILIES) as CmsFamily[]).find((name) => CMS_FAMILIES[name][kind] === oid);
  if (!family) throw new AppError('CMS_MALFORMED', { reason: 'another content type', oid, wanted: kind });
  const content = info.readOptionalContext(0, 'content');
  if (!content) throw new AppError('CMS_MALFORMED', { reason: 'content missing' });
  info.end('ContentInfo');
  return { family, content };
}

/** Which family's `data` that is. @throws CMS_MALFORMED */
export function requireDataType(oid: string, family: CmsFamily): void {
  if (oid !== CMS_FAMILIES[family].data) throw new AppError('CMS_MALFORMED', { reason: 'inner content type is not data of the same family', oid });
}
