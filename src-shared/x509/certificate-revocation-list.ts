/**
 * Certificate revocation lists, RFC 5280 §5: read and built. Pure.
 * `TBSCertList ::= SEQUENCE { version INTEGER (1), signature, issuer Name, thisUpdate Time, nextUpdate Time OPTIONAL,
 *  revokedCertificates SEQUENCE OF { userCertificate INTEGER, revocationDate Time, crlEntryExtensions OPTIONAL } OPTIONAL, crlExtensions [0] OPTIONAL }`
 */
import { derContext, derInteger, derSequence, derSequenceOf, derTime, derUnsignedInteger } from '../asn1/der-writer.ts';
import type { DerReader } from '../asn1/der-reader.ts';
import type { DerTime } from '../asn1/der-values.ts';
import { atOnce, type Slices } from '../asn1/slices.ts';
import { TAG } from '../asn1/tags.ts';
import { fromHex } from '../bytes/hex.ts';
import type { SignAlgorithmId } from '../crypto/algorithms.ts';
import { AppError } from '../errors/app-error.ts';
import { readAlgorithmIdentifier, writeSignAlgorithm, type AlgorithmIdentifier } from './algorithm-identifier.ts';
import { serialHexOf } from './certificate.ts';
import { findExtension, makeExtension, readExtensions, writeExtensions, type Extension } from './extension.ts';
import { CRL_ENTRY_EXTENSIONS, findUnknownCritical } from './extensions/known-extensions.ts';
import { REASON_CODE, REVOCATION_REASONS, type RevocationReason } from './extensions/reason-code.ts';
import { readName, type Name } from './name.ts';
import { assembleSigned, readSignedStructureInSlices, type SignCallback, type SignedStructure } from './signed-structure.ts';

export interface RevokedCertificate {
  readonly serialHex: string;
  readonly revokedAt: Date;
  readonly reason: RevocationReason;
}

export interface CertificateRevocationList extends SignedStructure {
  readonly tbsSignatureAlgorithm: AlgorithmIdentifier;
  readonly issuer: Name;
  readonly thisUpdate: DerTime;
  /** §5.1.2.5 demands it; null when a list leaves it out all the same. */
  readonly nextUpdate: DerTime | null;
  readonly entries: readonly RevokedCertificate[];
  readonly extensions: readonly Extension[];
}

// About a million entries.
const MAX_CRL_BYTES = 64 * 1024 * 1024;

/** Read or written between two pauses; some milliseconds. */
const SLICE_ENTRIES = 500;

/** Version 2 only. @throws DER_MALFORMED, CERTIFICATE_MALFORMED, NAME_INVALID */
export function parseCertificateRevocationList(der: Uint8Array): CertificateRevocationList {
  return atOnce(parseCrlInSlices(der));
}

/** The same, with pauses: a long list takes a processor for most of a second. */
export function* parseCrlInSlices(der: Uint8Array): Slices<CertificateRevocationList> {
  const { tbs, ...signed } = yield* readSignedStructureInSlices(der, 'CRL', MAX_CRL_BYTES);
  tbs.readSmallInteger('version', 1, 1);
  const tbsSignatureAlgorithm = readAlgorithmIdentifier(tbs, 'signature');
  const issuer = readName(tbs, 'issuer');
  const thisUpdate = tbs.readTime('thisUpdate');
  const nextUpdate = isTime(tbs) ? tbs.readTime('nextUpdate') : null;
  const entries = tbs.peekTag() === TAG.SEQUENCE ? yield* readEntries(tbs.readSequence('revoked certificates')) : [];
  const wrapped = tbs.readOptionalContext(0, 'extensions');
  const extensions = wrapped ? readExtensions(wrapped) : [];
  wrapped?.end('extensions');
  tbs.end('CRL content');
  return { ...signed, tbsSignatureAlgorithm, issuer, thisUpdate, nextUpdate, entries, extensions };
}

const isTime = (reader: DerReader): boolean => reader.peekTag() === TAG.UTC_TIME || reader.peekTag() === TAG.GENERALIZED_TIME;

function* readEntries(list: DerReader): Slices<RevokedCertificate[]> {
  const entries: RevokedCertificate[] = [];
  // §5.1.2.6: when nothing is revoked the list is absent, not empty.
  do {
    const entry = list.readSequence('revoked certificate');
    const serialHex = serialHexOf(entry.readIntegerBytes('serial number'));
    const revokedAt = entry.readTime('revocation date').date;
    const extensions = entry.atEnd ? [] : readExtensions(entry);
    entry.end('revoked certificate');
    const unknown = findUnknownCritical(extensions, CRL_ENTRY_EXTENSIONS);
    // §5.3: a list with such an entry must not be used to decide about any certificate.
    if (unknown) throw new AppError('CERTIFICATE_MALFORMED', { reason: 'unknown critical entry extension', oid: unknown.oid });
    entries.push({ serialHex, revokedAt, reason: findExtension(extensions, REASON_CODE)?.value ?? 'unspecified' });
    if (entries.length % SLICE_ENTRIES === 0) yield;
  } while (!list.atEnd);
  return entries;
}

export interface CrlContent {
  readonly signAlgorithm: SignAlgorithmId;
  readonly issuerDer: Uint8Array;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly entries: readonly RevokedCertificate[];
  readonly extensions: readonly Extension[];
}

export function buildTbsCertList(content: CrlContent): Uint8Array {
  return atOnce(buildTbsCertListInSlices(content));
}

/** The same, with pauses. */
export function* buildTbsCertListInSlices(content: CrlContent): Slices<Uint8Array> {
  const entries: Uint8Array[] = [];
  for (const entry of content.entries) {
    entries.push(writeEntry(entry));
    if (entries.length % SLICE_ENTRIES === 0) yield;
  }
  return derSequence(
    derInteger(1),
    writeSignAlgorithm(content.signAlgorithm),
    content.issuerDer,
    derTime(content.thisUpdate),
    derTime(content.nextUpdate),
    ...(entries.length === 0 ? [] : [derSequenceOf(entries)]),
    derContext(0, writeExtensions(content.extensions)),
  );
}

function writeEntry({ serialHex, revokedAt, reason }: RevokedCertificate): Uint8Array {
  // §5.3.1: `unspecified` SHOULD be said by leaving the extension out.
  return derSequence(derUnsignedInteger(fromHex(serialHex)), derTime(revokedAt), ...(reason === 'unspecified' ? [] : [REASON_EXTENSIONS[reason]]));
}

/** Made once for each reason, not for each entry of a long list. */
const REASON_EXTENSIONS = Object.fromEntries(
  (Object.keys(REVOCATION_REASONS) as RevocationReason[]).map((reason) => [reason, writeExtensions([makeExtension(REASON_CODE, reason, { critical: false })])]),
) as Readonly<Record<RevocationReason, Uint8Array>>;

export async function signCertificateRevocationList(content: CrlContent, sign: SignCallback): Promise<Uint8Array> {
  const tbsDer = buildTbsCertList(content);
  return assembleSigned(tbsDer, content.signAlgorithm, await sign(tbsDer));
}
