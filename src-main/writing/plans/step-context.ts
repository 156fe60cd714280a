/** What a step of a writing deed works with. Rule: secrets live here, in memory, for one run; the journal never sees one. */
import type { TokenRef } from '#shared/contract/desktop/tokens.ts';
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import type { KeyRecovery } from '#shared/contract/rest/keys.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { DeedFacts, DeedPlanFacts, DeedRecord } from '../../journal/deed-record.ts';
import type { KeyContainer, TokenSession } from '../../token/token-port.ts';
import type { CheckedPair } from '../issued-pair.ts';
import type { WritingPorts } from '../ports.ts';

/** Of one run; after a kill the person or the service gives them again. */
export interface DeedSecrets {
  authorizationCode: string | null;
  /** User PIN that an unlock sets, or has set in an earlier run. */
  newPin: string | null;
  /** Administrator PIN that the person gave; otherwise the service or the model knows it. */
  administratorPin: string | null;
}

/** What the service gave out for one run of an unlock. */
export interface ReleasedPins {
  readonly current: string;
  readonly next: string;
  readonly proofWanted: boolean;
}

export interface StepContext {
  readonly ports: WritingPorts;
  readonly ref: TokenRef;
  readonly secrets: DeedSecrets;
  /** The person knows that few tries are left. */
  readonly confirmedFewTries: boolean;
  /** The key with the user logged in; null where the user PIN is not to be had (unlock) or not needed. */
  session: TokenSession | null;
  deed: DeedRecord;
  /** The service's view, renewed by the steps that change it; null on deeds that issue nothing. */
  issuance: Issuance | null;
  recovery: KeyRecovery | null;
  released: ReleasedPins | null;
  /** Checked once per run; certificates of an issuance never change. */
  pair: CheckedPair | null;
}

/** Does the step and answers what the journal has to keep of it. May be carried out again from its beginning at any time, and then finds or repeats its own effect. */
export type Step = (context: StepContext) => Promise<DeedFacts>;

/** @throws TOKEN_NOT_LOGGED_IN */
export function openSession({ session }: StepContext): TokenSession {
  if (!session) throw new AppError('TOKEN_NOT_LOGGED_IN');
  return session;
}

/** @throws ISSUANCE_STATE when the service has begun none */
export function openIssuance({ issuance }: StepContext): Issuance {
  if (!issuance) throw new AppError('ISSUANCE_STATE', { state: 'none' });
  return issuance;
}

/** The container of the deed. @throws CONTAINER_NOT_FOUND */
export async function containerOf(context: StepContext, containerId: string = context.deed.containerId): Promise<KeyContainer> {
  const container = await openSession(context).readContainer(containerId);
  if (!container) throw new AppError('CONTAINER_NOT_FOUND', { containerId });
  return container;
}

/** The public key of the deed's signing key, which must be on the key. @throws CONTAINER_NOT_FOUND, KEY_NOT_FOUND */
export async function signPublicKey(context: StepContext): Promise<Uint8Array> {
  const { sign } = await containerOf(context);
  if (!sign.hasPrivateKey || !sign.publicKeySpkiDer) throw new AppError('KEY_NOT_FOUND', { containerId: context.deed.containerId, purpose: 'sign' });
  return sign.publicKeySpkiDer;
}

/** Adds to what the plan remembers; on the disk when it returns. */
export function notePlan(context: StepContext, more: DeedPlanFacts): void {
  context.deed = context.ports.journal.note(context.deed.id, { planFacts: { ...context.deed.planFacts, ...more } });
}
