/** 换加开标人 (re-wrap): other openers for a bid that is sealed already, as screens see it. What it does to the file: docs/spec/sealed-bid.md §9. */
import { Hex, Nullable, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { FilePath } from './bid-files.ts';
import { BidOpener, BidWork, ChosenOpener, KeyWithPin, SealedFacts } from './bids.ts';
import { call } from './call.ts';

/** What a re-wrap starts from. Nothing of it needs a key. */
export const RewrapBase = strictObject(
  {
    facts: SealedFacts,
    ticketGroup: Nullable(Type.String({ description: 'a key of this group opens the rehearsal ticket beside the bid, which stands in for the keys of the other groups' })),
    /** A ticket lies beside the bid and is not one of this bid. */
    ticketInvalid: Type.Boolean(),
    rewrapsLeft: Type.Integer({ minimum: 0 }),
    outPath: Type.String({ description: 'a name beside the bid that is free' }),
    candidates: Type.Array(BidOpener),
  },
  { $id: 'RewrapBase' },
);
export type RewrapBase = Static<typeof RewrapBase>;

export const OpenerCheck = strictObject(
  {
    sha256Hex: Hex(64, 'SHA-256 of the certificate'), group: Type.String(),
    refusal: Nullable(Type.String({ description: 'why it cannot open; null when it can' })),
    warnings: Type.Array(Type.Union([Type.Literal('revocation-unknown'), Type.Literal('chain-not-checked'), Type.Literal('issuer-unknown'), Type.Literal('expires-soon')])),
    revocation: Type.Union([Type.Literal('unknown'), Type.Literal('good'), Type.Literal('revoked')]), revocationAtUtc: Nullable(UtcTime('of the list that says so')),
  },
  { $id: 'OpenerCheck' },
);
export type OpenerCheck = Static<typeof OpenerCheck>;

const bid = { path: FilePath };
const Openers = Type.Array(ChosenOpener, { maxItems: 64 });

export const rewrapCalls = {
  'rewraps.prepare': call({ summary: 'Groups and openers of a sealed bid, who could be added, what stands in for other groups', input: strictObject(bid), output: RewrapBase }),
  'rewraps.checkOpeners': call({ summary: 'What the sealing would say of certificates for this bid: use, validity past the opening, chain, revocation', input: strictObject({ ...bid, openers: Openers }), output: Type.Array(OpenerCheck) }),
  'rewraps.begin': call({
    summary: 'Write the bid anew for other openers, under another name; the file before stays as it is',
    input: strictObject({ ...bid, outPath: FilePath, add: Openers, remove: Type.Array(Hex(64, 'fingerprint of an opener'), { maxItems: 64 }), keys: Type.Array(strictObject(KeyWithPin), { minItems: 1, maxItems: 8, description: 'one of each group that is to be opened; the first signs' }) }),
    output: BidWork,
  }),
} as const;
