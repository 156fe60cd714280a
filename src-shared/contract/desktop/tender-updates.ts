/** 补遗: a newer tender package for a project that has one. First the differences are shown and what they mean for the bid, then it is taken over; nothing of the bidder's work is lost. */
import { Hex, Id, Nullable, Type, UtcTime, strictObject, type Static, type TSchema } from '../schema.ts';
import { BidPart, BidProject, CertificateFacts, FormField, SetAsideValue, TenderFacts } from './bids.ts';
import { FileSource } from './bid-files.ts';
import { call } from './call.ts';

const oneOf = <const T extends readonly string[]>(...names: T) => Type.Union(names.map((name) => Type.Literal(name as T[number])));
/** null: the same in both. */
const Change = <T extends TSchema>(value: T) => Nullable(strictObject({ before: value, after: value }));
const Lot = strictObject({ id: Type.String(), title: Type.String() });

/** before null: the field is new; after null: it is gone. */
export const FieldDifference = strictObject(
  { before: Nullable(FormField), after: Nullable(FormField), changed: Type.Array(oneOf('title', 'kind', 'required', 'choices', 'minimum', 'maximum', 'maxLength')) },
  { $id: 'FieldDifference' },
);
export type FieldDifference = Static<typeof FieldDifference>;

export const PartDifference = strictObject(
  {
    before: Nullable(BidPart), after: Nullable(BidPart), changed: Type.Array(oneOf('title', 'kind', 'required', 'mediaTypes', 'maxBytes', 'maxDocuments', 'mustBeSigned')),
    fields: Type.Array(FieldDifference, { description: 'of parts that stay' }),
  },
  { $id: 'PartDifference' },
);
export type PartDifference = Static<typeof PartDifference>;

export const TenderDocumentDifference = strictObject(
  { name: Type.String(), change: oneOf('added', 'removed', 'changed', 'not-compared') },
  { $id: 'TenderDocumentDifference', description: 'not-compared: the older package can no longer be read here' },
);
export type TenderDocumentDifference = Static<typeof TenderDocumentDifference>;

export const TenderDifferences = strictObject(
  {
    title: Change(Type.String()), tenderer: Change(Type.String()), opensAtUtc: Change(Nullable(UtcTime('opening'))), suite: Change(oneOf('sm', 'aes')),
    lots: strictObject({ added: Type.Array(Lot), removed: Type.Array(Lot), renamed: Type.Array(strictObject({ before: Lot, after: Lot })) }),
    parts: Type.Array(PartDifference), partsReordered: Type.Boolean(),
    openers: Type.Array(strictObject({ group: Type.String(), facts: CertificateFacts, change: oneOf('added', 'removed') })),
    documents: Type.Array(TenderDocumentDifference),
  },
  { $id: 'TenderDifferences' },
);
export type TenderDifferences = Static<typeof TenderDifferences>;

const Placed = { name: Type.String(), partTitle: Type.String() } as const;
/** What taking the package over does to what the bidder has done. */
export const TenderEffects = strictObject(
  {
    lotLost: Nullable(Type.String({ description: 'the lot that was bid for and is no longer tendered' })),
    setAside: Type.Array(strictObject(Placed)), broughtBack: Type.Array(strictObject(Placed)),
    notTaken: Type.Array(strictObject({ ...Placed, reason: oneOf('type', 'size', 'count') }), { description: 'documents that stay in their part and that it no longer takes' }),
    valuesSetAside: Type.Array(SetAsideValue), formsToFill: Type.Array(Type.String()),
    toSign: Type.Array(strictObject({ ...Placed, reason: oneOf('remade', 'asked') }), { description: 'remade: pages of a form are written anew; asked: the part has to be signed now' }),
    openersDropped: Type.Array(CertificateFacts, { description: 'of the bidder: the tender names them now' }),
    sealedForOlder: Type.Integer({ description: 'sealed bids that answer the older package' }),
  },
  { $id: 'TenderEffects' },
);
export type TenderEffects = Static<typeof TenderEffects>;

export const TenderComparison = strictObject(
  {
    tender: TenderFacts, rootHex: Hex(64, 'root of the package: what is taken over has to be what was shown'), revision: Type.Integer(),
    replaces: strictObject({ sealIdHex: Hex(32, 'id of the package'), madeAtUtc: UtcTime('made'), signer: CertificateFacts }),
    /** Whether the certificate that signed the older package signed this one. */
    signer: oneOf('same', 'other'),
    /** What has to be typed: the name of the signer, when another certificate signs or it is not trusted; null: nothing. */
    confirmation: Nullable(Type.String()),
    differences: TenderDifferences, effects: TenderEffects,
  },
  { $id: 'TenderComparison' },
);
export type TenderComparison = Static<typeof TenderComparison>;

const project = { projectId: Id('project') };

export const tenderUpdateCalls = {
  'bids.compareTender': call({ summary: 'A newer tender package beside the one of the project: signer, differences, what they mean for the bid. Nothing is changed', input: strictObject({ ...project, source: FileSource }), output: TenderComparison }),
  'bids.takeTender': call({
    summary: 'Take the newer package over, as it was shown',
    input: strictObject({ ...project, revision: Type.Integer(), source: FileSource, rootHex: Hex(64, 'of the comparison'), typedSigner: Type.Optional(Type.String({ maxLength: 300 })) }),
    output: BidProject,
  }),
  'bids.takeBack': call({ summary: 'Put a document that is no longer asked for into a part', input: strictObject({ ...project, documentId: Id('document'), partId: Type.String({ maxLength: 64 }) }), output: BidProject }),
  'bids.forgetValues': call({ summary: 'Remove values of fields that are no longer asked for', input: strictObject(project), output: BidProject }),
} as const;
