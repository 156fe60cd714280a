/**
 * The manifest inside a bid: every document with its size and digest, signed by the bidder. Spec §7. Pure.
 * `Manifest ::= SEQUENCE { version INTEGER (1), suite ENUMERATED, identity Identity, documents SEQUENCE OF Document }`
 * `Document ::= SEQUENCE { name UTF8String, mediaType UTF8String, size INTEGER, digest OCTET STRING }`
 */
import type { DerReader } from '../asn1/der-reader.ts';
import { derEnumerated, derInteger, derOctetString, derSequence, derUtf8String } from '../asn1/der-writer.ts';
import { equalBytes } from '../bytes/byte-strings.ts';
import { TAG } from '../asn1/tags.ts';
import type { CryptoPort } from '../crypto/crypto-port.ts';
import { refuse } from '../errors/app-error.ts';
import { readIdentity, writeIdentity, type BidIdentity } from './bid-identity.ts';
import { checkNames } from './document-name.ts';
import { MAX_DOCUMENTS, MAX_MANIFEST_BYTES, MAX_PAYLOAD_BYTES } from './limits.ts';
import { verifyOne, type OneSignature } from './one-signature.ts';
import type { HeaderCore } from './seal-header.ts';
import { readCount, readDigest, readStrict } from './strict-structure.ts';
import { SUITES, suiteOfNumber, type Suite, type SuiteId } from './suites.ts';

export interface ManifestDocument {
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
  /** Root of the tree over its pieces of 1 MiB. */
  readonly digest: Uint8Array;
}

export interface Manifest {
  readonly suite: SuiteId;
  readonly identity: BidIdentity;
  readonly documents: readonly ManifestDocument[];
}

/** Octets behind the manifest message that say its length. */
export const MANIFEST_LENGTH_BYTES = 4;
/** RFC 6838 §4.2. */
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

/** @throws SEAL_DOCUMENT_COUNT, SEAL_NAME_REFUSED, SEAL_NAME_DUPLICATE, SEAL_MANIFEST_MALFORMED for a media type */
export function checkDocuments(documents: readonly Pick<ManifestDocument, 'name' | 'mediaType'>[]): void {
  if (documents.length === 0 || documents.length > MAX_DOCUMENTS) refuse('SEAL_DOCUMENT_COUNT', { got: documents.length, max: MAX_DOCUMENTS });
  checkNames(documents.map(({ name }) => name));
  const wrong = documents.find(({ mediaType }) => !MEDIA_TYPE.test(mediaType));
  if (wrong) refuse('SEAL_MANIFEST_MALFORMED', { reason: 'media type', name: wrong.name });
}

export function writeManifest(manifest: Manifest): Uint8Array {
  return derSequence(
    derInteger(1), derEnumerated(SUITES[manifest.suite].number), writeIdentity(manifest.identity),
    derSequence(...manifest.documents.map((one) => derSequence(derUtf8String(one.name), derUtf8String(one.mediaType), derInteger(one.size), derOctetString(one.digest)))),
  );
}

/** @throws SEAL_MANIFEST_MALFORMED, SEAL_DOCUMENT_COUNT, SEAL_NAME_REFUSED, SEAL_NAME_DUPLICATE */
export function readManifest(der: Uint8Array): Manifest {
  const manifest = readStrict(der, MAX_MANIFEST_BYTES, 'SEAL_MANIFEST_MALFORMED', readManifestIn, writeManifest);
  checkDocuments(manifest.documents);
  return manifest;
}

function readManifestIn(outer: DerReader): Manifest {
  const inside = outer.readSequence('manifest');
  inside.readSmallInteger('version', 1, 1);
  const suite = suiteOfNumber(inside.readEnumerated('suite'));
  const identity = readIdentity(inside);
  const list = inside.readSequence('documents');
  inside.end('manifest');
  const documents: ManifestDocument[] = [];
  while (!list.atEnd) {
    if (documents.length === MAX_DOCUMENTS) refuse('SEAL_DOCUMENT_COUNT', { max: MAX_DOCUMENTS });
    documents.push(readDocument(list));
  }
  return { suite, identity, documents };
}

function readDocument(list: DerReader): ManifestDocument {
  const inside = list.readSequence('document');
  // Whether the name is allowed is asked with its own codes, of all names at once.
  const [name, mediaType] = [readUtf8(inside, 'name'), readUtf8(inside, 'media type')];
  const size = readCount(inside, 'size', 0, MAX_PAYLOAD_BYTES);
  const digest = readDigest(inside, 'digest');
  inside.end('document');
  return { name, mediaType, size, digest };
}

function readUtf8(reader: DerReader, what: string): string {
  if (reader.peekTag() !== TAG.UTF8_STRING) refuse('DER_MALFORMED', { reason: 'wrong tag', what });
  return reader.readString(what).text;
}

export interface OpenedManifest {
  readonly manifest: Manifest;
  readonly signature: OneSignature;
  readonly message: Uint8Array;
}

/**
 * Verifies the manifest message and that it belongs to this file.
 * @throws SEAL_MANIFEST_SIGNATURE, SEAL_SIGNER_WRONG, SEAL_MANIFEST_MALFORMED, SEAL_MANIFEST_MISMATCH, SEAL_DOCUMENT_SIZES, …
 */
export async function openManifest(message: Uint8Array, core: HeaderCore, payloadLength: number, suite: Suite, crypto: CryptoPort): Promise<OpenedManifest> {
  const { content, ...signature } = await verifyOne(message, null, 'SEAL_MANIFEST_SIGNATURE', crypto);
  if (!equalBytes(suite.digest(signature.certificateDer), core.bidder)) refuse('SEAL_SIGNER_WRONG', { part: 'manifest' });
  const manifest = readManifest(content ?? refuse('SEAL_MANIFEST_MALFORMED', { reason: 'no content' }));
  if (manifest.suite !== core.suite || !equalBytes(writeIdentity(manifest.identity), writeIdentity(core.identity))) refuse('SEAL_MANIFEST_MISMATCH');
  const total = manifest.documents.reduce((sum, { size }) => sum + size, message.length + MANIFEST_LENGTH_BYTES);
  if (total !== payloadLength) refuse('SEAL_DOCUMENT_SIZES', { gotBytes: payloadLength, wantBytes: total });
  return { manifest, signature, message };
}
