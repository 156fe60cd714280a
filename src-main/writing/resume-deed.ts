/** Going on with an interrupted deed. Rule: the journal, the key, the CA and the ledger of sealed bids are all asked; a PIN is asked once, and a missing code or answer is found out before it. */
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import type { DeedRecord } from '../journal/deed-record.ts';
import type { LedgerPass } from '../ledger/ledger.ts';
import type { TokenSession } from '../token/token-port.ts';
import { passLedgerAgain } from './ask-ledger-again.ts';
import { isBegun } from './deed-view.ts';
import type { KeyHold } from './key-holds.ts';
import { passPinGate, pinBytes } from './pin-gate.ts';
import { planRow } from './plans/plan-table.ts';
import type { StepContext } from './plans/step-context.ts';
import { findResumePoint } from './resume-point.ts';
import { interrupt } from './run-steps.ts';
import { findOpenIssuance } from './start-issuance.ts';
import { findOpenRecovery } from './start-key-recovery.ts';
import { findTokenBySerial } from './wanted-token.ts';
import { begin, closingOnError, findMyUnfinishedDeed, isRefusal, runBehind, stepContext, tell, type WritingDesk } from './writing-desk.ts';

type ResumeInput = DesktopInput<'writing.resume'>;

/** @returns the deed, running or already completed. @throws what stands in the way; the deed then stays interrupted */
export async function resumeDeed(desk: WritingDesk, input: ResumeInput): Promise<Deed> {
  const { ports, holds } = desk;
  const record = findMyUnfinishedDeed(desk, input.deedId);
  const hold = holds.take(record.tokenSerial);
  let keyOpen = false;
  try {
    await requireCodeIfNeeded(desk, record, input.authorizationCode ?? null);
    requirePins(record, input);
    const summary = await findTokenBySerial(record.tokenSerial, ports.tokens);
    const pass = await passLedgerAgain(record, summary.ref, input.ledgerAnswer ?? null, ports);
    const session = await openKey(desk, record, summary, input);
    keyOpen = true;
    ports.journal.note(record.id, { driverId: summary.ref.driverId });
    noteAgreed(desk, record, pass);
    return await closingOnError(session, () => goOn(desk, contextOf(desk, record, { summary, session, input }), hold));
  } catch (thrown) {
    holds.release(hold);
    const error = toAppError(thrown);
    // Before the key was open nothing was tried, and the failure that the person knows stays.
    if (keyOpen) recordFailure(desk, record.id, error);
    throw error;
  }
}

/** @throws INPUT_INVALID */
function requirePins(record: DeedRecord, input: ResumeInput): void {
  if (planRow(record.plan).opensKey && input.pin === undefined) throw new AppError('INPUT_INVALID', { fields: ['/pin'] });
  if (record.plan !== 'unlock') return;
  const unblocked = record.steps.some(({ name, state }) => name === 'unblock' && state === 'done');
  if (input.newPin === undefined && (!unblocked || input.pin === undefined)) throw new AppError('INPUT_INVALID', { fields: unblocked ? ['/pin'] : ['/newPin'] });
}

/** Once the key is open: a wrong PIN leaves the answer as it was typed. What was agreed to stays so for every further going on. */
function noteAgreed({ ports }: WritingDesk, { id, planFacts }: DeedRecord, pass: LedgerPass): void {
  pass.spend();
  if (pass.agreedToLose.length > 0) ports.journal.note(id, { planFacts: { ...planFacts, agreedToLose: [...(planFacts.agreedToLose ?? []), ...pass.agreedToLose] } });
}

/** @returns null for a deed whose steps open the key themselves */
async function openKey({ ports }: WritingDesk, record: DeedRecord, summary: TokenSummary, input: ResumeInput): Promise<TokenSession | null> {
  if (!planRow(record.plan).opensKey) return null;
  passPinGate(summary.pin, input.confirmedFewTries ?? false);
  return ports.tokens.logIn(summary.ref, pinBytes(input.pin ?? ''));
}

function contextOf(desk: WritingDesk, record: DeedRecord, { summary, session, input }: { readonly summary: TokenSummary; readonly session: TokenSession | null; readonly input: ResumeInput }): StepContext {
  const secrets = { authorizationCode: input.authorizationCode ?? null, newPin: input.newPin ?? input.pin ?? null, administratorPin: input.administratorPin ?? null };
  const resumed = desk.ports.journal.resume(record.id);
  // A forgotten PIN is set once more: the administrator's is still at hand.
  const forgotten = record.plan === 'unlock' && input.newPin !== undefined && resumed.steps.some(({ name, state }) => name === 'unblock' && state === 'done');
  const deed = forgotten ? desk.ports.journal.rewind(record.id, 'unblock', {}) : resumed;
  return stepContext(desk, { deed, ref: summary.ref, session, secrets, confirmedFewTries: input.confirmedFewTries ?? false });
}

async function goOn(desk: WritingDesk, context: StepContext, hold: KeyHold): Promise<Deed> {
  hold.deedId = context.deed.id;
  if (!isBegun(context.deed)) return begin(desk, context, hold);
  if (planRow(context.deed.plan).atService !== 'issuance') return await goOnAtService(desk, context, hold);
  return goOnWithIssuance(desk, context, hold);
}

async function goOnWithIssuance(desk: WritingDesk, context: StepContext, hold: KeyHold): Promise<Deed> {
  const { ports } = desk;
  const { deed, session } = context;
  const issuance = await ports.ca.getIssuance({ params: { issuanceId: deed.issuanceId ?? '' } });
  context.issuance = issuance;
  if (issuance.state === 'cancelled') throw new AppError('ISSUANCE_STATE', { state: issuance.state });
  if (issuance.state === 'completed') return afterCompletion(desk, context, issuance.remainingQuantity, hold);
  const point = findResumePoint({ deed, container: (await session?.readContainer(deed.containerId)) ?? null, issuance, crypto: ports.crypto });
  if (point !== deed.step) context.deed = ports.journal.rewind(deed.id, point, {});
  return runBehind(desk, context, hold);
}

/** An unlock, a recovery or a handover whose last call arrived is over, though its answer was lost. */
async function goOnAtService(desk: WritingDesk, context: StepContext, hold: KeyHold): Promise<Deed> {
  const { plan, requestId } = context.deed;
  if (plan !== 'administrator-pin') {
    const { state } = await desk.ports.ca.getRequest({ params: { requestId } });
    if (state === 'completed') return close(desk, context, 0, hold);
    // Ended by staff: nothing more is done on the key, and the deed can be given up.
    if (state === 'cancelled') throw new AppError('REQUEST_STATE', { state });
  }
  return runBehind(desk, context, hold);
}

/** The completion had arrived; only its answer was lost, or the deed has steps after it. */
async function afterCompletion(desk: WritingDesk, context: StepContext, remainingQuantity: number, hold: KeyHold): Promise<Deed> {
  const { steps } = planRow(context.deed.plan);
  const completing = steps.indexOf('complete');
  if (completing === steps.length - 1) return close(desk, context, remainingQuantity, hold);
  if (steps.indexOf(context.deed.step) <= completing) context.deed = desk.ports.journal.endStep(context.deed.id, 'complete', { remainingQuantity });
  return runBehind(desk, context, hold);
}

async function close(desk: WritingDesk, context: StepContext, remainingQuantity: number, hold: KeyHold): Promise<Deed> {
  const record = desk.ports.journal.finish(context.deed.id, 'completed', { remainingQuantity });
  await context.session?.close();
  desk.holds.release(hold);
  return tell(desk, record);
}

/** Asked before the key is: a missing code must not cost a login. @throws DEED_CODE_NEEDED */
async function requireCodeIfNeeded(desk: WritingDesk, record: DeedRecord, authorizationCode: string | null): Promise<void> {
  if (isBegun(record) || authorizationCode !== null) return;
  if (await isBegunAtService(desk, record)) return;
  tell(desk, desk.ports.journal.note(record.id, { codeNeeded: true }));
  throw new AppError('DEED_CODE_NEEDED');
}

async function isBegunAtService({ ports }: WritingDesk, record: DeedRecord): Promise<boolean> {
  switch (planRow(record.plan).atService) {
    case 'issuance': return (await findOpenIssuance(record, ports)) !== null;
    case 'recovery': return (await findOpenRecovery(record, ports)) !== null;
    case 'release': return (await ports.ca.getRequest({ params: { requestId: record.requestId } })).state === 'writing';
    case 'deposit': return true;
  }
}

function recordFailure(desk: WritingDesk, deedId: string, error: AppError): void {
  const record = interrupt(deedId, error, desk.ports);
  const codeRefused = !isBegun(record) && isRefusal(error);
  tell(desk, codeRefused ? desk.ports.journal.note(deedId, { codeNeeded: true }) : record);
}
