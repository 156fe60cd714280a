/**
 * The administrator PIN of a key in the hands of a deed. Rules: a locked one is never asked, the last try is only spent when the person said so, a refused one is not
 * tried again unless the person said so; and one run spends at most one wrong try – also when an earlier run was cut off in the midst of the change.
 */
import type { PinState } from '#shared/contract/desktop/tokens.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { pinBytes } from './pin-gate.ts';
import { notePlan, type StepContext } from './plans/step-context.ts';

/** Runs one driver call that takes the administrator PIN. @throws ADMIN_PIN_LOCKED, PIN_NOT_CONFIRMED, ADMIN_PIN_INCORRECT */
export async function askAdministrator<T>(context: StepContext, call: () => Promise<T>): Promise<T> {
  const state = await context.ports.tokens.adminPinState(context.ref);
  passAdministratorGate(state, context.confirmedFewTries);
  const refusedBefore = context.deed.planFacts.administratorPinRefused === true;
  if (refusedBefore && !context.confirmedFewTries) throw new AppError('ADMIN_PIN_INCORRECT', { triesLeft: state.triesLeft, triedAgain: false });
  try {
    const answer = await call();
    if (refusedBefore) notePlan(context, { administratorPinRefused: false });
    return answer;
  } catch (thrown) {
    if (isWrongPin(thrown)) notePlan(context, { administratorPinRefused: true });
    throw thrown;
  }
}

/** @throws ADMIN_PIN_LOCKED, PIN_NOT_CONFIRMED */
export function passAdministratorGate(state: PinState, confirmedFewTries: boolean): void {
  if (state.status === 'locked' || state.triesLeft === 0) throw new AppError('ADMIN_PIN_LOCKED');
  const lastTry = state.status === 'final-try' || state.triesLeft === 1;
  if (lastTry && !confirmedFewTries) throw new AppError('PIN_NOT_CONFIRMED', { role: 'administrator', triesLeft: state.triesLeft, status: state.status });
}

export interface Rotation {
  readonly current: string;
  readonly next: string;
  /** An earlier step of the same deed has shown that the current one fits; otherwise that is tried first. */
  readonly currentFits: boolean;
}

/**
 * Puts the next administrator PIN into the place of the current one, which fits. Before the call the journal says that either may be there; a run that finds this tries the next
 * one first – when the change had arrived, nothing is lost; when not, the one wrong try is made good by the right one that follows.
 */
export async function rotateAdministratorPin(context: StepContext, { current, next, currentFits }: Rotation): Promise<void> {
  const known = context.deed.planFacts.administratorPin;
  if (known === 'next') return;
  if (known === 'unknown' && (await isInForce(context, next))) return notePlan(context, { administratorPin: 'next' });
  // Once the journal says `unknown`, the current one has been seen to fit.
  if (known === undefined && !currentFits) await askAdministrator(context, () => change(context, current, current));
  notePlan(context, { administratorPin: 'unknown' });
  await change(context, current, next);
  notePlan(context, { administratorPin: 'next' });
}

/** Changing a PIN to itself is the one call that every key has for asking whether it fits. */
async function isInForce(context: StepContext, pin: string): Promise<boolean> {
  passAdministratorGate(await context.ports.tokens.adminPinState(context.ref), context.confirmedFewTries);
  try {
    await change(context, pin, pin);
    return true;
  } catch (thrown) {
    if (isWrongPin(thrown)) return false;
    throw thrown;
  }
}

async function change({ ports, ref }: StepContext, from: string, to: string): Promise<void> {
  await ports.tokens.changeAdminPin(ref, pinBytes(from), pinBytes(to));
}

const isWrongPin = (thrown: unknown) => thrown instanceof AppError && thrown.code === 'ADMIN_PIN_INCORRECT';
