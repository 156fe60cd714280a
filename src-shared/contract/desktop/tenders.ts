/** Tender packages (招标文件) being made, as the tenderer's screens see them. */
import { Id, Nullable, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { BidOpener, BidPart, BidWork, ChosenOpener, KeyWithPin } from './bids.ts';
import { FilePath, FileSource } from './bid-files.ts';
import { call } from './call.ts';

const Text = Type.String({ maxLength: 128 });
const Lots = Type.Array(strictObject({ id: Type.String({ minLength: 1, maxLength: 128 }), title: Type.String({ maxLength: 256 }) }), { maxItems: 200 });
const summary = { id: Id('tender'), title: Type.String({ maxLength: 256 }), tenderId: Text, tenderer: Type.String({ maxLength: 256 }), opensAtUtc: Nullable(UtcTime('opening')), documentCount: Type.Integer(), madeCount: Type.Integer(), createdAtUtc: UtcTime('made'), updatedAtUtc: UtcTime('last change') } as const;
export const TenderSummary = strictObject(summary, { $id: 'TenderSummary' });
export type TenderSummary = Static<typeof TenderSummary>;

export const TenderDraft = strictObject(
  {
    ...summary, revision: Type.Integer(), suite: Type.Union([Type.Literal('sm'), Type.Literal('aes')]), lots: Lots, parts: Type.Array(BidPart),
    documents: Type.Array(strictObject({ id: Id('document'), name: Type.String(), mediaType: Type.String(), sizeBytes: Type.Number(), pages: Nullable(Type.Integer()) })),
    openers: Type.Array(BidOpener), made: Type.Array(strictObject({ path: Type.String(), sizeBytes: Type.Number(), madeAtUtc: UtcTime('made'), sealIdHex: Type.String() })),
  },
  { $id: 'TenderDraft' },
);
export type TenderDraft = Static<typeof TenderDraft>;

const draft = { draftId: Id('tender') };

export const tenderCalls = {
  'tenders.list': call({ summary: 'Tender packages being made, newest first', input: null, output: Type.Array(TenderSummary) }),
  'tenders.create': call({ summary: 'Begin a tender package', input: strictObject({ title: Type.String({ minLength: 1, maxLength: 256 }) }), output: TenderDraft }),
  'tenders.get': call({ summary: 'One tender package', input: strictObject(draft), output: TenderDraft }),
  'tenders.update': call({
    summary: 'Change it; absent fields stay',
    input: strictObject({ ...draft, revision: Type.Integer(), title: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })), tenderId: Type.Optional(Text), tenderer: Type.Optional(Type.String({ maxLength: 256 })), lots: Type.Optional(Lots), opensAtUtc: Type.Optional(Nullable(UtcTime('opening'))), suite: Type.Optional(Type.Union([Type.Literal('sm'), Type.Literal('aes')])), parts: Type.Optional(Type.Array(BidPart, { maxItems: 200 })), openers: Type.Optional(Type.Array(ChosenOpener, { maxItems: 512 })) }),
    output: TenderDraft,
  }),
  'tenders.addDocument': call({ summary: 'Copy a document in', input: strictObject({ ...draft, source: FileSource, name: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })) }), output: TenderDraft }),
  'tenders.removeDocument': call({ summary: 'Take a document out', input: strictObject({ ...draft, documentId: Id('document') }), output: TenderDraft }),
  'tenders.make': call({ summary: 'Sign and write the package', input: strictObject({ ...draft, ...KeyWithPin, outPath: FilePath }), output: BidWork }),
  'tenders.remove': call({ summary: 'Delete the draft; packages that were made stay where they are', input: strictObject(draft), output: Type.Null() }),
  'tenders.openerCandidates': call({ summary: 'Certificates that could open: plugged keys and recently used ones', input: strictObject(draft), output: Type.Array(BidOpener) }),
} as const;
