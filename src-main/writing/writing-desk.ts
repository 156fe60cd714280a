/** What the deeds of this folder share: ports, the keys in use, and the ways from a journal row to a running deed. */
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { TokenRef } from '#shared/contract/desktop/tokens.ts';
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import { CA_ERRORS } from '#shared/errors/table/ca.ts';
import type { DeedRecord } from '../journal/deed-record.ts';
import type { TokenSession } from '../token/token-port.ts';
import { viewDeed } from './deed-view.ts';
import type { KeyHold, KeyHolds } from './key-holds.ts';
import type { DeedSecrets, StepContext } from './plans/step-context.ts';
import type { WritingPorts } from './ports.ts';
import { runStep, runSteps } from './run-steps.ts';

export interface WritingDesk {
  readonly ports: WritingPorts;
  readonly holds: KeyHolds;
}

/** @throws DEED_NOT_FOUND */
export function findDeed({ ports }: WritingDesk, deedId: string): DeedRecord {
  const record = ports.journal.get(deedId);
  if (!record) throw new AppError('DEED_NOT_FOUND', { deedId });
  return record;
}

/** An unfinished deed of the signed-in account that nobody carries out just now. @throws NOT_SIGNED_IN, DEED_NOT_FOUND, DEED_OTHER_ACCOUNT, DEED_RUNNING, DEED_STATE */
export function findMyUnfinishedDeed(desk: WritingDesk, deedId: string): DeedRecord {
  const account = desk.ports.requireAccount();
  const record = findDeed(desk, deedId);
  if (record.accountId !== account.id) throw new AppError('DEED_OTHER_ACCOUNT');
  if (record.state === 'running' && desk.holds.ofDeed(deedId)) throw new AppError('DEED_RUNNING', { deedId });
  if (record.state !== 'interrupted' && record.state !== 'running') throw new AppError('DEED_STATE', { state: record.state, step: record.step });
  return record;
}

export function tell({ ports }: WritingDesk, record: DeedRecord): Deed {
  const deed = viewDeed(record);
  ports.onDeedChanged(deed);
  return deed;
}

/** What a run begins with. */
export interface RunStart {
  readonly deed: DeedRecord;
  readonly ref: TokenRef;
  readonly session: TokenSession | null;
  readonly secrets: DeedSecrets;
  readonly confirmedFewTries: boolean;
}

export function stepContext({ ports }: WritingDesk, start: RunStart): StepContext {
  return { ...start, ports, issuance: null, recovery: null, released: null, pair: null };
}

/** The first step, which spends the code, then everything else behind the answer. @returns the deed as it stands when the first step is done */
export async function begin(desk: WritingDesk, context: StepContext, hold: KeyHold): Promise<Deed> {
  hold.deedId = context.deed.id;
  await runStep(context);
  return runBehind(desk, context, hold);
}

/** Answers at once; the steps run behind the answer, with the key held until they ended. */
export function runBehind(desk: WritingDesk, context: StepContext, hold: KeyHold): Deed {
  const answer = tell(desk, context.deed);
  void runAndRelease(desk, context, hold);
  return answer;
}

/** The key is free again before anyone hears that the deed ended. Never rejects. */
async function runAndRelease(desk: WritingDesk, context: StepContext, hold: KeyHold): Promise<void> {
  const { ports, holds } = desk;
  try {
    await runSteps(context, hold);
    await context.session?.close();
    holds.release(hold);
    tell(desk, findDeed(desk, context.deed.id));
  } catch (thrown) {
    // The journal itself cannot be written (disk full, folder gone). What it says last is where the deed goes on.
    ports.log.error('journal failed in a deed', { deedId: context.deed.id, exception: String(thrown) });
    await context.session?.close();
  } finally {
    holds.release(hold);
  }
  await showNewCertificates(desk);
}

/** A list asks the drivers anew, so that whoever listens to the keys hears of the new certificates at once. */
async function showNewCertificates({ ports }: WritingDesk): Promise<void> {
  try {
    await ports.tokens.list();
  } catch (thrown) {
    ports.log.warn('keys not listed after a deed', { code: toAppError(thrown).code });
  }
}

/** The session belongs to the run once that has begun; until then whoever opened it closes it. */
export async function closingOnError<T>(session: TokenSession | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    await session?.close();
    throw thrown;
  }
}

const REFUSALS_BESIDE_THE_SERVICE: readonly string[] = ['NOT_FOUND', 'NOT_SIGNED_IN', 'INPUT_INVALID', 'DEED_CODE_NEEDED'];

/** The start was refused, so nothing was begun at the service. Silence, nonsense and a call still in flight say nothing. */
export function isRefusal(error: AppError): boolean {
  if (error.code === 'IDEMPOTENCY_IN_FLIGHT') return false;
  return Object.hasOwn(CA_ERRORS, error.code) || REFUSALS_BESIDE_THE_SERVICE.includes(error.code);
}
