/** How serious the PIN state of a key is, in the words of the prompt. Two or fewer tries left: the person has to confirm first. */
import type { PinState } from '#shared/contract/desktop/tokens.ts';

export type PinSeriousness = 'calm' | 'careful' | 'serious' | 'last' | 'locked' | 'unusable';

const CONFIRM_AT_TRIES = 2;

export function pinSeriousness(pin: PinState): PinSeriousness {
  if (pin.status === 'locked' || pin.triesLeft === 0) return 'locked';
  if (pin.status === 'not-initialised') return 'unusable';
  if (pin.status === 'final-try' || pin.triesLeft === 1) return 'last';
  if (pin.triesLeft !== null && pin.triesLeft <= CONFIRM_AT_TRIES) return 'serious';
  if (pin.status === 'low' || (pin.triesLeft !== null && pin.maxTries !== null && pin.triesLeft < pin.maxTries)) return 'careful';
  return 'calm';
}

/** Drivers that only hint do not count: after one wrong try any number below the maximum may be left. */
export function needsTryConfirmation(pin: PinState): boolean {
  const seriousness = pinSeriousness(pin);
  return seriousness === 'serious' || seriousness === 'last' || (seriousness === 'careful' && pin.triesLeft === null);
}
