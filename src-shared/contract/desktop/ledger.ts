/**
 * The ledger of sealed bids as screens see it: which bids are still to be opened, when, by which certificates; and the question that is put to it before a
 * deed changes a key: will they still open afterwards? Rule: what is not known is never taken for safe.
 */
import { Hex, Id, Nullable, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { call } from './call.ts';
import { TokenRef } from './tokens.ts';

/** 16 octets of the sealed file, in hex: one for each sealing. */
export const SealId = Type.String({ pattern: '^[0-9a-f]{32}$', description: 'seal id of the sealed bid' });

/** Under which digest a bid names its openers: that of its suite. */
export const FingerprintDigest = Type.Union([Type.Literal('sm3'), Type.Literal('sha-256')]);

/** A certificate that can open a bid; one of each group is needed. */
export const LedgerOpener = strictObject(
  {
    group: Type.String({ minLength: 1, maxLength: 64 }),
    fingerprintHex: Hex(64, 'digest of the encryption certificate'),
    fingerprintDigest: FingerprintDigest,
    label: Type.String({ maxLength: 256, description: 'whose certificate, in plain words' }),
    issuer: Type.String({ maxLength: 1024, description: 'RFC 4514 form' }),
    serialHex: Type.String({ pattern: '^[0-9a-f]{1,42}$' }),
    notAfterUtc: UtcTime('end of the certificate'),
  },
  { $id: 'LedgerOpener' },
);
export type LedgerOpener = Static<typeof LedgerOpener>;

/** One trial of opening. `opened`: every group unwrapped, and header, first and last chunk came out. */
export const BidRehearsal = strictObject(
  {
    atUtc: UtcTime('when tried'),
    opened: Type.Boolean(),
    keys: Type.Array(strictObject({ fingerprintHex: Hex(64, 'certificate tried'), group: Nullable(Type.String({ maxLength: 64 })), refusal: Nullable(Type.String({ maxLength: 64, description: 'code of the error table; null: its share came out' })) }), { maxItems: 64 }),
    missingGroups: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 8 }),
  },
  { $id: 'BidRehearsal' },
);
export type BidRehearsal = Static<typeof BidRehearsal>;

/** One header of the bid: as it was sealed, or after a re-wrap, which names other openers. All have the seal id; a platform holds one of them. */
export const BidGeneration = strictObject(
  {
    headerHex: Nullable(Hex(64, 'digest of the header with its tag; null: noted before this was asked for')),
    rewraps: Type.Integer({ minimum: 0, maximum: 1000, description: 'how many re-wraps stand in its history; 0: as it was sealed' }),
    madeAtUtc: UtcTime('sealed or re-wrapped, as the file says'),
    notedAtUtc: UtcTime('when the ledger came to know of it'),
    file: Nullable(Type.String({ maxLength: 1024, description: 'where it was last seen on this machine' })),
    openers: Type.Array(LedgerOpener, { minItems: 1, maxItems: 512 }),
  },
  { $id: 'BidGeneration' },
);
export type BidGeneration = Static<typeof BidGeneration>;

export const BidUpload = strictObject(
  {
    atUtc: UtcTime('when uploaded'), platform: Type.String({ minLength: 1, maxLength: 200 }), receipt: Nullable(Type.String({ maxLength: 200 })),
    headerHex: Type.Optional(Hex(64, 'which generation it was; absent: nobody said')),
  },
  { $id: 'BidUpload' },
);
export type BidUpload = Static<typeof BidUpload>;

export const SealedBidState = Type.Union([Type.Literal('to-open'), Type.Literal('opened'), Type.Literal('withdrawn')], { description: '待开标, 已开标, 已撤回' });
export type SealedBidState = Static<typeof SealedBidState>;

const Text = (maxLength: number, description: string) => Type.String({ maxLength, description });

/** What the bid tool hands in, and what an export holds. */
export const SealedBidRecord = strictObject(
  {
    sealId: SealId,
    bidId: Text(128, 'number of the bid'),
    tenderId: Text(128, 'number of the tender'),
    lot: Text(128, '标段'),
    tenderName: Type.String({ minLength: 1, maxLength: 300, description: 'what the person knows the tender by; typed to confirm a deed that would lose the bid' }),
    bidderName: Text(300, 'who bids; empty when not known'),
    file: Nullable(Text(1024, 'where the sealed file was last seen on this machine')),
    openingTimeUtc: Nullable(UtcTime('opening; null when nobody said')),
    sealedAtUtc: UtcTime('when sealed'),
    openers: Type.Array(LedgerOpener, { minItems: 1, maxItems: 512, description: 'those of the newest generation' }),
    state: SealedBidState,
    rehearsals: Type.Array(BidRehearsal, { maxItems: 1000 }),
    uploads: Type.Array(BidUpload, { maxItems: 1000 }),
    generations: Type.Optional(Type.Array(BidGeneration, { minItems: 1, maxItems: 256, description: 'oldest first; absent: one, that of openers and file' })),
    openedEarlyAtUtc: Type.Optional(UtcTime('last opened here before its opening time, or while none was known: that ends nothing, the opening is still to come')),
    tenderReplacedAtUtc: Type.Optional(UtcTime('when a newer package of its tender was taken over on the machine that sealed it; absent: not that anybody knows')),
  },
  { $id: 'SealedBidRecord' },
);
export type SealedBidRecord = Static<typeof SealedBidRecord>;

/** The form of an exported ledger. */
export const LedgerDocument = strictObject(
  { format: Type.Literal('bidkey-ledger'), version: Type.Literal(1), exportedAtUtc: UtcTime('when made'), bids: Type.Array(SealedBidRecord, { maxItems: 10_000 }) },
  { $id: 'LedgerDocument' },
);
export type LedgerDocument = Static<typeof LedgerDocument>;

/** Deeds that the ledger is asked about: what they do to a key or its certificates may keep a bid shut. */
export const LEDGER_DEEDS = ['renewal', 'change', 'reissue', 'revocation', 'suspension', 'unlock', 'key-recovery'] as const;
export const LedgerDeed = Type.Union(LEDGER_DEEDS.map((name) => Type.Literal(name)));
export type LedgerDeed = (typeof LEDGER_DEEDS)[number];

/**
 * What still opens a group after the deed.
 * `same-key`: the deed leaves the key's encryption key as it is. `history-key`: the old encryption key stays on the key beside the new one.
 * `other-key`: another certificate of the group stands on a key that this BidKey has seen. `escrow`: the certificate's CA keeps the encryption key and gives it
 * back after two approvals, in time for the opening.
 */
export const BidKeeper = strictObject(
  {
    by: Type.Union([Type.Literal('same-key'), Type.Literal('history-key'), Type.Literal('other-key'), Type.Literal('escrow')]),
    label: Type.String({ description: 'of the certificate' }),
    fingerprintHex: Hex(64, 'as the bid names it'),
    tokenSerial: Nullable(Type.String()),
    lastSeenUtc: Nullable(UtcTime('when its key was last plugged in here; null unless it is another key')),
  },
  { $id: 'BidKeeper' },
);
export type BidKeeper = Static<typeof BidKeeper>;

/** Why something that could open the bid is not counted on. */
export const BidDoubt = strictObject(
  {
    reason: Type.Union([
      Type.Literal('no-room-for-history'), Type.Literal('other-key-never-seen'), Type.Literal('other-certificate-expired'),
      Type.Literal('escrow-unknown'), Type.Literal('escrow-not-kept'), Type.Literal('escrow-too-late'), Type.Literal('contents-removed'), Type.Literal('key-unknown'),
    ]),
    label: Type.String(),
    fingerprintHex: Hex(64, 'as the bid names it'),
  },
  { $id: 'BidDoubt' },
);
export type BidDoubt = Static<typeof BidDoubt>;

export const AssessedBid = strictObject(
  {
    sealId: SealId, tenderName: Type.String(), bidderName: Type.String(), lot: Type.String(), file: Nullable(Type.String()),
    openingTimeUtc: Nullable(UtcTime('opening')),
    openingPassed: Type.Boolean({ description: 'its time has come and nobody has said that it was opened' }),
    lost: Type.Boolean({ description: 'nothing that is known opens one of its groups after the deed' }),
    /** Groups in which certificates of this key stand, and what opens each afterwards; in every generation that may be the uploaded one. */
    groups: Type.Array(strictObject({
      group: Type.String(),
      generation: Nullable(strictObject({ rewraps: Type.Integer(), file: Nullable(Type.String()) }, { description: 'null: only one is known' })),
      keptBy: Type.Array(BidKeeper), doubts: Type.Array(BidDoubt),
    })),
  },
  { $id: 'AssessedBid' },
);
export type AssessedBid = Static<typeof AssessedBid>;

export const LedgerAssessment = strictObject(
  {
    assessmentId: Id('assessment'),
    deed: LedgerDeed,
    tokenSerial: Nullable(Type.String()),
    verdict: Type.Union([Type.Literal('safe'), Type.Literal('kept'), Type.Literal('would-lose')], {
      description: 'safe: no bid that is still to be opened depends on this key; kept: each one still opens, and by what is listed; would-lose: at least one does not',
    }),
    bids: Type.Array(AssessedBid),
    confirmationText: Nullable(Type.String({ description: 'what has to be typed to go on in spite of a loss: the name of the tender that opens first; null when nothing is lost' })),
    assessedAtUtc: UtcTime('when asked'),
    expiresAtUtc: UtcTime('after that it has to be asked again'),
  },
  { $id: 'LedgerAssessment' },
);
export type LedgerAssessment = Static<typeof LedgerAssessment>;

/** What a deed is started with when the ledger said would-lose. */
export const LedgerAnswer = strictObject({ assessmentId: Id('assessment'), typedConfirmation: Type.String({ maxLength: 300 }) }, { $id: 'LedgerAnswer' });
export type LedgerAnswer = Static<typeof LedgerAnswer>;

/** A bid should be rehearsed a day and an hour before its opening. */
export const LedgerReminder = strictObject(
  {
    sealId: SealId, tenderName: Type.String(), openingTimeUtc: UtcTime('opening'),
    kind: Type.Union([Type.Literal('day-before'), Type.Literal('hour-before')]),
    dueAtUtc: UtcTime('from when on'),
    state: Type.Union([Type.Literal('upcoming'), Type.Literal('due'), Type.Literal('done')], { description: 'done: a rehearsal after dueAtUtc opened it' }),
  },
  { $id: 'LedgerReminder' },
);
export type LedgerReminder = Static<typeof LedgerReminder>;

const sealIdInput = strictObject({ sealId: SealId });

/** What a deed asks before it begins, and again before it goes on. */
export const LedgerQuestion = strictObject({
  deed: LedgerDeed,
  token: Type.Optional(TokenRef),
  tokenSerial: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'a key that is not plugged in: lost, broken' })),
  certificateSha256: Type.Optional(Type.Array(Hex(64, 'SHA-256 of a certificate'), { maxItems: 64, description: 'further certificates that the deed is about' })),
  keyPolicy: Type.Optional(Type.Union([Type.Literal('new-keys'), Type.Literal('same-keys')], { description: 'renewal and change; absent: new-keys' })),
  removesContents: Type.Optional(Type.Boolean({ description: 'revocation: keys and certificates will be removed from the key' })),
  newPairOnKey: Type.Optional(Type.Boolean({ description: 'a deed that was cut off has made its keys on the key already, so that the room for them is no question any more' })),
});
export type LedgerQuestion = Static<typeof LedgerQuestion>;

export const ledgerCalls = {
  'ledger.list': call({
    summary: 'Sealed bids, those that open next first',
    input: strictObject({ state: Type.Optional(SealedBidState), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })), after: Type.Optional(Type.String({ maxLength: 200 })) }),
    output: strictObject({ items: Type.Array(SealedBidRecord), next: Nullable(Type.String()) }),
  }),
  'ledger.get': call({ summary: 'One sealed bid', input: sealIdInput, output: SealedBidRecord }),
  'ledger.import': call({
    summary: 'Take sealed bids in: a sealed file by its path, whose public part is read, or an exported ledger. What is there already is never forgotten: rehearsals and uploads are joined, opened stays opened', maxInputBytes: 640 * 1024,
    input: strictObject({
      source: Type.Union([
        strictObject({
          kind: Type.Literal('file'), path: Type.String({ minLength: 1, maxLength: 1024 }),
          tenderName: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })), bidderName: Type.Optional(Type.String({ maxLength: 300 })), openingTimeUtc: Type.Optional(UtcTime('when the file names none')),
        }),
        strictObject({ kind: Type.Literal('json'), text: Type.String({ minLength: 1, maxLength: 100_000, description: 'a LedgerDocument; a longer one comes by its path' }) }),
        strictObject({ kind: Type.Literal('json-file'), path: Type.String({ minLength: 1, maxLength: 1024 }) }),
      ]),
    }),
    output: strictObject({ added: Type.Array(SealId), changed: Type.Array(SealId), unchanged: Type.Array(SealId) }),
  }),
  'ledger.export': call({ summary: 'The whole ledger as JSON', input: null, output: strictObject({ fileName: Type.String(), text: Type.String() }) }),
  'ledger.setState': call({ summary: 'Opened, withdrawn, or still to be opened', input: strictObject({ sealId: SealId, state: SealedBidState }), output: SealedBidRecord }),
  'ledger.addUpload': call({
    summary: 'The sealed file was uploaded; now, by the clock of this machine. What it names is what that platform holds from then on: earlier generations no longer count for it',
    input: strictObject({ sealId: SealId, platform: BidUpload.properties.platform, receipt: BidUpload.properties.receipt, headerHex: Type.Optional(Nullable(Hex(64, 'which generation; null: the person does not know; absent: the only one'))) }), output: SealedBidRecord,
  }),
  'ledger.remove': call({ summary: 'Forget a bid that is opened or withdrawn', input: sealIdInput, output: Type.Null() }),
  'ledger.assess': call({
    summary: 'What a deed on a key would do to the bids that are still to be opened',
    input: LedgerQuestion,
    output: LedgerAssessment,
  }),
  'ledger.reminders': call({ summary: 'Rehearsals that are due or will be', input: null, output: Type.Array(LedgerReminder) }),
} as const;
