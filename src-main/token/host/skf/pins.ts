/** PINs over SKF: how many tries are left, verifying, changing, unblocking. A PIN goes as a text ended by NUL into exactly one call and is wiped. */
import type { PinState } from '#shared/contract/desktop/tokens.ts';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { ErrorCode } from '#shared/errors/error-table.ts';
import type { AtApplication } from './logged-in.ts';
import { numberIn, outNumber } from './skf-functions.ts';

type Role = 'user' | 'admin';
/** ulPINType of GM/T 0016. */
const PIN_TYPES: Readonly<Record<Role, number>> = { admin: 0, user: 1 };
/** A refusal of the administrator PIN has codes of its own: what helps is another thing. */
const CODES: Readonly<Record<Role, { readonly PIN_INCORRECT: ErrorCode; readonly PIN_LOCKED: ErrorCode }>> = {
  user: { PIN_INCORRECT: 'PIN_INCORRECT', PIN_LOCKED: 'PIN_LOCKED' },
  admin: { PIN_INCORRECT: 'ADMIN_PIN_INCORRECT', PIN_LOCKED: 'ADMIN_PIN_LOCKED' },
};
/** Real keys allow up to 15 tries; a greater number is rubbish. */
const MOST_TRIES = 99;

/** @returns status `unknown` where the driver does not tell, or tells what cannot be */
export function readPinState(at: AtApplication, role: Role = 'user'): PinState {
  const unknown: PinState = { status: 'unknown', triesLeft: null, maxTries: role === 'user' ? at.profile.maxPinTries : null, mustChange: false };
  if (!at.functions.has('SKF_GetPINInfo')) return unknown;
  const [most, left, isDefault] = [outNumber(), outNumber(), outNumber()];
  try {
    at.functions.call('SKF_GetPINInfo', at.application, PIN_TYPES[role], most, left, isDefault);
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code === 'TOKEN_REMOVED') throw thrown;
    return thrown.code === 'TOKEN_NOT_INITIALISED' ? { ...unknown, status: 'not-initialised' } : unknown;
  }
  return describe(numberIn(most), numberIn(left), numberIn(isDefault) !== 0) ?? unknown;
}

function describe(maxTries: number, triesLeft: number, mustChange: boolean): PinState | null {
  if (maxTries < 1 || maxTries > MOST_TRIES || triesLeft > maxTries) return null;
  const status = triesLeft === 0 ? 'locked' : triesLeft === 1 ? 'final-try' : triesLeft < maxTries ? 'low' : 'ok';
  return { status, triesLeft, maxTries, mustChange };
}

/** @throws PIN_INCORRECT, PIN_LOCKED with the tries left */
export function verifyPin(at: AtApplication, pin: Uint8Array): void {
  withTexts([pin], ([text]) => tellingTries(at, 'user', (retries) => at.functions.call('SKF_VerifyPIN', at.application, PIN_TYPES.user, text, retries)));
}

/** @throws PIN_INCORRECT, PIN_LOCKED, or the same of the administrator PIN; PIN_RULE */
export function changePin(at: AtApplication, role: Role, oldPin: Uint8Array, newPin: Uint8Array): void {
  withTexts([oldPin, newPin], ([oldText, newText]) => tellingTries(at, role, (retries) => at.functions.call('SKF_ChangePIN', at.application, PIN_TYPES[role], oldText, newText, retries)));
}

/** Sets a new user PIN with the administrator PIN. @throws ADMIN_PIN_INCORRECT, ADMIN_PIN_LOCKED, PIN_RULE */
export function unblockPin(at: AtApplication, adminPin: Uint8Array, newPin: Uint8Array): void {
  withTexts([adminPin, newPin], ([adminText, newText]) => tellingTries(at, 'admin', (retries) => at.functions.call('SKF_UnblockPIN', at.application, adminText, newText, retries)));
}

/** Gives PINs to a deed as the driver wants them; what was made of them is wiped after it. */
export function withTexts(pins: readonly Uint8Array[], deed: (texts: readonly [Buffer, Buffer]) => void): void {
  // A NUL inside would make the driver try a shorter PIN than was typed.
  if (pins.some((pin) => pin.includes(0))) refuse('INPUT_INVALID', { field: 'pin' });
  const texts = [0, 1].map((index) => Buffer.concat([pins[index] ?? new Uint8Array(), Buffer.alloc(1)]));
  try {
    deed(texts as [Buffer, Buffer]);
  } finally {
    wipeBytes(...texts);
  }
}

/** What a counter holds before the driver writes it; no key has so many tries. */
const UNTOLD = 0xffff_ffff;

function tellingTries(at: AtApplication, role: Role, call: (retries: Buffer) => void): void {
  const retries = outNumber(UNTOLD);
  try {
    call(retries);
  } catch (thrown) {
    if (!isAboutPin(thrown)) throw thrown;
    // The state is asked for, never the PIN tried again.
    const state = readPinState(at, role);
    const triesLeft = state.triesLeft ?? toldTries(retries);
    const code = state.status === 'locked' || triesLeft === 0 ? 'PIN_LOCKED' : thrown.code;
    throw new AppError(CODES[role][code], { ...thrown.details, triesLeft, pinStatus: state.status }, thrown);
  }
}

function isAboutPin(thrown: unknown): thrown is AppError & { readonly code: 'PIN_INCORRECT' | 'PIN_LOCKED' } {
  return thrown instanceof AppError && (thrown.code === 'PIN_INCORRECT' || thrown.code === 'PIN_LOCKED');
}

function toldTries(retries: Buffer): number | null {
  const told = numberIn(retries);
  return told <= MOST_TRIES ? told : null;
}
