/** Writing deeds as screens see them: what a key is given, step by step. Plans of steps: deed-plans.ts; why in that order: docs/deeds.md. */
import { KeyAlgorithm } from '../rest/orders.ts';
import { AuthorizationCode, Hex, Id, Nullable, Secret, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { call } from './call.ts';
import { DEED_PLANS, DeedKeyPolicy, DeedKind, DeedPlanId } from './deed-plans.ts';
import { LedgerAnswer, LedgerQuestion } from './ledger.ts';
import { TokenRef } from './tokens.ts';

/** Named steps of a new issue, in order; the screens show them under these names. */
export const NEW_ISSUE_STEPS = DEED_PLANS['new-issue'];
export type NewIssueStep = (typeof NEW_ISSUE_STEPS)[number];

export const DeedState = Type.Union([
  Type.Literal('running'), Type.Literal('interrupted'), Type.Literal('completed'), Type.Literal('cancelled'),
], { description: 'interrupted: stopped by an error, a kill or a power cut; goes on with resume' });

/**
 * What becomes of the old pair when a renewal or change made new keys. Nothing of it goes before the new pair is active.
 * keep: all of it stays, the encryption key as history key. keep-none: it is taken off the key; its encryption key then comes back from escrow only.
 */
export const OldPairWish = Type.Union([Type.Literal('keep'), Type.Literal('keep-none')]);
export type OldPairWish = Static<typeof OldPairWish>;

export const Deed = strictObject(
  {
    id: Id('deed'),
    kind: DeedKind,
    plan: DeedPlanId,
    state: DeedState,
    step: Type.String({ description: 'step that runs or will run next' }),
    steps: Type.Array(strictObject({ name: Type.String(), state: Type.Union([Type.Literal('waiting'), Type.Literal('running'), Type.Literal('done'), Type.Literal('failed')]) })),
    token: TokenRef,
    tokenModelId: Type.String(),
    requestId: Id('request'),
    requestNumber: Type.String({ description: 'empty for deeds of before there were requests' }),
    orderNumber: Type.String({ description: 'empty when the request costs nothing' }),
    companyName: Type.String(),
    projectName: Type.String(),
    cancellable: Type.Boolean(),
    /** Resuming needs the authorization code again: the CA never got the start. Null: not known before asking the CA. */
    codeNeeded: Nullable(Type.Boolean()),
    /** What resuming asks the person for: the PIN of the key; the user PIN that an unlock sets; nothing. */
    pinNeeded: Type.Union([Type.Literal('pin'), Type.Literal('new-pin'), Type.Literal('none')]),
    remainingQuantity: Nullable(Type.Integer()),
    error: Nullable(strictObject({ code: Type.String(), details: Type.Record(Type.String(), Type.Unknown()), traceId: Type.Optional(Type.String()) })),
    startedAtUtc: UtcTime('when begun'),
    updatedAtUtc: UtcTime('last change'),
  },
  { $id: 'Deed' },
);
export type Deed = Static<typeof Deed>;

/** An old pair on the key that may go for room: not in force any more, and its encryption key is in escrow. */
export const RemovablePair = strictObject(
  { containerId: Type.String({ pattern: '^[0-9a-f]{32}$' }), subject: Type.String(), encryptionCertificateSha256Hex: Hex(64, 'fingerprint'), notAfterUtc: UtcTime('its end') },
  { $id: 'RemovablePair' },
);
export type RemovablePair = Static<typeof RemovablePair>;

/** Whether a deed fits on a key, for asking before anything is paid or begun. */
export const DeedRoom = strictObject(
  {
    fits: Nullable(Type.Boolean({ description: 'null: neither driver nor model tells; then only trying shows' })),
    furtherPairs: Nullable(Type.Integer({ minimum: 0 })),
    removable: Type.Array(RemovablePair, { description: 'what could be taken off the key first; empty when nothing may, or when no PIN was given and the key shows nothing without' }),
  },
  { $id: 'DeedRoom' },
);
export type DeedRoom = Static<typeof DeedRoom>;

const fewTries = { confirmedFewTries: Type.Optional(Type.Boolean({ description: 'the person knows that few tries of a PIN are left' })) };
const pin = Secret(64, 'user PIN');
const agreed = Type.Optional(Type.Array(Type.String(), { description: 'SHA-256 fingerprints of the certificates on the key that the person has seen and agreed to keep beside the new ones (new issue, reissue)' }));

export const deedCalls = {
  'writing.start': call({
    summary: 'Carry an approved request out on a key; answers at once, progress comes as events',
    input: strictObject({
      kind: Type.Exclude(DeedKind, Type.Literal('administrator-pin')), requestId: Id('request'), token: TokenRef, tokenModelId: Type.String({ maxLength: 64 }), authorizationCode: AuthorizationCode,
      pin: Type.Optional(Secret(64, 'user PIN; every kind but unlock')),
      newPin: Type.Optional(Secret(64, 'unlock: the user PIN to be set')),
      agreedToAddBesideCertificates: agreed,
      oldPair: Type.Optional(OldPairWish),
      agreedToEscrowOnly: Type.Optional(Type.Boolean({ description: 'the person knows that what is taken off the key comes back from escrow only; needed for keep-none and for removeFirst' })),
      removeFirst: Type.Optional(Type.Array(Type.String({ pattern: '^[0-9a-f]{32}$' }), { maxItems: 64, description: 'containers of RemovablePair to be taken off for room' })),
      ledgerAnswer: Type.Optional(LedgerAnswer),
      ...fewTries,
    }),
    output: Deed,
  }),
  'writing.startNewIssue': call({
    summary: 'writing.start of kind new-issue',
    input: strictObject({ requestId: Id('request'), token: TokenRef, tokenModelId: Type.String({ maxLength: 64 }), authorizationCode: AuthorizationCode, pin, agreedToAddBesideCertificates: agreed, ...fewTries }),
    output: Deed,
  }),
  'writing.adoptAdministratorPin': call({
    summary: 'Hand the administrator PIN of a key over to the keeping of the service, which replaces it by a random one',
    input: strictObject({ requestId: Id('request by which the key was written'), token: TokenRef, tokenModelId: Type.String({ maxLength: 64 }), administratorPin: Type.Optional(Secret(64, 'administrator PIN of the key now; absent: the factory PIN of its model')), ...fewTries }),
    output: Deed,
  }),
  'writing.room': call({
    summary: 'Whether a new pair fits on the key beside what is there, and what could go; to be asked before anything is paid',
    input: strictObject({ token: TokenRef, keyAlgorithm: KeyAlgorithm, keyPolicy: Type.Optional(DeedKeyPolicy), pin: Type.Optional(pin), ...fewTries }),
    output: DeedRoom,
  }),
  'writing.get': call({ summary: 'One deed', input: strictObject({ deedId: Id('deed') }), output: Deed }),
  'writing.listUnfinished': call({ summary: 'Deeds that are not completed and not cancelled', input: null, output: Type.Array(Deed) }),
  'writing.ledgerQuestion': call({ summary: 'What the ledger of sealed bids is asked before an interrupted deed goes on; null: nothing that is left of it could lose a bid', input: strictObject({ deedId: Id('deed') }), output: Nullable(LedgerQuestion) }),
  'writing.resume': call({
    summary: 'Go on with an interrupted deed',
    input: strictObject({
      deedId: Id('deed'),
      pin: Type.Optional(Secret(64, 'user PIN; what the deed says under pinNeeded')),
      newPin: Type.Optional(Secret(64, 'unlock: the user PIN to be set; given when the first one is forgotten, it is set anew')),
      administratorPin: Type.Optional(Secret(64, 'administrator PIN, when it was given at the start, too')),
      authorizationCode: Type.Optional(AuthorizationCode), ledgerAnswer: Type.Optional(LedgerAnswer), ...fewTries,
    }),
    output: Deed,
  }),
  'writing.mayBeGivenUp': call({ summary: 'Whether giving an interrupted deed up would work now; of an unlock the service is asked', input: strictObject({ deedId: Id('deed') }), output: Type.Boolean() }),
  'writing.cancel': call({ summary: 'Give a deed up, where that is safe', input: strictObject({ deedId: Id('deed'), pin: Type.Optional(Secret(64, 'user PIN; needed to remove what was begun on the key')), ...fewTries }), output: Deed }),
} as const;
