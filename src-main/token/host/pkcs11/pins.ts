/**
 * PINs over PKCS#11 on a session of their own: logging in, changing, unblocking, first setting. Rule: a PIN goes into exactly one driver call; after a refusal
 * the key is asked about its state, never with the PIN again. PKCS#11 tells hints only, no numbers of tries.
 */
import pkcs11 from 'pkcs11js';
import type { PinState } from '#shared/contract/desktop/tokens.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { nullWhenRefused } from '#shared/errors/null-when-refused.ts';
import type { ErrorCode } from '#shared/errors/error-table.ts';
import type { Cryptoki } from './cryptoki.ts';
import { adminPinState, pinState, readTokenInfo, type TokenInfo } from './token-info.ts';
import { TokenSession } from './token-session.ts';

const CKU_SO = 0;
const CKU_USER = 1;
/** Session states with somebody logged in: CKS_RO_USER_FUNCTIONS, CKS_RW_USER_FUNCTIONS, CKS_RW_SO_FUNCTIONS. */
const CKS_LOGGED_IN = new Set([1, 3, 4]);
type Role = 'user' | 'admin';
/** A refusal of the administrator PIN has codes of its own: what helps is another thing. */
const CODES: Readonly<Record<Role, Readonly<Record<string, ErrorCode>>>> = {
  user: { PIN_INCORRECT: 'PIN_INCORRECT', PIN_LOCKED: 'PIN_LOCKED' },
  admin: { PIN_INCORRECT: 'ADMIN_PIN_INCORRECT', PIN_LOCKED: 'ADMIN_PIN_LOCKED' },
};

export interface AtSlot {
  readonly cryptoki: Cryptoki;
  readonly slot: Buffer;
  readonly maxPinTries: number | null;
}

export function openSession({ cryptoki, slot }: AtSlot, writable: boolean): TokenSession {
  const flags = pkcs11.CKF_SERIAL_SESSION | (writable ? pkcs11.CKF_RW_SESSION : 0);
  return new TokenSession(cryptoki, slot, cryptoki.native('C_OpenSession', (native) => native.C_OpenSession(slot, flags)));
}

export function closeSession({ cryptoki, handle }: TokenSession): void {
  nullWhenRefused(() => cryptoki.native('C_CloseSession', (native) => native.C_CloseSession(handle)));
}

export function isLoggedIn({ cryptoki, handle }: TokenSession): boolean {
  return CKS_LOGGED_IN.has(cryptoki.native('C_GetSessionInfo', (native) => native.C_GetSessionInfo(handle)).state);
}

/** @throws PIN_INCORRECT, PIN_LOCKED */
export function logInUser(at: AtSlot, session: TokenSession, pin: Uint8Array): void {
  logOutLeftOver(session);
  telling(at, 'user', () => at.cryptoki.guarded((guarded) => guarded.logIn(session.handle, CKU_USER, pin)));
}

/** @throws PIN_INCORRECT, PIN_LOCKED, PIN_RULE */
export function changeUserPin(at: AtSlot, oldPin: Uint8Array, newPin: Uint8Array): void {
  withSession(at, (session) => telling(at, 'user', () => at.cryptoki.guarded((guarded) => guarded.setPin(session.handle, oldPin, newPin))));
}

/** Administrator login and C_InitPIN. @throws ADMIN_PIN_INCORRECT, ADMIN_PIN_LOCKED, PIN_RULE */
export function unblockUserPin(at: AtSlot, adminPin: Uint8Array, newPin: Uint8Array): void {
  asAdministrator(at, adminPin, (session) => at.cryptoki.guarded((guarded) => guarded.initPin(session.handle, newPin)));
}

/** C_SetPIN changes the PIN of whoever is logged in (PKCS#11 2.40 §5.5). @throws ADMIN_PIN_INCORRECT, ADMIN_PIN_LOCKED, PIN_RULE */
export function changeAdminPin(at: AtSlot, oldAdminPin: Uint8Array, newAdminPin: Uint8Array): void {
  asAdministrator(at, oldAdminPin, (session) => telling(at, 'admin', () => at.cryptoki.guarded((guarded) => guarded.setPin(session.handle, oldAdminPin, newAdminPin))));
}

/** C_InitToken, which erases: only for a key that was never initialised, or whose user PIN is still missing. @throws PIN_RULE */
export function initialiseToken(at: AtSlot, info: TokenInfo, label: string, adminPin: Uint8Array, userPin: Uint8Array): void {
  if (!info.initialised) at.cryptoki.guarded((guarded) => guarded.initToken(at.slot, adminPin, paddedLabel(label)));
  unblockUserPin(at, adminPin, userPin);
}

export function tokenInfo({ cryptoki, slot }: AtSlot): TokenInfo {
  return readTokenInfo(cryptoki.guarded((guarded) => guarded.tokenInfo(slot)));
}

export function userPinStateAt(at: AtSlot): PinState {
  return pinState(tokenInfo(at), at.maxPinTries);
}

export function adminPinStateAt(at: AtSlot): PinState {
  return adminPinState(tokenInfo(at));
}

function asAdministrator(at: AtSlot, adminPin: Uint8Array, deed: (session: TokenSession) => void): void {
  withSession(at, (session) => {
    telling(at, 'admin', () => at.cryptoki.guarded((guarded) => guarded.logIn(session.handle, CKU_SO, adminPin)));
    try {
      deed(session);
    } finally {
      nullWhenRefused(() => at.cryptoki.native('C_Logout', (native) => native.C_Logout(session.handle)));
    }
  });
}

function withSession(at: AtSlot, deed: (session: TokenSession) => void): void {
  const session = openSession(at, true);
  try {
    logOutLeftOver(session);
    deed(session);
  } finally {
    closeSession(session);
  }
}

/** A login that outlived its session would make the driver accept any PIN as "already logged in". */
function logOutLeftOver(session: TokenSession): void {
  if (isLoggedIn(session)) session.cryptoki.native('C_Logout', (native) => native.C_Logout(session.handle));
}

/** Adds what the key says about the tries that are left. */
function telling(at: AtSlot, role: Role, call: () => void): void {
  try {
    call();
  } catch (thrown) {
    const code = thrown instanceof AppError ? CODES[role][thrown.code] : undefined;
    if (!(thrown instanceof AppError) || code === undefined) throw thrown;
    const state = nullWhenRefused(() => (role === 'user' ? userPinStateAt(at) : adminPinStateAt(at)));
    const told = state?.status === 'locked' ? CODES[role]['PIN_LOCKED'] : code;
    throw new AppError(told ?? code, { ...thrown.details, triesLeft: state?.triesLeft ?? null, pinStatus: state?.status ?? 'unknown' }, thrown);
  }
}

const LABEL_BYTES = 32;

/** C_InitToken takes 32 bytes filled with blanks, not ended by NUL. */
function paddedLabel(label: string): Buffer {
  const bytes = Buffer.from(label);
  if (bytes.length > LABEL_BYTES) throw new AppError('INPUT_INVALID', { field: 'label' });
  return Buffer.concat([bytes, Buffer.alloc(LABEL_BYTES - bytes.length, 0x20)]);
}
