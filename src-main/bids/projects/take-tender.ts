/**
 * 补遗: a newer tender package for a project. Looked at first, then taken over as it was shown. Rule: the copy in the project folder is what is verified and kept; the package that is
 * replaced stays beside it, so that the state before, which is kept for a power cut, still has its own.
 */
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BidProject } from '#shared/contract/desktop/bids.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import type { TenderComparison } from '#shared/contract/desktop/tender-updates.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { isTypedAs } from '#shared/forms/as-typed.ts';
import type { SealingMeans } from '../../sealing/sealing-means.ts';
import { writing } from '../../sealing/system-errors.ts';
import type { BidLedger } from '../bid-ledger.ts';
import type { Uploads } from '../files/uploads.ts';
import { newId, type RecordStore } from '../record-store.ts';
import { compareDocuments } from '../tenders/compare-documents.ts';
import { compareTenders, confirmationOf, requireSuccessor, sameSigner } from '../tenders/compare-tenders.ts';
import { copyWhole } from '../whole-file.ts';
import { applyTender, type AppliedTender } from './apply-tender.ts';
import { findMisfits } from './misfits.ts';
import { setAsideOf, type DocumentRecord, type ProjectRecord } from './project-record.ts';
import { answersOlderTender, viewProject } from './project-view.ts';
import { checkNameFree, documentsPart, dropFiles, requireOpen, withoutDocument } from './projects.ts';
import type { ReadTender, TakenTender } from './read-tender.ts';

export interface TakeTenderDeps {
  readonly store: RecordStore<ProjectRecord>;
  readonly uploads: Uploads;
  readonly readTender: ReadTender;
  readonly means: SealingMeans;
  readonly ledger: BidLedger;
  /** Whether a project is being signed or sealed: what stands on its pages must not change under that. */
  readonly isWorking: (projectId: string) => boolean;
}

/** A copy on its way in; what a killed program left of such is removed by the next one. */
const INCOMING = /^incoming-.*\.tender(\..*\.new)?$/;

export function createTenderUpdates(deps: TakeTenderDeps) {
  const { store, uploads, readTender, means, ledger } = deps;
  const busy = new Set<string>();

  /** @throws BID_TENDER_NONE, BID_TENDER_OTHER, BID_TENDER_SAME, BID_TENDER_OLDER, SEAL_… */
  async function compare({ projectId, source }: DesktopInput<'bids.compareTender'>): Promise<TenderComparison> {
    const record = requireOpen(await store.get(projectId));
    const { facts: before, file } = packageOf(record);
    return uploads.take(source, async ({ path }) => {
      const taken = await readTender(path);
      requireSuccessor(before, taken.facts);
      const documents = await compareDocuments(join(store.folderOf(projectId), file), path, means);
      return {
        tender: taken.facts, rootHex: taken.rootHex, revision: record.revision, replaces: { sealIdHex: before.sealIdHex, madeAtUtc: before.madeAtUtc, signer: before.signer },
        signer: sameSigner(before, taken.facts) ? 'same' : 'other', confirmation: confirmationOf(before, taken.facts), differences: compareTenders(before, taken.facts, documents),
        effects: applyTender(record, taken, nameOf(taken), means.clock()).effects,
      };
    });
  }

  /** @throws BID_TENDER_CHANGED, BID_TENDER_SIGNER, BID_PROJECT_CHANGED, BID_WORK_RUNNING, and what the comparison throws */
  async function take(input: DesktopInput<'bids.takeTender'>): Promise<BidProject> {
    const { projectId } = input;
    packageOf(requireOpen(await store.get(projectId)));
    if (deps.isWorking(projectId) || busy.has(projectId)) refuse('BID_WORK_RUNNING');
    busy.add(projectId);
    try {
      return await uploads.take(input.source, ({ path }) => takeFile(input, path));
    } finally {
      busy.delete(projectId);
    }
  }

  async function takeFile(input: DesktopInput<'bids.takeTender'>, path: string): Promise<BidProject> {
    const folder = store.folderOf(input.projectId);
    await sweep(folder, (name) => INCOMING.test(name));
    const incoming = join(folder, `incoming-${newId()}.tender`);
    try {
      await writing(path, () => copyWhole(path, incoming));
      const taken = await readTender(incoming);
      if (taken.rootHex !== input.rootHex) refuse('BID_TENDER_CHANGED');
      const { record, dropped } = await keep(input, taken, incoming);
      for (const document of dropped) await dropFiles(store, record.id, document);
      // Taken out of the package before this one.
      await sweep(folder, (name) => name.startsWith(TENDER_DOCUMENT_PREFIX) && !name.startsWith(tenderDocumentFile(taken.facts.sealIdHex, '')));
      return viewProject(record);
    } finally {
      await rm(incoming, { force: true });
    }
  }

  async function keep({ projectId, revision, typedSigner }: DesktopInput<'bids.takeTender'>, taken: TakenTender, incoming: string): Promise<Pick<AppliedTender, 'record' | 'dropped'>> {
    let dropped: AppliedTender['dropped'] = [];
    const record = await store.change(projectId, async (latest) => {
      const { facts: before } = packageOf(requireOpen(latest));
      requireSuccessor(before, taken.facts);
      const wanted = confirmationOf(before, taken.facts);
      if (wanted !== null && !isTypedAs(typedSigner, wanted)) refuse('BID_TENDER_SIGNER', { signer: wanted, before: before.signer.subjectCommonName });
      const applied = applyTender(latest, taken, nameOf(taken), means.clock());
      dropped = applied.dropped;
      await rename(incoming, join(store.folderOf(projectId), nameOf(taken)));
      // The ledger first: it says no more than that a newer package is there, which is true also when the project cannot be written.
      ledger.noteTenderReplaced(applied.record.outputs.filter((output) => answersOlderTender(applied.record, output)).map(({ sealIdHex }) => sealIdHex));
      return applied.record;
    }, revision);
    return { record, dropped };
  }

  return { compare, take, takeBack: (input: DesktopInput<'bids.takeBack'>) => takeBack(store, input), forgetValues: (projectId: string) => forgetValues(store, projectId) };
}

const TENDER_DOCUMENT_PREFIX = 'tender-document-';
/** Where a document of a package lies once it was taken out of it. */
export const tenderDocumentFile = (sealIdHex: string, index: number | ''): string => `${TENDER_DOCUMENT_PREFIX}${sealIdHex}-${index}`;

const nameOf = ({ facts }: TakenTender): string => `tender-${facts.sealIdHex}.tender`;
const packageOf = ({ tender }: ProjectRecord): NonNullable<ProjectRecord['tender']> => tender ?? refuse('BID_TENDER_NONE');

async function sweep(folder: string, goes: (name: string) => boolean): Promise<void> {
  for (const name of await readdir(folder)) if (goes(name)) await rm(join(folder, name), { force: true });
}

/** The part has to take the document as if it were added now; a signature of it stays, it is over the same octets. @throws BID_PART_…, BID_DOCUMENT_TYPE, BID_DOCUMENT_SIZE, SEAL_NAME_DUPLICATE */
async function takeBack(store: RecordStore<ProjectRecord>, { projectId, documentId, partId }: DesktopInput<'bids.takeBack'>): Promise<BidProject> {
  return viewProject(await store.change(projectId, (record) => {
    const part = documentsPart(requireOpen(record), partId);
    const { partTitle: _gone, ...found } = setAsideOf(record).documents.find(({ id }) => id === documentId) ?? refuse('BID_DOCUMENT_NOT_FOUND');
    const document: DocumentRecord = { ...found, partId };
    const after = { ...withoutDocument(record, documentId), documents: [...record.documents, document] };
    const reason = findMisfits(after).find((one) => one.document === document)?.reason;
    if (reason === 'type') refuse('BID_DOCUMENT_TYPE', { name: document.name, wanted: part.mediaTypes });
    if (reason === 'size') refuse('BID_DOCUMENT_SIZE', { name: document.name, gotBytes: document.sizeBytes, maxBytes: part.maxBytes });
    if (reason === 'count') refuse('BID_PART_FULL', { max: part.maxDocuments });
    checkNameFree(record, document);
    return after;
  }));
}

async function forgetValues(store: RecordStore<ProjectRecord>, projectId: string): Promise<BidProject> {
  return viewProject(await store.change(projectId, (record) => ({ ...requireOpen(record), setAside: { ...setAsideOf(record), values: [] } })));
}
