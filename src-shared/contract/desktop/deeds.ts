/** Writing deeds as screens see them. Steps and why in that order: docs/issuance.md. */
import { AuthorizationCode, Id, Nullable, Secret, Type, UtcTime, strictObject, type Static } from '../schema.ts';
import { call } from './call.ts';
import { TokenRef } from './tokens.ts';

/** Named steps of a new issue, in order; the screens show them under these names. */
export const NEW_ISSUE_STEPS = ['start', 'generate', 'request', 'import-keys', 'import-certificates', 'prove', 'complete'] as const;
export const DeedStepName = Type.Union(NEW_ISSUE_STEPS.map((name) => Type.Literal(name)));
export type NewIssueStep = (typeof NEW_ISSUE_STEPS)[number];

export const DeedState = Type.Union([
  Type.Literal('running'), Type.Literal('interrupted'), Type.Literal('completed'), Type.Literal('cancelled'),
], { description: 'interrupted: stopped by an error, a kill or a power cut; goes on with resume' });

export const Deed = strictObject(
  {
    id: Id('deed'),
    kind: Type.Union([Type.Literal('new-issue')]),
    state: DeedState,
    step: Type.String({ description: 'step that runs or will run next' }),
    steps: Type.Array(strictObject({ name: Type.String(), state: Type.Union([Type.Literal('waiting'), Type.Literal('running'), Type.Literal('done'), Type.Literal('failed')]) })),
    token: TokenRef,
    tokenModelId: Type.String(),
    requestId: Id('request'),
    orderNumber: Type.String(),
    companyName: Type.String(),
    projectName: Type.String(),
    cancellable: Type.Boolean(),
    /** Resuming needs the authorization code again: the CA never got the start. Null: not known before asking the CA. */
    codeNeeded: Nullable(Type.Boolean()),
    remainingQuantity: Nullable(Type.Integer()),
    error: Nullable(strictObject({ code: Type.String(), details: Type.Record(Type.String(), Type.Unknown()), traceId: Type.Optional(Type.String()) })),
    startedAtUtc: UtcTime('when begun'),
    updatedAtUtc: UtcTime('last change'),
  },
  { $id: 'Deed' },
);
export type Deed = Static<typeof Deed>;

export const deedCalls = {
  'writing.startNewIssue': call({
    summary: 'Write a new dual certificate to a key; answers at once, progress comes as events',
    input: strictObject({
      requestId: Id('request'), token: TokenRef, tokenModelId: Type.String({ maxLength: 64 }), authorizationCode: AuthorizationCode, pin: Secret(64, 'user PIN'),
      agreedToAddBesideCertificates: Type.Optional(Type.Array(Type.String(), { description: 'SHA-256 fingerprints of the certificates on the key that the person has seen and agreed to keep beside the new ones' })),
      confirmedFewTries: Type.Optional(Type.Boolean()),
    }),
    output: Deed,
  }),
  'writing.get': call({ summary: 'One deed', input: strictObject({ deedId: Id('deed') }), output: Deed }),
  'writing.listUnfinished': call({ summary: 'Deeds that are not completed and not cancelled', input: null, output: Type.Array(Deed) }),
  'writing.resume': call({ summary: 'Go on with an interrupted deed', input: strictObject({ deedId: Id('deed'), pin: Secret(64, 'user PIN'), authorizationCode: Type.Optional(AuthorizationCode), confirmedFewTries: Type.Optional(Type.Boolean()) }), output: Deed }),
  'writing.cancel': call({ summary: 'Give a deed up, where that is safe', input: strictObject({ deedId: Id('deed'), pin: Type.Optional(Secret(64, 'user PIN; needed to remove what was begun on the key')), confirmedFewTries: Type.Optional(Type.Boolean()) }), output: Deed }),
} as const;
