/** Openings (开标) as screens see them: one session over many bids, keys one after the other, shares from afar, a signed transcript. */
import { Hex, Id, Nullable, Secret, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { CertificateFacts } from './bids.ts';
import { FilePath } from './bid-files.ts';
import { call } from './call.ts';
import { TokenRef } from './tokens.ts';

const KeyWithPin = { token: TokenRef, pin: Secret(64, 'user PIN'), confirmedFewTries: Type.Optional(Type.Boolean()) } as const;

/** waiting: not opened yet, with an error when it was tried and something that may pass stopped it · share: at least one group has answered, another is missing · opening · opened · refused: by what the bid is. */
export const OpeningBidState = Type.Union([Type.Literal('waiting'), Type.Literal('share'), Type.Literal('opening'), Type.Literal('opened'), Type.Literal('refused')]);

export const OpeningBid = strictObject(
  {
    path: Type.String(), name: Type.String(), state: OpeningBidState, sealIdHex: Nullable(Hex(32, 'seal id')), bidId: Type.String(), tenderId: Type.String(), lot: Type.String(), sealedAtUtc: Nullable(UtcTime('sealed')), opensAtUtc: Nullable(UtcTime('opening')), sizeBytes: Type.Number(),
    rootHex: Nullable(Hex(64, 'root')), headerDigestHex: Type.Optional(Nullable(Hex(64, 'digest of the header: with the root, which file this is'))), doneBytes: Type.Number(), totalBytes: Type.Number(),
    groups: Type.Array(strictObject({ name: Type.String(), openers: Type.Array(strictObject({ label: Type.String(), fingerprintHex: Type.String() })), answered: Nullable(strictObject({ via: Type.Union([Type.Literal('key'), Type.Literal('remote')]), serial: Nullable(Type.String()), label: Type.String(), fingerprintHex: Type.String(), atUtc: UtcTime('when') })) })),
    bidder: Nullable(CertificateFacts), outFolder: Nullable(Type.String()), documents: Type.Array(strictObject({ name: Type.String(), sizeBytes: Type.Number(), digestHex: Type.String() })),
    openedAtUtc: Nullable(UtcTime('opened')), milliseconds: Nullable(Type.Number()), error: Nullable(strictObject({ code: Type.String(), details: Type.Record(Type.String(), Type.Unknown()) })),
  },
  { $id: 'OpeningBid' },
);
export type OpeningBid = Static<typeof OpeningBid>;

export const OpeningTranscript = strictObject({ jsonPath: Type.String(), pdfPath: Type.String(), sha256Hex: Hex(64, 'digest of the JSON'), signer: CertificateFacts, signedAtUtc: UtcTime('signed') });
const summary = { id: Id('opening'), name: Type.String(), folder: Type.String(), outFolder: Type.String(), state: Type.Union([Type.Literal('open'), Type.Literal('running'), Type.Literal('finished')]), createdAtUtc: UtcTime('begun'), updatedAtUtc: UtcTime('last change'), opened: Type.Integer(), refused: Type.Integer(), total: Type.Integer() } as const;
export const OpeningSummary = strictObject(summary, { $id: 'OpeningSummary' });
export type OpeningSummary = Static<typeof OpeningSummary>;
export const Opening = strictObject(
  {
    ...summary, bids: Type.Array(OpeningBid), transcript: Nullable(OpeningTranscript), keys: Type.Array(strictObject({ serial: Type.String(), holder: Type.String(), usedAtUtc: UtcTime('when'), opened: Type.Integer(), shares: Type.Integer() })),
    challengeFolder: Nullable(Type.String()), answers: Type.Integer({ description: 'answers from afar that wait for the key of this hall' }), error: Nullable(strictObject({ code: Type.String(), details: Type.Record(Type.String(), Type.Unknown()) })),
  },
  { $id: 'Opening' },
);
export type Opening = Static<typeof Opening>;

export const OpeningKey = strictObject(
  {
    groups: Type.Array(Type.String(), { description: 'groups of openers, of any bid, in which it stands' }), waiting: Type.Integer({ description: 'bids that are not open and have it among their openers' }),
    proposedForTranscript: Type.Boolean({ description: 'it stands in a group that is not the bidder’s' }),
  },
  { $id: 'OpeningKey' },
);
export type OpeningKey = Static<typeof OpeningKey>;

const opening = { openingId: Id('opening') };

/** Of a certificate that stands in a request for a share; not-checked: no authority is trusted here. */
const ReceiverTrust = Type.Union([Type.Literal('trusted'), Type.Literal('revoked'), Type.Literal('untrusted'), Type.Literal('not-checked')]);
/** `signer` asks; `hall` is the certificate to which the share is sealed. */
export const ChallengeFacts = strictObject(
  { sealIdHex: Hex(32, 'seal id'), signer: CertificateFacts, hall: CertificateFacts, signerTrust: ReceiverTrust, hallTrust: ReceiverTrust, sameHolder: Type.Boolean(), confirmation: Nullable(Type.String({ description: 'who gets the share, to be typed before it is given; null: nothing is doubtful' })), issuedAtUtc: UtcTime('issued'), expiresAtUtc: UtcTime('ends'), opensAtUtc: Nullable(UtcTime('opening')), openingTimeReached: Type.Boolean(), group: Nullable(Type.String({ description: 'group of a plugged key that can answer' })) },
  { $id: 'ChallengeFacts' },
);
export type ChallengeFacts = Static<typeof ChallengeFacts>;

export const openingCalls = {
  'openings.list': call({ summary: 'Opening sessions, newest first', input: null, output: Type.Array(OpeningSummary) }),
  'openings.create': call({ summary: 'A session over a folder of bids, or one bid', input: strictObject({ name: Type.String({ minLength: 1, maxLength: 200 }), folder: FilePath, outFolder: FilePath }), output: Opening }),
  'openings.get': call({ summary: 'One session', input: strictObject(opening), output: Opening }),
  'openings.rescan': call({ summary: 'Look for bids that came into the folder since', input: strictObject(opening), output: Opening }),
  'openings.useKey': call({ summary: 'One PIN: this key gives its shares to every bid that waits for it; what is complete opens. Answers at once, progress comes as events', input: strictObject({ ...opening, ...KeyWithPin, beforeTimeConfirmed: Type.Optional(Type.Boolean()), signTranscript: Type.Optional(Type.Boolean({ description: 'when every bid is open, this key signs the transcript; absent: if `openings.inspectKey` proposes it' })) }), output: Opening }),
  'openings.inspectKey': call({ summary: 'What a plugged key is in this session, before its PIN is asked', input: strictObject({ ...opening, token: TokenRef }), output: OpeningKey }),
  'openings.stop': call({ summary: 'Stop after the bid that is being opened', input: strictObject(opening), output: Opening }),
  'openings.makeChallenges': call({ summary: 'Ask openers who are elsewhere: one challenge file for each bid', input: strictObject({ ...opening, ...KeyWithPin, minutes: Type.Integer({ minimum: 1, maximum: 1440 }), outFolder: FilePath }), output: Opening }),
  'openings.addAnswers': call({ summary: 'Take answers over from a file or folder; the hall’s key opens them when it is used', input: strictObject({ ...opening, path: FilePath }), output: Opening }),
  'openings.finish': call({ summary: 'Close the session: transcript as JSON and PDF, signed', input: strictObject({ ...opening, ...KeyWithPin }), output: Opening }),
  'openings.remove': call({ summary: 'Forget a session; opened files and the transcript stay', input: strictObject(opening), output: Type.Null() }),
  'shares.inspect': call({ summary: 'Who asks for a share, until when, for which bid', input: strictObject({ bidPath: FilePath, challengePath: FilePath }), output: ChallengeFacts }),
  'shares.answer': call({ summary: 'Answer a challenge with this key’s share', input: strictObject({ bidPath: FilePath, challengePath: FilePath, outPath: FilePath, ...KeyWithPin, beforeTimeConfirmed: Type.Optional(Type.Boolean()), receiverSha256: Type.Optional(Hex(64, 'the certificate of the hall that was shown')), typedReceiver: Type.Optional(Type.String({ maxLength: 300, description: 'as ChallengeFacts.confirmation asks' })) }), output: strictObject({ path: Type.String(), sizeBytes: Type.Number() }) }),
} as const;
