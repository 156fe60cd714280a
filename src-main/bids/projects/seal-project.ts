/** 生成标书: checks, files with the seal id in their names (so that an older generation is never uploaded by mistake), ledger. */
import { join } from 'node:path';
import { mkdir, stat } from 'node:fs/promises';
import type { SealedOutput } from '#shared/contract/desktop/bids.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { toUtf8 } from '#shared/bytes/utf8.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { SEAL_ID_BYTES } from '#shared/seal/bid-identity.ts';
import type { SealSigner } from '#shared/seal/one-signature.ts';
import { openersOf } from '../../sealing/check-openers.ts';
import { sealBid, type MadeDocument, type SourceDocument } from '../../sealing/seal-bid.ts';
import type { SealingMeans, WorkOptions } from '../../sealing/sealing-means.ts';
import { ticketBeside } from '../../sealing/ticket-beside.ts';
import type { TrustQuestion } from '../../sealing/trust.ts';
import { writing } from '../../sealing/system-errors.ts';
import { certificateFacts } from '../certificate-facts.ts';
import type { BidLedger } from '../bid-ledger.ts';
import type { RecordStore } from '../record-store.ts';
import { digestFile, signatureName } from './copy-document.ts';
import { BIDDER_GROUP, findOpeners } from './openers.ts';
import type { ProjectRecord } from './project-record.ts';
import { nameInBid, orderedDocuments, plainPart } from './project-view.ts';
import { documentsFolder, signaturesFolder } from './projects.ts';

export interface SealDeps {
  readonly store: RecordStore<ProjectRecord>;
  readonly means: SealingMeans;
  readonly ledger: BidLedger;
  /** Whose revocation lists are written into the bid; null: none known. */
  readonly trust: () => Promise<TrustQuestion | null>;
}

export interface SealOrder {
  readonly outFolder: string;
  readonly backup: boolean;
  /** Spec §12: it opens the bid together with the bidder's key alone. */
  readonly ticket: boolean;
  readonly signer: SealSigner;
  /** Of the project when it was checked. */
  readonly revision: number;
}

/** @throws BID_PROJECT_CHANGED, SEAL_…, CANCELLED, and what the key says */
export async function sealProject({ store, means, ledger, trust }: SealDeps, projectId: string, order: SealOrder, options: WorkOptions): Promise<SealedOutput> {
  const record = await store.get(projectId);
  // What was checked is what is sealed: openers, documents or the tender package may have been changed since.
  if (record.revision !== order.revision) refuse('BID_PROJECT_CHANGED');
  await writing(order.outFolder, () => mkdir(order.outFolder, { recursive: true }));
  const sealId = means.crypto.randomBytes(SEAL_ID_BYTES);
  const sealIdHex = toHex(sealId);
  const base = join(order.outFolder, fileBase(record, sealIdHex));
  const paths = { path: `${base}.bid`, backupPath: order.backup ? `${base}.backup` : null, ticketPath: order.ticket ? ticketBeside(`${base}.bid`) : null };
  const made = await sealBid({
    suite: record.suite, sealId, signer: order.signer, groups: openersOf(await findOpeners(record, await trust(), means)),
    identity: { bidId: record.bidId, tenderId: record.tenderId, lot: record.lot, opensAt: record.opensAtUtc === null ? null : new Date(record.opensAtUtc) },
    documents: documentsOf(store, record, sealIdHex), outPath: paths.path, backupPath: paths.backupPath, ticket: paths.ticketPath === null ? null : { group: BIDDER_GROUP, path: paths.ticketPath },
  }, means, options);
  async function keepOutput(): Promise<SealedOutput> {
    const output: SealedOutput = {
      sealIdHex, path: paths.path, backupPath: paths.backupPath, ticketPath: made.ticketMade ? paths.ticketPath : null, sizeBytes: (await stat(paths.path)).size, rootHex: toHex(made.root), sha256Hex: await digestFile(paths.path),
      documents: made.documents.length, sealedAtUtc: made.identity.sealedAt.toISOString(),
      openers: record.openers.map(({ group, certificateDer }) => ({ group, facts: certificateFacts(fromBase64(certificateDer)) })),
      ...(record.tender ? { tenderSealIdHex: record.tender.facts.sealIdHex } : {}),
    };
    await store.change(projectId, (latest) => ({ ...latest, outputs: [output, ...latest.outputs] }));
    return output;
  }
  let output: SealedOutput;
  // The file is made. The ledger first: a deed on a key would lose a bid that it does not know. The project all the same: nobody must seal a second one.
  try {
    await ledger.noteSealed({ path: paths.path, tenderName: record.tenderTitle || record.name, bidderName: record.bidderName, openingTimeUtc: record.opensAtUtc });
  } finally {
    output = await keepOutput();
  }
  return output;
}

function fileBase(record: ProjectRecord, sealIdHex: string): string {
  const parts = [record.tenderTitle || record.name, record.lot, record.bidderName].filter((part) => part.trim() !== '').map((part) => [...plainPart(part)].slice(0, 24).join(''));
  return `${parts.join('_')}_${sealIdHex.slice(0, 8)}`;
}

function documentsOf(store: RecordStore<ProjectRecord>, record: ProjectRecord, sealIdHex: string): (SourceDocument | MadeDocument)[] {
  const documents = orderedDocuments(record);
  const list = documents.flatMap((document): SourceDocument[] => {
    const name = nameInBid(record, document);
    const own: SourceDocument = { path: join(documentsFolder(store, record.id), document.file), name, mediaType: document.mediaType };
    return document.signature ? [own, { path: join(signaturesFolder(store, record.id), document.signature.file), name: signatureName(name), mediaType: 'application/pkcs7-signature' }] : [own];
  });
  return [{ bytes: contentsOf(record, sealIdHex), name: 'bid.json', mediaType: 'application/vnd.bidkey.bid+json' }, ...list];
}

/** What the parts are, for programs: names alone do not say which part of the tender a document answers. Docs: docs/bid-tool.md. */
function contentsOf(record: ProjectRecord, sealIdHex: string): Uint8Array {
  const parts = record.parts.map(({ id, title, kind }) => ({
    id, title, kind,
    documents: record.documents.filter((document) => document.partId === id).map((document) => {
      const name = nameInBid(record, document);
      return { name, sizeBytes: document.sizeBytes, pages: document.pages, sha256: document.sha256Hex, signature: document.signature ? signatureName(name) : null };
    }),
  }));
  const { tender, tenderId, lot, bidId, bidderName } = record;
  return toUtf8(`${JSON.stringify({ format: 'bidkey-bid', version: 1, sealId: sealIdHex, tenderId, lot, bidId, bidderName, tenderSealId: tender?.facts.sealIdHex ?? null, parts }, null, 1)}\n`);
}
