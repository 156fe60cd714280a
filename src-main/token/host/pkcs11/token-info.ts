/**
 * CK_TOKEN_INFO (PKCS#11 2.40 §3.2) as a driver filled it. Pure: bytes in, facts out.
 */
import type { PinState } from '#shared/contract/desktop/tokens.ts';
import { isEmptyField, serialText, text } from '../text-fields.ts';
import { ULONG_BYTES } from './guarded-functions.ts';

export interface TokenInfo {
  readonly label: string;
  readonly manufacturer: string;
  readonly hardwareModel: string;
  /** Printable without blanks, never empty. */
  readonly serial: string;
  readonly initialised: boolean;
  readonly hasSerial: boolean;
  readonly flags: number;
  readonly freeBytes: number | null;
}

/** Token information flags that say something about the user PIN. */
const FLAGS = { userPinInitialised: 0x8, tokenInitialised: 0x400, countLow: 0x10000, finalTry: 0x20000, locked: 0x40000, toBeChanged: 0x80000 } as const;
/** The same hints for the administrator PIN. */
const ADMIN_FLAGS = { countLow: 0x100000, finalTry: 0x200000, locked: 0x400000, toBeChanged: 0x800000 } as const;

export function readTokenInfo(bytes: Buffer): TokenInfo {
  const label = text(bytes.subarray(0, 32));
  const manufacturer = text(bytes.subarray(32, 64));
  const hardwareModel = text(bytes.subarray(64, 80));
  const serialBytes = bytes.subarray(80, 96);
  const ulongAt = (index: number) => (ULONG_BYTES === 8 ? bytes.readBigUInt64LE(96 + index * 8) : BigInt(bytes.readUInt32LE(96 + index * 4)));
  const flags = Number(ulongAt(0) & 0xffffffffn);
  return { label, manufacturer, hardwareModel, serial: serialText(serialBytes), hasSerial: !isEmptyField(serialBytes), initialised: (flags & FLAGS.tokenInitialised) !== 0, flags, freeBytes: sizeOrNull(ulongAt(8)) };
}

/** Only hints exist in PKCS#11: at least one wrong try, one try left, none left. */
export function pinState(info: TokenInfo, maxTries: number | null): PinState {
  const has = (flag: keyof typeof FLAGS) => (info.flags & FLAGS[flag]) !== 0;
  const state = (status: PinState['status'], triesLeft: number | null): PinState => ({ status, triesLeft, maxTries, mustChange: has('toBeChanged') });
  if (!has('tokenInitialised') || !has('userPinInitialised')) return state('not-initialised', null);
  if (has('locked')) return state('locked', 0);
  if (has('finalTry')) return state('final-try', 1);
  return has('countLow') ? state('low', null) : state('ok', null);
}

export function adminPinState(info: TokenInfo): PinState {
  const has = (flag: keyof typeof ADMIN_FLAGS) => (info.flags & ADMIN_FLAGS[flag]) !== 0;
  const state = (status: PinState['status'], triesLeft: number | null): PinState => ({ status, triesLeft, maxTries: null, mustChange: has('toBeChanged') });
  if (!info.initialised) return state('not-initialised', null);
  if (has('locked')) return state('locked', 0);
  if (has('finalTry')) return state('final-try', 1);
  return has('countLow') ? state('low', null) : state('ok', null);
}

/** CK_UNAVAILABLE_INFORMATION is all ones; sizes beyond what a key can have are rubbish. */
function sizeOrNull(value: bigint): number | null {
  return value < 1n << 40n ? Number(value) : null;
}
