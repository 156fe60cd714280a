/**
 * One deed as the journal keeps it. Rule: nothing here is a secret – no PIN, no authorization code, no password, no key material. The
 * certification request is public; the container id and the idempotency key are names.
 */
import { Base64, Hex, Id, Nullable, TokenSerial, Type, UtcTime, strictObject, type Static } from '#shared/contract/schema.ts';
import { DeedKind, DeedPlanId, DeedStepName } from '#shared/contract/desktop/deed-plans.ts';
import { SealId } from '#shared/contract/desktop/ledger.ts';
import { DeedState, OldPairWish } from '#shared/contract/desktop/deeds.ts';
import { KeyAlgorithm } from '#shared/contract/rest/orders.ts';

export const StepRecord = strictObject({
  name: DeedStepName,
  state: Type.Union([Type.Literal('waiting'), Type.Literal('running'), Type.Literal('done'), Type.Literal('failed')]),
  /** How often the step was begun: more than one after an interruption. */
  attempts: Type.Integer({ minimum: 0 }),
});
export type StepRecord = Static<typeof StepRecord>;

export const DeedFailure = strictObject({
  code: Type.String({ pattern: '^[A-Z0-9_]{1,64}$' }),
  details: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null(), Type.Array(Type.String())])),
  traceId: Type.Optional(Type.String({ maxLength: 64 })),
});
export type DeedFailure = Static<typeof DeedFailure>;

const ContainerId = Type.String({ pattern: '^[0-9a-f]{32}$' });

/** What only some plans remember. */
export const DeedPlanFacts = Type.Partial(strictObject({
  /** Renewal, change: the container with the certificates that the request is about; null when the key has none. */
  oldContainerId: Nullable(Type.String({ maxLength: 160 })),
  /** With the same keys: what stood there, to be put back when the deed is given up. Certificates are public. */
  oldSignCertificateDer: Base64(16384, 'certificate'),
  oldEncryptionCertificateDer: Base64(16384, 'certificate'),
  /** What the person wants to be done with the old pair once the new one is active. */
  oldPair: OldPairWish,
  /** Old pairs that the person agreed to take off the key for room; each comes back from escrow only. */
  removeFirst: Type.Array(ContainerId, { maxItems: 64 }),
  /** Containers that this deed makes for restored keys. */
  restored: Type.Array(ContainerId, { maxItems: 64 }),
  /** Absent: the current one. unknown: a change was begun, so that either may be on the key; the current one had been seen to fit. */
  administratorPin: Type.Union([Type.Literal('unknown'), Type.Literal('next')]),
  /** The key refused it once: not tried again unless the person says so. */
  administratorPinRefused: Type.Boolean(),
  /** Seal ids of the bids that the person has agreed to lose by this deed. */
  agreedToLose: Type.Array(SealId, { maxItems: 10_000 }),
  /** left: the administrator PIN stays as it is; the writing is none the worse for it. */
  handover: Type.Literal('left'),
}), { additionalProperties: false });
export type DeedPlanFacts = Static<typeof DeedPlanFacts>;

export const DeedRecord = strictObject({
  id: Id('deed'),
  kind: DeedKind,
  plan: DeedPlanId,
  state: DeedState,
  step: DeedStepName,
  steps: Type.Array(StepRecord),
  accountId: Id('account'),
  driverId: Type.String({ minLength: 1, maxLength: 64 }),
  tokenSerial: TokenSerial,
  tokenModelId: Type.String({ maxLength: 64 }),
  requestId: Id('request'),
  /** Empty in journals of before there were requests. */
  requestNumber: Type.String({ maxLength: 64 }),
  orderNumber: Type.String({ maxLength: 200 }),
  companyName: Type.String({ maxLength: 400 }),
  projectName: Type.String({ maxLength: 400 }),
  keyAlgorithm: KeyAlgorithm,
  /** Chosen before any key exists, so that a key made just before a power cut is found again. */
  containerId: ContainerId,
  startIdempotencyKey: Type.String({ pattern: '^[A-Za-z0-9-]{16,64}$' }),
  codeNeeded: Nullable(Type.Boolean()),
  issuanceId: Nullable(Id('issuance')),
  csrDer: Nullable(Type.Uint8Array({ maxByteLength: 16384 })),
  signCertificateSha256Hex: Nullable(Hex(64, 'fingerprint')),
  encryptionCertificateSha256Hex: Nullable(Hex(64, 'fingerprint')),
  remainingQuantity: Nullable(Type.Integer({ minimum: 0 })),
  planFacts: DeedPlanFacts,
  failure: Nullable(DeedFailure),
  startedAtUtc: UtcTime('when begun'),
  updatedAtUtc: UtcTime('last change'),
});
export type DeedRecord = Static<typeof DeedRecord>;

/** What a step learns and the journal keeps. */
export type DeedFacts = Partial<Pick<DeedRecord, 'driverId' | 'containerId' | 'startIdempotencyKey' | 'codeNeeded' | 'issuanceId' | 'csrDer' | 'signCertificateSha256Hex' | 'encryptionCertificateSha256Hex' | 'remainingQuantity' | 'planFacts'>>;

export type NewDeed = Pick<DeedRecord, 'id' | 'kind' | 'plan' | 'accountId' | 'driverId' | 'tokenSerial' | 'tokenModelId' | 'requestId' | 'requestNumber' | 'orderNumber' | 'companyName' | 'projectName' | 'keyAlgorithm' | 'containerId' | 'startIdempotencyKey' | 'planFacts'>;

/** The journal as the writing deeds use it. Every call is one committed transaction: when it returns, a power cut cannot take it back. */
export interface DeedJournal {
  /** State running, first step next. */
  create(deed: NewDeed): DeedRecord;
  get(deedId: string): DeedRecord | null;
  /** Running and interrupted deeds, oldest first. */
  listUnfinished(): DeedRecord[];
  /** Facts that have to be on disk before the step goes on. */
  note(deedId: string, facts: DeedFacts): DeedRecord;
  /** Before a step does anything. */
  beginStep(deedId: string, step: DeedRecord['step']): DeedRecord;
  /** After a step did all it had to do, with what it learnt. The last step completes the deed. */
  endStep(deedId: string, step: DeedRecord['step'], facts: DeedFacts): DeedRecord;
  /** The effect of a step is gone: it and those after it wait again. */
  rewind(deedId: string, step: DeedRecord['step'], facts: DeedFacts): DeedRecord;
  interrupt(deedId: string, failure: DeedFailure): DeedRecord;
  resume(deedId: string): DeedRecord;
  /** Closes the deed: completed (the service says so), or cancelled. */
  finish(deedId: string, state: 'completed' | 'cancelled', facts: DeedFacts): DeedRecord;
  close(): void;
}
