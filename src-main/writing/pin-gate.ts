/**
 * Before a PIN goes to a driver: is a try worth it? Rule: a locked key is never asked, and the last tries are only spent when the person
 * said so. The PIN itself then goes into one driver call and is never sent again.
 */
import type { PinState } from '#shared/contract/desktop/tokens.ts';
import { AppError } from '#shared/errors/app-error.ts';

/** With this many tries left the person has to confirm. */
const FEW_TRIES = 2;

/** @throws PIN_LOCKED, TOKEN_NOT_INITIALISED, PIN_NOT_CONFIRMED */
export function passPinGate(pin: PinState, confirmedFewTries: boolean): void {
  if (pin.status === 'locked' || pin.triesLeft === 0) throw new AppError('PIN_LOCKED');
  if (pin.status === 'not-initialised') throw new AppError('TOKEN_NOT_INITIALISED');
  if (isLow(pin) && !confirmedFewTries) throw new AppError('PIN_NOT_CONFIRMED', { triesLeft: pin.triesLeft, status: pin.status });
}

/** Drivers that only hint (PKCS#11 flags) do not count tries: after one wrong try any number below the maximum may be left. */
function isLow(pin: PinState): boolean {
  return pin.triesLeft === null ? pin.status === 'low' || pin.status === 'final-try' : pin.triesLeft <= FEW_TRIES;
}

/** The bytes of a PIN for one driver call; the receiver wipes them. */
export function pinBytes(pin: string): Uint8Array {
  return new TextEncoder().encode(pin);
}
