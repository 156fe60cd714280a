/** Giving a deed up on the person's wish. What happens, and in which order: give-up.ts and docs/deeds.md. */
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError, fromErrorData } from '#shared/errors/app-error.ts';
import type { DeedRecord } from '../journal/deed-record.ts';
import type { TokenSession } from '../token/token-port.ts';
import { viewDeed } from './deed-view.ts';
import { giveUp, mayHoldSomething } from './give-up.ts';
import type { KeyHold } from './key-holds.ts';
import { passPinGate, pinBytes } from './pin-gate.ts';
import { planRow } from './plans/plan-table.ts';
import { findDeed, findMyUnfinishedDeed, tell, type WritingDesk } from './writing-desk.ts';

/** @throws DEED_NOT_CANCELLABLE, DEED_STATE, and what stands in the way; the deed then stays as it was */
export async function cancelDeed(desk: WritingDesk, input: DesktopInput<'writing.cancel'>): Promise<Deed> {
  const running = desk.holds.ofDeed(input.deedId);
  return running ? cancelRunning(desk, input.deedId, running) : cancelInterrupted(desk, input);
}

async function cancelInterrupted(desk: WritingDesk, input: DesktopInput<'writing.cancel'>): Promise<Deed> {
  const record = findMyUnfinishedDeed(desk, input.deedId);
  const { atService, mayBeGivenUp } = planRow(record.plan);
  // Of a release the service is asked: staff may have ended the request.
  if (atService === 'deposit' && !mayBeGivenUp(record.step)) throw new AppError('DEED_NOT_CANCELLABLE', { step: record.step });
  const hold = desk.holds.take(record.tokenSerial);
  hold.deedId = record.id;
  try {
    const session = await openForCancel(desk, record, input);
    try {
      return viewDeed(await giveUp(record, session, desk.ports));
    } finally {
      await session?.close();
    }
  } finally {
    desk.holds.release(hold);
    tell(desk, findDeed(desk, record.id));
  }
}

/**
 * Whether giving an interrupted deed up would work now. Administrator PINs of an unlock that were given out are made good by going on, or by staff, who end the
 * request; only the service knows. An unlock that it has completed is closed here, as going on would close it: the key may be lost.
 * @throws NOT_SIGNED_IN, DEED_NOT_FOUND, DEED_OTHER_ACCOUNT, DEED_RUNNING, DEED_STATE, CA_*
 */
export async function mayBeGivenUpNow(desk: WritingDesk, deedId: string): Promise<boolean> {
  const { ports } = desk;
  const record = findMyUnfinishedDeed(desk, deedId);
  if (planRow(record.plan).atService !== 'release') return viewDeed(record).cancellable;
  const { state } = await ports.ca.getRequest({ params: { requestId: record.requestId } });
  // Meanwhile somebody may have gone on with it.
  const isIdle = desk.holds.ofDeed(deedId) === null && findDeed(desk, deedId).state === 'interrupted';
  if (state === 'completed' && isIdle) tell(desk, ports.journal.finish(deedId, 'completed', { remainingQuantity: 0 }));
  return isIdle && state !== 'completed' && state !== 'writing';
}

/** The run itself gives the deed up after its present step: it has the key open. */
async function cancelRunning(desk: WritingDesk, deedId: string, hold: KeyHold): Promise<Deed> {
  const { accountId, plan, step } = findDeed(desk, deedId);
  if (accountId !== desk.ports.requireAccount().id) throw new AppError('DEED_OTHER_ACCOUNT');
  if (!planRow(plan).mayBeGivenUp(step)) throw new AppError('DEED_NOT_CANCELLABLE', { step });
  hold.stop = 'cancel';
  await hold.ended;
  const record = findDeed(desk, deedId);
  if (record.state === 'completed') throw new AppError('DEED_NOT_CANCELLABLE', { state: record.state });
  if (record.state === 'interrupted') throw fromErrorData(record.failure);
  return viewDeed(record);
}

/** @returns null when nothing was begun on the key, or the key is not at hand: a lost key must not keep a deed open for ever */
async function openForCancel({ ports }: WritingDesk, record: DeedRecord, input: DesktopInput<'writing.cancel'>): Promise<TokenSession | null> {
  if (!mayHoldSomething(record)) return null;
  const { tokens: plugged } = await ports.tokens.list();
  const summary = plugged.find((one) => one.ref.serial === record.tokenSerial);
  if (!summary) return null;
  if (input.pin === undefined) throw new AppError('INPUT_INVALID', { fields: ['/pin'], reason: 'the key is plugged in and has to be cleared' });
  passPinGate(summary.pin, input.confirmedFewTries ?? false);
  return ports.tokens.logIn(summary.ref, pinBytes(input.pin));
}
