/** A bid project on the disk: `project.json`. Copies of documents and signatures lie beside it under names of their own, never under what people call them. */
import { Nullable, Type, strictObject, type Static } from '#shared/contract/schema.ts';
import { BidDocument, BidPart, BidProject, ChosenOpener, ReplacedTender, SealedOutput, SetAsideValue, TenderFacts } from '#shared/contract/desktop/bids.ts';
import type { BidPart as Part } from '#shared/contract/desktop/bids.ts';

const { signature: _signature, ...documentFields } = BidDocument.properties;

/** The first number of what is signed, so that a later program knows what it reads. */
export const DocumentRecord = strictObject({
  ...documentFields,
  /** In the folder `documents`. */
  file: Type.String(),
  signature: Nullable(strictObject({ file: Type.String(), signerDer: Type.String(), signedAtUtc: Type.String(), sha256Hex: Type.String({ description: 'of the document when it was signed' }) })),
});
export type DocumentRecord = Static<typeof DocumentRecord>;

const OpenerRecord = strictObject({ ...ChosenOpener.properties, testedAtUtc: Nullable(Type.String()) });
export type OpenerRecord = Static<typeof OpenerRecord>;

/** A document whose part the tender no longer asks for. */
export const SetAsideDocument = strictObject({ ...DocumentRecord.properties, partTitle: Type.String() });
export type SetAsideDocument = Static<typeof SetAsideDocument>;

const { name, bidderName, tenderTitle, tenderId, lot, opensAtUtc, bidId, suite, forms } = BidProject.properties;

export const ProjectRecord = strictObject({
  version: Type.Literal(1), id: Type.String(), createdAtUtc: Type.String(), updatedAtUtc: Type.String(), revision: Type.Integer(),
  name, archived: Type.Boolean(), bidderName, tenderTitle, tenderId, lot, opensAtUtc, bidId, suite, forms,
  /** `file`: the copy of the package. */
  tender: Nullable(strictObject({ file: Type.String(), facts: TenderFacts, openers: Type.Array(ChosenOpener) })),
  parts: Type.Array(BidPart), documents: Type.Array(DocumentRecord), openers: Type.Array(OpenerRecord), outputs: Type.Array(SealedOutput),
  /** Absent in projects whose tender package was never replaced. */
  setAside: Type.Optional(strictObject({ documents: Type.Array(SetAsideDocument), values: Type.Array(SetAsideValue) })),
  /** Packages that were replaced, newest first; `file`: the copy, which stays. */
  replacedTenders: Type.Optional(Type.Array(strictObject({ ...ReplacedTender.properties, file: Type.String() }))),
});
export type ProjectRecord = Static<typeof ProjectRecord>;

export const setAsideOf = (record: ProjectRecord): NonNullable<ProjectRecord['setAside']> => record.setAside ?? { documents: [], values: [] };
/** Copies that the project names, wherever they stand in it. */
export const everyDocument = (record: ProjectRecord): DocumentRecord[] => [...record.documents, ...setAsideOf(record).documents];

/** A project without a tender package begins with what nearly every tender asks for. */
export const DEFAULT_PARTS: readonly Part[] = [
  { id: 'letter', title: '投标函', kind: 'documents', required: true, mediaTypes: ['application/pdf'], maxBytes: null, maxDocuments: 1, mustBeSigned: true, fields: [] },
  { id: 'commercial', title: '商务标', kind: 'documents', required: true, mediaTypes: ['application/pdf'], maxBytes: null, maxDocuments: null, mustBeSigned: true, fields: [] },
  { id: 'technical', title: '技术标', kind: 'documents', required: true, mediaTypes: ['application/pdf'], maxBytes: null, maxDocuments: null, mustBeSigned: true, fields: [] },
  { id: 'price', title: '报价文件', kind: 'documents', required: true, mediaTypes: [], maxBytes: null, maxDocuments: null, mustBeSigned: true, fields: [] },
  { id: 'other', title: '其他材料', kind: 'documents', required: false, mediaTypes: [], maxBytes: null, maxDocuments: null, mustBeSigned: false, fields: [] },
];
