/** Tender packages: made from documents, a description and the tenderer's opening certificates; read and believed only as far as signature and description go together. Spec §11. */
import { toHex } from '#shared/bytes/hex.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { inspectFile, type InspectedFile } from '#shared/seal/inspect-file.ts';
import type { OpenedManifest } from '#shared/seal/manifest.ts';
import { checkOpenerCertificate } from '#shared/seal/opener.ts';
import type { SealSignatures } from '#shared/seal/seal-trailer.ts';
import { MAX_TENDER_DESCRIPTION_BYTES, readTenderDescription, TENDER_DOCUMENT, TENDER_MEDIA_TYPE, writeTenderDescription, type TenderDescription } from '#shared/seal/tender-description.ts';
import { verifySignatures } from '#shared/seal/seal-trailer.ts';
import type { CandidateGroup } from './check-openers.ts';
import { readDocument } from './extract-document.ts';
import { makeTenderPackage, type FileToMake, type MadeDocument, type MadeFile, type SourceDocument } from './seal-bid.ts';
import { withSealedFile, type SealedFile } from './sealed-file.ts';
import type { SealingMeans, WorkOptions } from './sealing-means.ts';
import { readManifestOf } from './unlock-bid.ts';

export const OPENERS_FOLDER = 'openers/';
const CERTIFICATE_MEDIA_TYPE = 'application/pkix-cert';
const MAX_CERTIFICATE_BYTES = 65_536;

export interface TenderToMake extends Pick<FileToMake, 'suite' | 'signer' | 'timeStamp' | 'chunkBits'> {
  /** `groups` is made from the certificates below. */
  readonly description: Omit<TenderDescription, 'format' | 'groups'>;
  /** Who opens besides each bidder: the tenderer, an opening hall. */
  readonly groups: readonly CandidateGroup[];
  readonly documents: readonly SourceDocument[];
  readonly outPath: string;
}

/** @throws SEAL_TENDER_MALFORMED, SEAL_OPENER_REFUSED, SEAL_OPENER_DUPLICATE, SEAL_NAME_…, SEAL_SOURCE_…, SEAL_OUTPUT_…, CANCELLED */
export async function makeTender(tender: TenderToMake, means: SealingMeans, options: WorkOptions = {}): Promise<MadeFile> {
  const opensAt = tender.description.opensAtUtc === null ? null : new Date(tender.description.opensAtUtc);
  const openers = tender.groups.flatMap(({ certificates }) => certificates);
  for (const certificateDer of openers) checkOpenerCertificate({ certificateDer, revocation: 'unknown', revocationAt: null }, means.clock(), opensAt);
  if (hasTwice(openers)) refuse('SEAL_OPENER_DUPLICATE');
  // The group's number and not its name: names of groups may hold what names of documents may not.
  const certificates: MadeDocument[][] = tender.groups.map((group, g) => group.certificates.map((bytes, n) => ({ name: `${OPENERS_FOLDER}${g + 1}/${n + 1}.cer`, mediaType: CERTIFICATE_MEDIA_TYPE, bytes })));
  const groups = tender.groups.map(({ name }, g) => ({ name, openers: (certificates[g] ?? []).map((one) => one.name) }));
  const bytes = writeTenderDescription({ format: 'bidkey-tender-1', ...tender.description, groups });
  const documents = [{ name: TENDER_DOCUMENT, mediaType: TENDER_MEDIA_TYPE, bytes }, ...certificates.flat(), ...tender.documents];
  const { description: _description, groups: _groups, ...file } = tender;
  return makeTenderPackage({ ...file, identity: { bidId: '', tenderId: tender.description.tenderId, lot: '', opensAt }, documents }, means, options);
}

export interface OpenedTender {
  readonly file: InspectedFile;
  readonly description: TenderDescription;
  /** Candidates for openers of a bid: to be checked as any others. */
  readonly groups: readonly CandidateGroup[];
  readonly manifest: OpenedManifest;
  /** Who made it; whether that certificate is trusted is asked of `verifyBid`. */
  readonly signatures: SealSignatures;
}

/**
 * Description and openers, each held against the signed list of documents; the other documents are not read: that is `verifyBid` and `openBid`.
 * @throws SEAL_TENDER_MALFORMED, SEAL_SIGNATURE_INVALID, SEAL_DOCUMENT_DIGEST, …
 */
export function readTender(path: string, means: SealingMeans): Promise<OpenedTender> {
  return withSealedFile(path, means, async (file) => {
    const { header, headerDigest, trailer } = file;
    if (header.core.kind !== 'plain' || header.core.identity.purpose !== 'tender') refuse('SEAL_TENDER_MALFORMED', { reason: 'not a tender package' });
    const signatures = await verifySignatures(header, headerDigest, trailer, file.means.suite, file.means.crypto);
    const manifest = await readManifestOf(file, null);
    const description = await readDescription(file, manifest);
    const groups: CandidateGroup[] = [];
    for (const { name, openers } of description.groups) groups.push({ name, certificates: await readCertificates(file, manifest, openers) });
    if (hasTwice(groups.flatMap(({ certificates }) => certificates))) refuse('SEAL_TENDER_MALFORMED', { reason: 'opener twice' });
    return { file: inspectFile(file), description, groups, manifest, signatures };
  });
}

/** One key that stands for two groups would defeat the second. */
const hasTwice = (certificates: readonly Uint8Array[]): boolean => new Set(certificates.map(toHex)).size !== certificates.length;

async function readDescription(file: SealedFile, { manifest }: OpenedManifest): Promise<TenderDescription> {
  const [first] = manifest.documents;
  if (first?.name !== TENDER_DOCUMENT || first.mediaType !== TENDER_MEDIA_TYPE) refuse('SEAL_TENDER_MALFORMED', { reason: `${TENDER_DOCUMENT} is not the first document` });
  const description = readTenderDescription(await readDocument(file, null, manifest.documents, TENDER_DOCUMENT, MAX_TENDER_DESCRIPTION_BYTES));
  const { tenderId, opensAt } = file.header.core.identity;
  const sameTime = (opensAt?.getTime() ?? null) === (description.opensAtUtc === null ? null : new Date(description.opensAtUtc).getTime());
  if (description.tenderId !== tenderId || !sameTime) refuse('SEAL_TENDER_MALFORMED', { reason: 'description and header differ' });
  return description;
}

async function readCertificates(file: SealedFile, { manifest }: OpenedManifest, names: readonly string[]): Promise<Uint8Array[]> {
  const certificates: Uint8Array[] = [];
  for (const name of names) {
    if (!manifest.documents.some((one) => one.name === name)) refuse('SEAL_TENDER_MALFORMED', { reason: 'opener without a document', name });
    certificates.push(await readDocument(file, null, manifest.documents, name, MAX_CERTIFICATE_BYTES));
  }
  return certificates;
}
