/** The tenderer's side: tender packages being made – documents, parts and forms that bids need, opening time, the tenderer's openers – and written, signed. */
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Nullable, Type, strictObject, type Static } from '#shared/contract/schema.ts';
import { ChosenOpener } from '#shared/contract/desktop/bids.ts';
import { TenderDraft, type TenderSummary } from '#shared/contract/desktop/tenders.ts';
import type { BidOpener, BidPart } from '#shared/contract/desktop/bids.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { refuse } from '#shared/errors/app-error.ts';
import type { SealSigner } from '#shared/seal/one-signature.ts';
import type { TenderPart } from '#shared/seal/tender-description.ts';
import { makeTender } from '../../sealing/tender-package.ts';
import type { SealingMeans, WorkOptions } from '../../sealing/sealing-means.ts';
import type { TokenPort } from '../../token/token-port.ts';
import { certificateFacts } from '../certificate-facts.ts';
import type { Uploads } from '../files/uploads.ts';
import type { KnownCertificates } from '../known-certificates.ts';
import type { PdfChecks } from '../pdf/pdf-checks.ts';
import { copyDocument } from '../projects/copy-document.ts';
import { listCandidates, TENDERER_GROUP } from '../projects/openers.ts';
import { newId, type RecordStore } from '../record-store.ts';

const { title, tenderId, tenderer, opensAtUtc, suite, lots, parts, made } = TenderDraft.properties;
const DraftDocument = strictObject({ ...TenderDraft.properties.documents.items.properties, file: Type.String() });

export const TenderRecord = strictObject({
  version: Type.Literal(1), id: Type.String(), createdAtUtc: Type.String(), updatedAtUtc: Type.String(), revision: Type.Integer(),
  title, tenderId, tenderer, opensAtUtc, suite, lots, parts, made, documents: Type.Array(DraftDocument), openers: Type.Array(strictObject({ ...ChosenOpener.properties, testedAtUtc: Nullable(Type.String()) })),
});
export type TenderRecord = Static<typeof TenderRecord>;

export interface TenderDeps {
  readonly store: RecordStore<TenderRecord>;
  readonly uploads: Uploads;
  readonly tokens: Pick<TokenPort, 'list'>;
  readonly known: KnownCertificates;
  readonly means: SealingMeans;
  readonly pdfs: PdfChecks;
}

const ANYTHING = { mediaTypes: [], maxBytes: null } as const;

export function createTenderDrafts(deps: TenderDeps) {
  const { store, uploads, known } = deps;
  const documentsFolder = (id: string) => join(store.folderOf(id), 'documents');
  return {
    list: async (): Promise<TenderSummary[]> => (await store.list()).map(viewSummary),
    create: async (input: DesktopInput<'tenders.create'>) => view(await store.create((common) => ({ version: 1, ...common, title: input.title, tenderId: '', tenderer: '', opensAtUtc: null, suite: 'sm', lots: [], parts: [...FIRST_PARTS], made: [], documents: [], openers: [] }))),
    get: async (id: string) => view(await store.get(id)),
    async update({ draftId, revision, openers, ...wanted }: DesktopInput<'tenders.update'>): Promise<TenderDraft> {
      if (openers) await known.note(openers);
      const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)) as typeof wanted;
      const tested = openers?.map((opener) => ({ ...opener, testedAtUtc: null }));
      return view(await store.change(draftId, (record) => ({ ...record, ...given, ...(tested ? { openers: tested } : {}) }), revision));
    },
    addDocument: ({ draftId, source, name }: DesktopInput<'tenders.addDocument'>) => uploads.take(source, async (file) => {
      await store.get(draftId);
      const copied = await copyDocument(file, name ?? file.name, ANYTHING, documentsFolder(draftId), deps.pdfs.check);
      return view(await store.change(draftId, (record) => {
        if (record.documents.some((one) => one.name.toLowerCase() === copied.name.toLowerCase())) refuse('SEAL_NAME_DUPLICATE', { name: copied.name });
        const { sha256Hex: _digest, ...document } = copied;
        return { ...record, documents: [...record.documents, { id: newId(), ...document }] };
      }));
    }),
    async removeDocument({ draftId, documentId }: DesktopInput<'tenders.removeDocument'>) {
      const file = (await store.get(draftId)).documents.find(({ id }) => id === documentId)?.file ?? refuse('BID_DOCUMENT_NOT_FOUND');
      const draft = view(await store.change(draftId, (record) => ({ ...record, documents: record.documents.filter(({ id }) => id !== documentId) })));
      await rm(join(documentsFolder(draftId), file), { force: true });
      return draft;
    },
    async remove(id: string): Promise<null> {
      await store.get(id);
      deps.pdfs.cancelIn(store.folderOf(id));
      await store.remove(id);
      return null;
    },
    candidates: async (id: string): Promise<BidOpener[]> => listCandidates(deps, TENDERER_GROUP, [], (await store.get(id)).tenderer),
    make: (id: string, outPath: string, signer: SealSigner, options: WorkOptions) => makeDraft(deps, id, documentsFolder(id), outPath, signer, options),
  };
}

async function makeDraft({ store, means }: TenderDeps, id: string, folder: string, outPath: string, signer: SealSigner, options: WorkOptions): Promise<{ madePath: string }> {
  const record = await store.get(id);
  const names = [...new Set(record.openers.map(({ group }) => group))];
  const result = await makeTender({
    suite: record.suite, signer, outPath,
    description: { tenderId: record.tenderId, title: record.title, tenderer: record.tenderer, lots: record.lots, opensAtUtc: record.opensAtUtc === null ? null : `${record.opensAtUtc.slice(0, 19)}Z`, parts: record.parts.map(givePart) },
    groups: names.map((name) => ({ name, certificates: record.openers.filter((one) => one.group === name).map(({ certificateDer }) => fromBase64(certificateDer)) })),
    documents: record.documents.map(({ file, name, mediaType }) => ({ path: join(folder, file), name, mediaType })),
  }, means, options);
  const one = { path: outPath, sizeBytes: (await stat(outPath)).size, madeAtUtc: result.identity.sealedAt.toISOString(), sealIdHex: toHex(result.identity.sealId) };
  await store.change(id, (latest) => ({ ...latest, made: [one, ...latest.made] }));
  return { madePath: outPath };
}

function givePart(part: BidPart): TenderPart {
  return {
    id: part.id, title: part.title, required: part.required, mediaTypes: part.mediaTypes, maxBytes: part.maxBytes, maxFiles: part.maxDocuments, mustBeSigned: part.mustBeSigned,
    form: part.kind === 'form' ? part.fields.map((field) => ({ id: field.id, label: field.title, kind: field.kind, required: field.required, maxLength: field.maxLength, min: field.minimum, max: field.maximum, choices: field.kind === 'choice' ? field.choices : [] })) : null,
  };
}

function viewSummary({ id, title: name, tenderId: number, tenderer: who, opensAtUtc: opens, documents, made: packages, createdAtUtc, updatedAtUtc }: TenderRecord): TenderSummary {
  return { id, title: name, tenderId: number, tenderer: who, opensAtUtc: opens, documentCount: documents.length, madeCount: packages.length, createdAtUtc, updatedAtUtc };
}

function view(record: TenderRecord): TenderDraft {
  return {
    ...viewSummary(record), revision: record.revision, suite: record.suite, lots: record.lots, parts: record.parts, made: record.made,
    documents: record.documents.map(({ file: _file, ...document }) => document), openers: record.openers.map((opener) => ({ ...opener, facts: certificateFacts(fromBase64(opener.certificateDer)) })),
  };
}

const field = (id: string, label: string, kind: BidPart['fields'][number]['kind'], required = true) => ({ id, title: label, kind, required, choices: [], minimum: null, maximum: null, maxLength: null });
const documentPart = (id: string, label: string, required: boolean): BidPart => ({ id, title: label, kind: 'documents', required, mediaTypes: ['application/pdf'], maxBytes: null, maxDocuments: null, mustBeSigned: true, fields: [] });

/** What nearly every tender asks for; the tenderer changes it. */
const FIRST_PARTS: readonly BidPart[] = [
  { ...documentPart('letter', '投标函', true), kind: 'form', mediaTypes: [], fields: [field('bidder', '投标人名称', 'text'), field('representative', '法定代表人或授权代理人', 'text'), field('total', '投标总报价（元）', 'amount'), field('days', '工期（日历天）', 'integer'), field('date', '日期', 'date')] },
  documentPart('commercial', '商务标', true), documentPart('technical', '技术标', true), { ...documentPart('other', '其他材料', false), mediaTypes: [], mustBeSigned: false },
];
