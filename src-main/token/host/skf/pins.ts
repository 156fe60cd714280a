/** PINs over SKF: how many tries are left, verifying, changing, unblocking. A PIN goes as a text ended by NUL into exactly one call and is wiped. */
import type { PinState } from '#shared/contract/desktop/tokens.ts';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { AtApplication } from './logged-in.ts';
import { numberIn, outNumber } from './skf-functions.ts';

const USER_TYPE = 1;
/** Real keys allow up to 15 tries; a greater number is rubbish. */
const MOST_TRIES = 99;

/** @returns status `unknown` where the driver does not tell, or tells what cannot be */
export function readPinState(at: AtApplication): PinState {
  const unknown: PinState = { status: 'unknown', triesLeft: null, maxTries: at.profile.maxPinTries, mustChange: false };
  if (!at.functions.has('SKF_GetPINInfo')) return unknown;
  const [most, left, isDefault] = [outNumber(), outNumber(), outNumber()];
  try {
    at.functions.call('SKF_GetPINInfo', at.application, USER_TYPE, most, left, isDefault);
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
  withTexts([pin], ([text]) => tellingTries(at, (retries) => at.functions.call('SKF_VerifyPIN', at.application, USER_TYPE, text, retries)));
}

/** @throws PIN_INCORRECT, PIN_LOCKED, PIN_RULE */
export function changePin(at: AtApplication, oldPin: Uint8Array, newPin: Uint8Array): void {
  withTexts([oldPin, newPin], ([oldText, newText]) => tellingTries(at, (retries) => at.functions.call('SKF_ChangePIN', at.application, USER_TYPE, oldText, newText, retries)));
}

/** Sets a new user PIN with the administrator PIN. @throws PIN_INCORRECT, PIN_LOCKED with `role: admin`, PIN_RULE */
export function unblockPin(at: AtApplication, adminPin: Uint8Array, newPin: Uint8Array): void {
  withTexts([adminPin, newPin], ([adminText, newText]) => {
    const retries = outNumber(UNTOLD);
    try {
      at.functions.call('SKF_UnblockPIN', at.application, adminText, newText, retries);
    } catch (thrown) {
      if (!isAboutPin(thrown)) throw thrown;
      throw new AppError(thrown.code, { ...thrown.details, role: 'admin', triesLeft: toldTries(retries) }, thrown);
    }
  });
}

/** What a counter holds before the driver writes it; no key has so many tries. */
const UNTOLD = 0xffff_ffff;

function tellingTries(at: AtApplication, call: (retries: Buffer) => void): void {
  const retries = outNumber(UNTOLD);
  try {
    call(retries);
  } catch (thrown) {
    if (!isAboutPin(thrown)) throw thrown;
    // The state is asked for, never the PIN tried again.
    const state = readPinState(at);
    const triesLeft = state.triesLeft ?? toldTries(retries);
    const code = state.status === 'locked' || triesLeft === 0 ? 'PIN_LOCKED' : thrown.code;
    throw new AppError(code, { ...thrown.details, triesLeft, pinStatus: state.status }, thrown);
  }
}

function isAboutPin(thrown: unknown): thrown is AppError {
  return thrown instanceof AppError && (thrown.code === 'PIN_INCORRECT' || thrown.code === 'PIN_LOCKED');
}

function toldTries(retries: Buffer): number | null {
  const told = numberIn(retries);
  return told <= MOST_TRIES ? told : null;
}

function withTexts(pins: readonly Uint8Array[], deed: (texts: readonly [Buffer, Buffer]) => void): void {
  // A NUL inside would make the driver try a shorter PIN than was typed.
  if (pins.some((pin) => pin.includes(0))) refuse('INPUT_INVALID', { field: 'pin' });
  const texts = [0, 1].map((index) => Buffer.concat([pins[index] ?? new Uint8Array(), Buffer.alloc(1)]));
  try {
    deed(texts as [Buffer, Buffer]);
  } finally {
    wipeBytes(...texts);
  }
}

