/** The bid tool as screens see it: projects with their parts and documents, openers, checks, sealing, rehearsals. Formats: docs/spec/sealed-bid.md. */
import { Base64, Hex, Id, Nullable, Secret, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { FilePath, FileSource } from './bid-files.ts';
import { call } from './call.ts';
import { TokenRef } from './tokens.ts';

const oneOf = <const T extends readonly string[]>(...names: T) => Type.Union(names.map((name) => Type.Literal(name as T[number])));
const Title = Type.String({ minLength: 1, maxLength: 256 });
const ShortText = Type.String({ maxLength: 128 });
const Fingerprint = Hex(64, 'SHA-256 of the certificate');
/** A key with its PIN, for one call. */
export const KeyWithPin = { token: TokenRef, pin: Secret(64, 'user PIN'), confirmedFewTries: Type.Optional(Type.Boolean()) } as const;

export const CertificateFacts = strictObject(
  {
    sha256Hex: Fingerprint, subjectCommonName: Type.String(), organisation: Nullable(Type.String()), subject: Type.String(), issuerCommonName: Type.String(), serialHex: Type.String(),
    notBeforeUtc: UtcTime('valid from'), notAfterUtc: UtcTime('valid to'), keyAlgorithm: Type.String(), purpose: oneOf('sign', 'encrypt', 'both', 'other'),
  },
  { $id: 'CertificateFacts' },
);
export type CertificateFacts = Static<typeof CertificateFacts>;

export const FormField = strictObject(
  {
    id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }), title: Title, kind: oneOf('text', 'integer', 'amount', 'date', 'choice'), required: Type.Boolean(),
    choices: Type.Array(Title, { maxItems: 200 }), minimum: Nullable(Type.Number()), maximum: Nullable(Type.Number()), maxLength: Nullable(Type.Integer({ minimum: 1, maximum: 10_000 })),
  },
  { $id: 'FormField' },
);
export type FormField = Static<typeof FormField>;

export const BidPart = strictObject(
  {
    id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }), title: Title, kind: oneOf('documents', 'form'), required: Type.Boolean(),
    mediaTypes: Type.Array(Type.String({ maxLength: 128 }), { maxItems: 50, description: 'what it takes; empty: anything' }), maxBytes: Nullable(Type.Integer({ minimum: 1 })), maxDocuments: Nullable(Type.Integer({ minimum: 1, maximum: 10_000 })),
    mustBeSigned: Type.Boolean(), fields: Type.Array(FormField, { maxItems: 200 }),
  },
  { $id: 'BidPart' },
);
export type BidPart = Static<typeof BidPart>;

export const TenderFacts = strictObject(
  {
    tenderId: Type.String(), title: Type.String(), tenderer: Type.String(), lots: Type.Array(strictObject({ id: Type.String(), title: Type.String() })), opensAtUtc: Nullable(UtcTime('opening')), suite: oneOf('sm', 'aes'), sealIdHex: Hex(32, 'id of the package'), madeAtUtc: UtcTime('made'),
    signer: CertificateFacts, signatureValid: Type.Boolean(),
    /** Whether the signer’s certificate leads to an authority that is trusted here. */
    signerTrust: oneOf('trusted', 'untrusted', 'not-checked'), parts: Type.Array(BidPart),
    documents: Type.Array(strictObject({ name: Type.String(), mediaType: Type.String(), sizeBytes: Type.Number() })),
    groups: Type.Array(strictObject({ name: Type.String(), openers: Type.Array(CertificateFacts) })),
  },
  { $id: 'TenderFacts' },
);
export type TenderFacts = Static<typeof TenderFacts>;

export const BidDocument = strictObject(
  {
    id: Id('document'), partId: Type.String(), name: Type.String(), mediaType: Type.String(), sizeBytes: Type.Number(), pages: Nullable(Type.Integer()), sha256Hex: Hex(64, 'digest'), addedAtUtc: UtcTime('added'),
    generated: Type.Boolean({ description: 'made from a form' }),
    /** stale: signed, but the document was replaced afterwards. */
    signature: Nullable(strictObject({ signer: CertificateFacts, signedAtUtc: UtcTime('signed') })),
  },
  { $id: 'BidDocument' },
);
export type BidDocument = Static<typeof BidDocument>;

export const OpenerSource = oneOf('key', 'file', 'tender', 'company', 'recent');
export const ChosenOpener = strictObject({ group: Type.String({ minLength: 1, maxLength: 64 }), certificateDer: Base64(16_384, 'certificate'), source: OpenerSource }, { $id: 'ChosenOpener' });
export type ChosenOpener = Static<typeof ChosenOpener>;
export const BidOpener = strictObject({ ...ChosenOpener.properties, facts: CertificateFacts, testedAtUtc: Nullable(UtcTime('when its key last decrypted a test')), shut: Type.Optional(Type.Literal('rsa-over-skf', { description: 'nothing would ever open what is sealed to it: its key is known by a driver only that cannot' })) }, { $id: 'BidOpener' });
export type BidOpener = Static<typeof BidOpener>;

export const SealedOutput = strictObject(
  {
    sealIdHex: Hex(32, 'seal id'), path: Type.String(), backupPath: Nullable(Type.String()), ticketPath: Nullable(Type.String()), sizeBytes: Type.Number(), rootHex: Hex(64, 'root of the chunk tree'), sha256Hex: Hex(64, 'digest of the whole file'),
    documents: Type.Integer(), sealedAtUtc: UtcTime('sealed'), openers: Type.Array(strictObject({ group: Type.String(), facts: CertificateFacts })),
    tenderSealIdHex: Type.Optional(Hex(32, 'the tender package that it answers; absent: none, or sealed before this was noted and the package never replaced')),
  },
  { $id: 'SealedOutput' },
);
export type SealedOutput = Static<typeof SealedOutput>;

/** A tender package that a newer one has replaced; its file stays in the project. */
export const ReplacedTender = strictObject({ sealIdHex: Hex(32, 'id of the package'), madeAtUtc: UtcTime('made'), opensAtUtc: Nullable(UtcTime('opening, as it said')), signerName: Type.String(), replacedAtUtc: UtcTime('when the newer one was taken over') }, { $id: 'ReplacedTender' });
export type ReplacedTender = Static<typeof ReplacedTender>;

/** What was filled into a field that the tender no longer asks for. */
export const SetAsideValue = strictObject({ partId: Type.String(), partTitle: Type.String(), fieldId: Type.String(), fieldTitle: Type.String(), value: Type.String() }, { $id: 'SetAsideValue' });
export type SetAsideValue = Static<typeof SetAsideValue>;

const summary = {
  id: Id('project'), name: Title, state: oneOf('open', 'archived'), tenderTitle: Type.String(), tenderId: ShortText, lot: ShortText, opensAtUtc: Nullable(UtcTime('opening')), bidderName: ShortText,
  partsDone: Type.Integer(), partsRequired: Type.Integer(), documentCount: Type.Integer(), sealedCount: Type.Integer(), createdAtUtc: UtcTime('made'), updatedAtUtc: UtcTime('last change'),
  sealedForOlderTender: Type.Boolean({ description: 'sealed, and not since the tender package was replaced' }),
} as const;
export const BidProjectSummary = strictObject(summary, { $id: 'BidProjectSummary' });
export type BidProjectSummary = Static<typeof BidProjectSummary>;

export const PartState = oneOf('empty', 'begun', 'complete');
export type PartState = Static<typeof PartState>;
export const BidProject = strictObject(
  {
    ...summary, revision: Type.Integer(), bidId: ShortText, suite: oneOf('sm', 'aes'), tender: Nullable(TenderFacts), parts: Type.Array(strictObject({ ...BidPart.properties, state: PartState })),
    documents: Type.Array(BidDocument), forms: Type.Record(Type.String(), Type.Record(Type.String(), Type.String())), openers: Type.Array(BidOpener), outputs: Type.Array(SealedOutput),
    /** What the newest package no longer asks for; kept until the person puts it elsewhere or removes it. */
    setAside: strictObject({ documents: Type.Array(strictObject({ ...BidDocument.properties, partTitle: Type.String({ description: 'of the part that is gone' }) })), values: Type.Array(SetAsideValue) }),
    replacedTenders: Type.Array(ReplacedTender, { description: 'newest first' }),
  },
  { $id: 'BidProject' },
);
export type BidProject = Static<typeof BidProject>;

export const BidCheck = strictObject(
  {
    id: oneOf('authorities', 'tender', 'opening-time', 'parts', 'documents', 'signatures', 'signing-key', 'openers', 'revocation', 'openers-tested', 'several-openers', 'disk-space'),
    verdict: oneOf('ok', 'warning', 'blocked', 'unknown'),
    facts: Type.Array(Type.String(), { description: 'names of what is meant' }),
    reason: Nullable(Type.String({ description: 'which case of the check; a text key' })),
  },
  { $id: 'BidCheck' },
);
export type BidCheck = Static<typeof BidCheck>;

export const RehearsalResult = strictObject(
  {
    path: Type.String(), sealIdHex: Hex(32, 'seal id'), atUtc: UtcTime('when'), opened: Type.Boolean(), missingGroups: Type.Array(Type.String()),
    keys: Type.Array(strictObject({ serial: Type.String(), facts: Nullable(CertificateFacts), group: Nullable(Type.String()), errorCode: Nullable(Type.String()) })),
    /** The signed result; null when no signing key was there. */
    resultPath: Nullable(Type.String()),
  },
  { $id: 'RehearsalResult' },
);
export type RehearsalResult = Static<typeof RehearsalResult>;

const Failure = strictObject({ code: Type.String(), details: Type.Record(Type.String(), Type.Unknown()), traceId: Type.Optional(Type.String()) });
/** Work that takes time: it runs in the engine, whether a screen looks or not. */
export const BidWork = strictObject(
  {
    id: Id('work'), kind: oneOf('sign', 'seal', 'tender', 'verify', 'rewrap'), projectId: Nullable(Id('project')), state: oneOf('running', 'done', 'failed', 'cancelled'),
    doneBytes: Type.Number(), totalBytes: Type.Number(), startedAtUtc: UtcTime('begun'), updatedAtUtc: UtcTime('last news'), error: Nullable(Failure),
    output: Nullable(SealedOutput), madePath: Nullable(Type.String()),
  },
  { $id: 'BidWork' },
);
export type BidWork = Static<typeof BidWork>;

export const SealedFacts = strictObject(
  {
    path: Type.String(), kind: oneOf('sealed', 'backup', 'tender'), suite: oneOf('sm', 'aes'), sealIdHex: Hex(32, 'seal id'), bidId: Type.String(), tenderId: Type.String(), lot: Type.String(),
    sealedAtUtc: UtcTime('sealed'), opensAtUtc: Nullable(UtcTime('opening')), sizeBytes: Type.Number(), rootHex: Hex(64, 'root'), rewraps: Type.Integer(),
    groups: Type.Array(strictObject({ name: Type.String(), openers: Type.Array(strictObject({ label: Type.String(), issuer: Type.String(), serialHex: Type.String(), fingerprintHex: Hex(64, 'digest of the suite'), notAfterUtc: UtcTime('end'), revocation: Type.String(), pluggedSerial: Nullable(Type.String({ description: 'key that is plugged in and holds it' })) })) })),
  },
  { $id: 'SealedFacts' },
);
export type SealedFacts = Static<typeof SealedFacts>;

const project = { projectId: Id('project') };
const PieceOfFile = strictObject({ bytes: Type.String({ description: 'base64' }), sizeBytes: Type.Number() });

export const bidCalls = {
  'bids.list': call({ summary: 'Bid projects, newest first', input: null, output: Type.Array(BidProjectSummary) }),
  'bids.inspectTender': call({ summary: 'What a tender package says and who signed it, before it is taken over', input: strictObject({ source: FileSource }), output: TenderFacts }),
  'bids.create': call({ summary: 'A new project, from a tender package or without one', input: strictObject({ name: Title, tender: Nullable(FileSource), lot: Type.Optional(ShortText), bidderName: Type.Optional(ShortText) }), output: BidProject }),
  'bids.get': call({ summary: 'One project', input: strictObject(project), output: BidProject }),
  'bids.update': call({
    summary: 'Change what the person decides; absent fields stay. Refused when somebody else changed it meanwhile',
    input: strictObject({
      ...project, revision: Type.Integer(), name: Type.Optional(Title), bidderName: Type.Optional(ShortText), bidId: Type.Optional(ShortText), tenderId: Type.Optional(ShortText), lot: Type.Optional(ShortText), tenderTitle: Type.Optional(Type.String({ maxLength: 256 })),
      opensAtUtc: Type.Optional(Nullable(UtcTime('opening'))), suite: Type.Optional(oneOf('sm', 'aes')), parts: Type.Optional(Type.Array(BidPart, { minItems: 1, maxItems: 200 })),
    }),
    output: BidProject,
  }),
  'bids.copy': call({ summary: 'A project with the same documents, without signatures and sealed files', input: strictObject({ ...project, name: Title }), output: BidProject }),
  'bids.setArchived': call({ summary: 'Put a project away or take it back', input: strictObject({ ...project, archived: Type.Boolean() }), output: BidProject }),
  'bids.remove': call({ summary: 'Delete an archived project; sealed files stay where they are', input: strictObject(project), output: Type.Null() }),
  'bids.addDocument': call({ summary: 'Copy a document into a part', input: strictObject({ ...project, partId: Type.String({ maxLength: 64 }), source: FileSource, name: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })) }), output: BidProject }),
  'bids.replaceDocument': call({ summary: 'Another file in place of a document; its signature goes', input: strictObject({ ...project, documentId: Id('document'), source: FileSource }), output: BidProject }),
  'bids.renameDocument': call({ summary: 'Another name inside the bid', input: strictObject({ ...project, documentId: Id('document'), name: Type.String({ minLength: 1, maxLength: 255 }) }), output: BidProject }),
  'bids.removeDocument': call({ summary: 'Take a document out', input: strictObject({ ...project, documentId: Id('document') }), output: BidProject }),
  'bids.moveDocument': call({ summary: 'Another place among the documents of its part', input: strictObject({ ...project, documentId: Id('document'), position: Type.Integer({ minimum: 0 }) }), output: BidProject }),
  'bids.readDocument': call({ summary: 'A piece of a document, for the preview', input: strictObject({ ...project, documentId: Id('document'), offset: Type.Integer({ minimum: 0 }), length: Type.Integer({ minimum: 0, maximum: 4 * 1024 * 1024 }) }), output: PieceOfFile }),
  'bids.readTenderDocument': call({ summary: 'A piece of a document of the tender package', input: strictObject({ ...project, name: Type.String({ maxLength: 1024 }), offset: Type.Integer({ minimum: 0 }), length: Type.Integer({ minimum: 0, maximum: 4 * 1024 * 1024 }) }), output: PieceOfFile }),
  'bids.saveForm': call({ summary: 'Keep what was filled in; a complete form becomes a document', input: strictObject({ ...project, partId: Type.String({ maxLength: 64 }), values: Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 10_000 })) }), output: BidProject }),
  'bids.sign': call({ summary: 'Sign documents (CMS, detached) with one login', input: strictObject({ ...project, ...KeyWithPin, documentIds: Type.Array(Id('document'), { minItems: 1, maxItems: 10_000 }) }), output: BidWork }),
  'bids.openerCandidates': call({ summary: 'Certificates that could open: plugged keys, the tender package, others of the company, recently used', input: strictObject(project), output: Type.Array(BidOpener) }),
  'bids.readCertificate': call({ summary: 'A certificate file as an opener', input: strictObject({ source: FileSource }), output: strictObject({ certificateDer: Base64(16_384, 'certificate'), facts: CertificateFacts }) }),
  'bids.setOpeners': call({ summary: 'Who can open', input: strictObject({ ...project, openers: Type.Array(ChosenOpener, { maxItems: 512 }) }), output: BidProject }),
  'bids.testKey': call({ summary: 'Encrypt a test to the openers on a key and let the key decrypt it', input: strictObject({ ...project, ...KeyWithPin }), output: BidProject }),
  'bids.check': call({ summary: 'Is it ready to be sealed?', input: strictObject({ ...project, outFolder: FilePath, token: Nullable(TokenRef) }), output: Type.Array(BidCheck) }),
  'bids.seal': call({ summary: '生成标书: sealed bid, backup, rehearsal ticket, ledger', input: strictObject({ ...project, ...KeyWithPin, outFolder: FilePath, backup: Type.Boolean(), ticket: Type.Optional(Type.Boolean({ description: 'the rehearsal ticket, which opens the bid together with the bidder’s key alone; absent: made' })) }), output: BidWork }),
  'bids.suggestFolder': call({ summary: 'Where sealed files of a project would go', input: strictObject(project), output: strictObject({ path: Type.String() }) }),
  'work.get': call({ summary: 'Work that runs or ran', input: strictObject({ workId: Id('work') }), output: BidWork }),
  'work.list': call({ summary: 'Work of this run of the program, newest first', input: null, output: Type.Array(BidWork) }),
  'work.cancel': call({ summary: 'Stop work; nothing half-made is left', input: strictObject({ workId: Id('work') }), output: BidWork }),
  'sealed.inspect': call({ summary: 'What a sealed bid says of itself, without any key', input: strictObject({ path: FilePath }), output: SealedFacts }),
  'sealed.verify': call({ summary: 'Check signatures and every byte without opening', input: strictObject({ path: FilePath }), output: BidWork }),
  'sealed.rehearse': call({ summary: 'Will it open? Tries the keys on the real file', input: strictObject({ path: FilePath, keys: Type.Array(strictObject(KeyWithPin), { minItems: 1, maxItems: 8 }) }), output: RehearsalResult }),
  'sealed.rehearsals': call({ summary: 'Rehearsals that were kept, newest first', input: null, output: Type.Array(RehearsalResult) }),
} as const;
