/** Bid projects: made, changed, copied, put away; their documents. Everything is on the disk before it is answered. */
import { copyFile, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BidPart, BidProject, BidProjectSummary, TenderFacts } from '#shared/contract/desktop/bids.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import { toBase64 } from '#shared/bytes/base64.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { Uploads } from '../files/uploads.ts';
import type { PdfChecks } from '../pdf/pdf-checks.ts';
import { newId, type RecordStore } from '../record-store.ts';
import { copyDocument, documentName, signatureName, type CopiedDocument } from './copy-document.ts';
import { DEFAULT_PARTS, everyDocument, setAsideOf, type DocumentRecord, type ProjectRecord } from './project-record.ts';
import { foldedName, nameInBid, viewProject, viewSummary } from './project-view.ts';
import type { ReadTender } from './read-tender.ts';

export interface ProjectDeps {
  readonly store: RecordStore<ProjectRecord>;
  readonly uploads: Uploads;
  readonly readTender: ReadTender;
  readonly pdfs: PdfChecks;
  readonly now: () => Date;
}

export const documentsFolder = (store: RecordStore<ProjectRecord>, id: string): string => join(store.folderOf(id), 'documents');
export const signaturesFolder = (store: RecordStore<ProjectRecord>, id: string): string => join(store.folderOf(id), 'signatures');

/** A part of that id. @throws BID_PART_NOT_FOUND */
export function findPart(record: ProjectRecord, partId: string): BidPart {
  return record.parts.find((part) => part.id === partId) ?? refuse('BID_PART_NOT_FOUND');
}

/** A part that takes documents. @throws BID_PART_NOT_FOUND, BID_PART_FORM */
export function documentsPart(record: ProjectRecord, partId: string): BidPart {
  const part = findPart(record, partId);
  return part.kind === 'form' ? refuse('BID_PART_FORM') : part;
}

/** @param among those of the bid, unless said otherwise @throws BID_DOCUMENT_NOT_FOUND */
export function findDocument(record: ProjectRecord, documentId: string, among: readonly DocumentRecord[] = record.documents): DocumentRecord {
  return among.find((document) => document.id === documentId) ?? refuse('BID_DOCUMENT_NOT_FOUND');
}

/** @throws BID_PROJECT_ARCHIVED */
export function requireOpen(record: ProjectRecord): ProjectRecord {
  return record.archived ? refuse('BID_PROJECT_ARCHIVED') : record;
}

export function createProjects(deps: ProjectDeps) {
  const { store, uploads } = deps;
  const change = async (id: string, deed: (record: ProjectRecord) => ProjectRecord | Promise<ProjectRecord>, revision?: number): Promise<BidProject> =>
    viewProject(await store.change(id, (record) => deed(requireOpen(record)), revision));

  async function create({ name, tender, lot, bidderName }: DesktopInput<'bids.create'>): Promise<BidProject> {
    if (tender === null) return viewProject(await store.create((common) => emptyProject(common, name, bidderName)));
    return uploads.take(tender, async (file) => {
      const read = await deps.readTender(file.path);
      const { facts } = read;
      return viewProject(await store.create(async (common) => {
        await copyFile(file.path, join(store.folderOf(common.id), 'tender.tender'));
        return {
          ...emptyProject(common, name, bidderName), tenderTitle: facts.title, tenderId: facts.tenderId, lot: chooseLot(facts, lot), opensAtUtc: facts.opensAtUtc, suite: facts.suite, parts: facts.parts,
          tender: { file: 'tender.tender', facts, openers: [...read.openers] }, openers: read.openers.map((opener) => ({ ...opener, testedAtUtc: null })),
        };
      }));
    });
  }

  async function copy({ projectId, name }: DesktopInput<'bids.copy'>): Promise<BidProject> {
    const from = await store.get(projectId);
    return viewProject(await store.create(async (common) => {
      await mkdir(documentsFolder(store, common.id), { recursive: true, mode: 0o700 });
      for (const { file } of everyDocument(from)) await copyFile(join(documentsFolder(store, projectId), file), join(documentsFolder(store, common.id), file));
      if (from.tender) await copyFile(join(store.folderOf(projectId), from.tender.file), join(store.folderOf(common.id), from.tender.file));
      // Ids of a bid must never be the same in two bids: a platform may take that for collusion.
      const unsigned = <D extends DocumentRecord>(document: D): D => ({ ...document, id: newId(), signature: null });
      const { documents, values } = setAsideOf(from);
      return { ...from, ...common, name, archived: false, bidId: '', documents: from.documents.map(unsigned), setAside: { documents: documents.map(unsigned), values }, outputs: [], replacedTenders: [] };
    }));
  }

  async function addDocument({ projectId, partId, source, name }: DesktopInput<'bids.addDocument'>): Promise<BidProject> {
    const part = documentsPart(requireOpen(await store.get(projectId)), partId);
    return uploads.take(source, async (file) => {
      const copied = await copyDocument(file, name ?? file.name, part, documentsFolder(store, projectId), deps.pdfs.check);
      return keepOrDrop(projectId, copied, (record) => {
        // As it is now: while the file was copied, a newer tender package may have come in.
        const { maxDocuments } = documentsPart(record, partId);
        const taken = record.documents.filter((one) => one.partId === partId).length;
        if (maxDocuments !== null && taken >= maxDocuments) refuse('BID_PART_FULL', { max: maxDocuments });
        const document = newDocument(copied, partId, deps.now(), false);
        checkNameFree(record, document);
        return { ...record, documents: [...record.documents, document] };
      });
    });
  }

  async function replaceDocument({ projectId, documentId, source }: DesktopInput<'bids.replaceDocument'>): Promise<BidProject> {
    const record = requireOpen(await store.get(projectId));
    const old = findDocument(record, documentId);
    if (old.generated) refuse('BID_PART_FORM');
    return uploads.take(source, async (file) => {
      const copied = await copyDocument(file, file.name, findPart(record, old.partId), documentsFolder(store, projectId), deps.pdfs.check);
      const view = await keepOrDrop(projectId, copied, (latest) => {
        const document = { ...findDocument(latest, documentId), ...copied, addedAtUtc: deps.now().toISOString(), signature: null };
        checkNameFree(latest, document);
        return { ...latest, documents: latest.documents.map((one) => (one.id === documentId ? document : one)) };
      });
      await dropFiles(store, projectId, old);
      return view;
    });
  }

  /** Pages of forms on which something stands that is changed now go; `remakeForms` writes them anew. */
  async function update({ projectId, revision, ...wanted }: DesktopInput<'bids.update'>): Promise<BidProject> {
    let stale: readonly DocumentRecord[] = [];
    const view = await change(projectId, (record) => {
      const after = applyUpdate(record, wanted);
      stale = staleForms(record, after);
      return { ...after, documents: after.documents.filter((document) => !stale.includes(document)) };
    }, revision);
    for (const document of stale) await dropFiles(store, projectId, document);
    return view;
  }

  /** The copy stays only when the project names it. */
  async function keepOrDrop(projectId: string, copied: CopiedDocument, deed: (record: ProjectRecord) => ProjectRecord): Promise<BidProject> {
    try {
      return await change(projectId, deed);
    } catch (thrown) {
      await rm(join(documentsFolder(store, projectId), copied.file), { force: true });
      throw thrown;
    }
  }

  return {
    list: async (): Promise<BidProjectSummary[]> => (await store.list()).map(viewSummary),
    inspectTender: ({ source }: DesktopInput<'bids.inspectTender'>) => uploads.take(source, async ({ path }) => (await deps.readTender(path)).facts),
    create,
    get: async (projectId: string) => viewProject(await store.get(projectId)),
    update,
    copy,
    async setArchived(projectId: string, archived: boolean) {
      const view = viewProject(await store.change(projectId, (record) => ({ ...record, archived })));
      // What is being checked could not be added any more.
      if (archived) deps.pdfs.cancelIn(store.folderOf(projectId));
      return view;
    },
    async remove(projectId: string): Promise<null> {
      const { archived } = await store.get(projectId);
      if (!archived) refuse('INPUT_INVALID', { reason: 'not archived' });
      await store.remove(projectId);
      return null;
    },
    addDocument,
    replaceDocument,
    renameDocument: ({ projectId, documentId, name }: DesktopInput<'bids.renameDocument'>) => change(projectId, (record) => {
      const document = { ...findDocument(record, documentId), name: documentName(name) };
      checkNameFree(record, document);
      return { ...record, documents: record.documents.map((one) => (one.id === documentId ? document : one)) };
    }),
    async removeDocument({ projectId, documentId }: DesktopInput<'bids.removeDocument'>) {
      const record = await store.get(projectId);
      const document = findDocument(record, documentId, everyDocument(record));
      const view = await change(projectId, (latest) => withoutDocument(latest, documentId));
      await dropFiles(store, projectId, document);
      return view;
    },
    moveDocument: ({ projectId, documentId, position }: DesktopInput<'bids.moveDocument'>) => change(projectId, (record) => moveDocument(record, documentId, position)),
    async readDocument({ projectId, documentId, offset, length }: DesktopInput<'bids.readDocument'>) {
      const record = await store.get(projectId);
      const { file, sizeBytes } = findDocument(record, documentId, everyDocument(record));
      return { bytes: toBase64(await readPiece(join(documentsFolder(store, projectId), file), offset, length)), sizeBytes };
    },
  };
}

/** Copy and signature of a document that the project no longer names. */
export async function dropFiles(store: RecordStore<ProjectRecord>, projectId: string, document: DocumentRecord): Promise<void> {
  await rm(join(documentsFolder(store, projectId), document.file), { force: true });
  if (document.signature) await rm(join(signaturesFolder(store, projectId), document.signature.file), { force: true });
}

/** Wherever it stands: in the bid or among what was set aside. */
export function withoutDocument(record: ProjectRecord, documentId: string): ProjectRecord {
  const others = <D extends DocumentRecord>(documents: readonly D[]) => documents.filter(({ id }) => id !== documentId);
  const { documents, values } = setAsideOf(record);
  return { ...record, documents: others(record.documents), ...(record.setAside ? { setAside: { documents: others(documents), values } } : {}) };
}

export function newDocument(copied: CopiedDocument, partId: string, now: Date, generated: boolean): DocumentRecord {
  return { id: newId(), partId, ...copied, addedAtUtc: now.toISOString(), generated, signature: null };
}

function emptyProject(common: Pick<ProjectRecord, 'id' | 'createdAtUtc' | 'updatedAtUtc' | 'revision'>, name: string, bidderName = ''): ProjectRecord {
  return {
    version: 1, ...common, name, archived: false, bidderName, tenderTitle: '', tenderId: '', lot: '', opensAtUtc: null, bidId: '', suite: 'sm', forms: {}, tender: null,
    parts: [...DEFAULT_PARTS], documents: [], openers: [], outputs: [],
  };
}

/** Where the tender has one lot, it is that; where it has none, the bid has none. @throws INPUT_INVALID for a lot that the tender does not have */
function chooseLot({ lots }: TenderFacts, wanted: string | undefined): string {
  if (wanted !== undefined && wanted !== '' && !lots.some(({ id }) => id === wanted)) refuse('INPUT_INVALID', { reason: 'no such lot', fields: ['lot'] });
  return wanted ?? (lots.length === 1 ? lots[0]?.id : undefined) ?? '';
}

type Update = Omit<DesktopInput<'bids.update'>, 'projectId' | 'revision'>;

function applyUpdate(record: ProjectRecord, wanted: Update): ProjectRecord {
  const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)) as Update;
  // What the tenderer signed is not the bidder's to change.
  const fixed = (['tenderId', 'tenderTitle', 'opensAtUtc', 'suite', 'parts'] as const).filter((field) => given[field] !== undefined);
  if (record.tender && fixed.length > 0) refuse('INPUT_INVALID', { reason: 'fixed by the tender package', fields: fixed });
  if (record.tender && given.lot !== undefined) chooseLot(record.tender.facts, given.lot);
  const { parts } = given;
  if (parts) checkParts(record, parts);
  return { ...record, ...given };
}

/** What the pages of forms say beside the values. */
const ON_FORMS = ['tenderTitle', 'tenderId', 'lot', 'bidderName'] as const;

/** Pages of forms that say something else than the project does now. */
export function staleForms(before: ProjectRecord, after: ProjectRecord): DocumentRecord[] {
  const partIn = ({ parts }: ProjectRecord, id: string) => JSON.stringify(parts.find((part) => part.id === id));
  const all = ON_FORMS.some((field) => before[field] !== after[field]);
  return before.documents.filter(({ generated, partId }) => generated && (all || partIn(before, partId) !== partIn(after, partId)));
}

function checkParts(record: ProjectRecord, parts: readonly BidPart[]): void {
  if (new Set(parts.map(({ id }) => id)).size !== parts.length) refuse('INPUT_INVALID', { reason: 'part id occurs twice' });
  const orphan = record.documents.find((document) => !parts.some(({ id }) => id === document.partId));
  if (orphan) refuse('INPUT_INVALID', { reason: 'part has documents', name: orphan.name });
}

/** Two documents may not be one after case folding: some file systems would keep one of them. Each has its own name and that of its signature, whether it is signed by now or not. */
export function isNameFree(record: ProjectRecord, document: Pick<DocumentRecord, 'id' | 'partId' | 'name'>): boolean {
  const namesOf = (one: Pick<DocumentRecord, 'partId' | 'name'>) => [nameInBid(record, one), signatureName(nameInBid(record, one))].map(foldedName);
  const mine = namesOf(document);
  return !record.documents.some((one) => one.id !== document.id && namesOf(one).some((name) => mine.includes(name)));
}

/** @throws SEAL_NAME_DUPLICATE */
export function checkNameFree(record: ProjectRecord, document: Pick<DocumentRecord, 'id' | 'partId' | 'name'>): void {
  if (!isNameFree(record, document)) throw new AppError('SEAL_NAME_DUPLICATE', { name: document.name });
}

function moveDocument(record: ProjectRecord, documentId: string, position: number): ProjectRecord {
  const moved = findDocument(record, documentId);
  const siblings = record.documents.filter((one) => one.partId === moved.partId && one.id !== documentId);
  siblings.splice(Math.min(position, siblings.length), 0, moved);
  return { ...record, documents: [...record.documents.filter((one) => one.partId !== moved.partId), ...siblings] };
}

/** @throws SEAL_SOURCE_UNREADABLE */
export async function readPiece(path: string, offset: number, length: number): Promise<Uint8Array> {
  const file = await open(path, 'r').catch((thrown: NodeJS.ErrnoException) => refuse('SEAL_SOURCE_UNREADABLE', { reason: thrown.code ?? '' }, thrown));
  try {
    const piece = new Uint8Array(length);
    const { bytesRead } = await file.read(piece, 0, length, offset);
    return piece.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
