/** Going on with an interrupted deed. Rule: the journal, the key and the CA are all asked; the PIN is asked once, and a missing code is found out before it. */
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import type { DeedRecord } from '../journal/deed-record.ts';
import type { TokenSession } from '../token/token-port.ts';
import type { KeyHold } from './key-holds.ts';
import { passPinGate, pinBytes } from './pin-gate.ts';
import { findResumePoint } from './resume-point.ts';
import { interrupt } from './run-steps.ts';
import { findOpenIssuance } from './start-issuance.ts';
import { findTokenBySerial } from './wanted-token.ts';
import { begin, closingOnError, findMyUnfinishedDeed, isRefusal, runBehind, tell, type WritingDesk } from './writing-desk.ts';

/** @returns the deed, running or already completed. @throws what stands in the way; the deed then stays interrupted */
export async function resumeDeed(desk: WritingDesk, input: DesktopInput<'writing.resume'>): Promise<Deed> {
  const { ports, holds } = desk;
  const record = findMyUnfinishedDeed(desk, input.deedId);
  const authorizationCode = input.authorizationCode ?? null;
  const hold = holds.take(record.tokenSerial);
  let keyOpen = false;
  try {
    await requireCodeIfNeeded(desk, record, authorizationCode);
    const summary = await findTokenBySerial(record.tokenSerial, ports.tokens);
    passPinGate(summary.pin, input.confirmedFewTries ?? false);
    const session = await ports.tokens.logIn(summary.ref, pinBytes(input.pin));
    keyOpen = true;
    ports.journal.note(record.id, { driverId: summary.ref.driverId });
    return await closingOnError(session, () => goOn(desk, ports.journal.resume(record.id), authorizationCode, session, hold));
  } catch (thrown) {
    holds.release(hold);
    const error = toAppError(thrown);
    // Before the key was open nothing was tried, and the failure that the person knows stays.
    if (keyOpen) recordFailure(desk, record.id, error);
    throw error;
  }
}

async function goOn(desk: WritingDesk, deed: DeedRecord, authorizationCode: string | null, session: TokenSession, hold: KeyHold): Promise<Deed> {
  const { ports } = desk;
  hold.deedId = deed.id;
  if (deed.issuanceId === null) return begin(desk, deed, authorizationCode, session, hold);
  const issuance = await ports.ca.getIssuance({ params: { issuanceId: deed.issuanceId } });
  if (issuance.state === 'cancelled') throw new AppError('ISSUANCE_STATE', { state: issuance.state });
  if (issuance.state === 'completed') return closeCompleted(desk, deed, issuance.remainingQuantity, session, hold);
  const point = findResumePoint(deed, await session.readContainer(deed.containerId), issuance);
  const record = point === deed.step ? deed : ports.journal.rewind(deed.id, point, {});
  return runBehind(desk, { ports, session, deed: record, issuance, pair: null }, hold);
}

/** The completion had arrived; only its answer was lost. */
async function closeCompleted(desk: WritingDesk, deed: DeedRecord, remainingQuantity: number, session: TokenSession, hold: KeyHold): Promise<Deed> {
  const record = desk.ports.journal.finish(deed.id, 'completed', { remainingQuantity });
  await session.close();
  desk.holds.release(hold);
  return tell(desk, record);
}

/** Asked before the key is: a missing code must not cost a login. @throws DEED_CODE_NEEDED */
async function requireCodeIfNeeded(desk: WritingDesk, record: DeedRecord, authorizationCode: string | null): Promise<void> {
  if (record.issuanceId !== null || authorizationCode !== null) return;
  if (await findOpenIssuance(record, desk.ports)) return;
  tell(desk, desk.ports.journal.note(record.id, { codeNeeded: true }));
  throw new AppError('DEED_CODE_NEEDED');
}

function recordFailure(desk: WritingDesk, deedId: string, error: AppError): void {
  const record = interrupt(deedId, error, desk.ports);
  const codeRefused = record.issuanceId === null && isRefusal(error);
  tell(desk, codeRefused ? desk.ports.journal.note(deedId, { codeNeeded: true }) : record);
}
