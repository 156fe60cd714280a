/** SAR_* return codes (GM/T 0016 annex, and what vendors add) as rows of our error table. A code that is not listed is DRIVER_FUNCTION_FAILED with its number. */
import { AppError } from '#shared/errors/app-error.ts';
import type { ErrorCode } from '#shared/errors/error-table.ts';

export const SAR_OK = 0;
const BASE = 0x0a000000;

interface SarRow {
  readonly name: string;
  readonly code: ErrorCode;
}
/** What has no meaning of its own here is told as a failed function, with name and number. */
const row = (name: string, code: ErrorCode = 'DRIVER_FUNCTION_FAILED'): SarRow => ({ name, code });

/** By the last octet of the code. */
const ROWS: Readonly<Record<number, SarRow>> = {
  0x01: row('SAR_FAIL'), 0x02: row('SAR_UNKNOWNERR'), 0x03: row('SAR_NOTSUPPORTYETERR', 'DRIVER_MECHANISM'), 0x04: row('SAR_FILEERR'),
  // Handles end by themselves only when the key is pulled out: BidKey gives the driver none but those that it got.
  0x05: row('SAR_INVALIDHANDLEERR', 'TOKEN_REMOVED'),
  0x06: row('SAR_INVALIDPARAMERR'), 0x07: row('SAR_READFILEERR'), 0x08: row('SAR_WRITEFILEERR'), 0x09: row('SAR_NAMELENERR'), 0x0a: row('SAR_KEYUSAGEERR', 'DRIVER_MECHANISM'),
  0x0b: row('SAR_MODULUSLENERR'), 0x0c: row('SAR_NOTINITIALIZEERR', 'TOKEN_NOT_INITIALISED'), 0x0d: row('SAR_OBJERR'), 0x0e: row('SAR_MEMORYERR'), 0x0f: row('SAR_TIMEOUTERR', 'DRIVER_TIMEOUT'),
  0x10: row('SAR_INDATALENERR'), 0x11: row('SAR_INDATAERR'), 0x12: row('SAR_GENRANDERR'), 0x13: row('SAR_HASHOBJERR'), 0x14: row('SAR_HASHERR'), 0x15: row('SAR_GENRSAKEYERR'),
  0x16: row('SAR_RSAMODULUSLENERR'), 0x17: row('SAR_CSPIMPRTPUBKEYERR'), 0x18: row('SAR_RSAENCERR'), 0x19: row('SAR_RSADECERR'), 0x1a: row('SAR_HASHNOTEQUALERR'),
  0x1b: row('SAR_KEYNOTFOUNTERR', 'KEY_NOT_FOUND'), 0x1c: row('SAR_CERTNOTFOUNTERR'), 0x1d: row('SAR_NOTEXPORTERR'), 0x1e: row('SAR_DECRYPTPADERR'), 0x1f: row('SAR_MACLENERR'),
  0x20: row('SAR_BUFFER_TOO_SMALL', 'DRIVER_NONSENSE'), 0x21: row('SAR_KEYINFOTYPEERR'), 0x22: row('SAR_NOT_EVENTERR'), 0x23: row('SAR_DEVICE_REMOVED', 'TOKEN_REMOVED'),
  0x24: row('SAR_PIN_INCORRECT', 'PIN_INCORRECT'), 0x25: row('SAR_PIN_LOCKED', 'PIN_LOCKED'), 0x26: row('SAR_PIN_INVALID', 'PIN_INCORRECT'), 0x27: row('SAR_PIN_LEN_RANGE', 'PIN_INCORRECT'),
  0x28: row('SAR_USER_ALREADY_LOGGED_IN'), 0x29: row('SAR_USER_PIN_NOT_INITIALIZED', 'TOKEN_NOT_INITIALISED'), 0x2a: row('SAR_USER_TYPE_INVALID'), 0x2b: row('SAR_APPLICATION_NAME_INVALID'),
  0x2c: row('SAR_APPLICATION_EXISTS', 'TOKEN_INITIALISED'), 0x2d: row('SAR_USER_NOT_LOGGED_IN', 'TOKEN_NOT_LOGGED_IN'), 0x2e: row('SAR_APPLICATION_NOT_EXISTS', 'TOKEN_NOT_INITIALISED'), 0x2f: row('SAR_FILE_ALREADY_EXIST'),
  0x30: row('SAR_NO_ROOM', 'TOKEN_FULL'), 0x31: row('SAR_FILE_NOT_EXIST'), 0x32: row('SAR_REACH_MAX_CONTAINER_COUNT', 'TOKEN_FULL'),
  // Not in the standard; from a vendor's public header.
  0x33: row('SAR_AUTH_BLOCKED', 'PIN_LOCKED'), 0x34: row('SAR_CERTNOUSAGEERR'), 0x35: row('SAR_INVALIDCONTAINERERR'), 0x36: row('SAR_CONTAINER_NOT_EXISTS', 'CONTAINER_NOT_FOUND'),
  0x37: row('SAR_CONTAINER_EXISTS'), 0x38: row('SAR_CERTUSAGEERR'), 0x39: row('SAR_KEYNOUSAGEERR'), 0x3a: row('SAR_FILEATTRIBUTEERR'), 0x3b: row('SAR_DEVNOAUTHERR', 'DEVICE_KEY_WRONG'),
};

/** The same codes where the call gives them another meaning: a PIN that is set breaks a rule of the key, one that is tried is wrong. */
const SETS_A_PIN: ReadonlySet<string> = new Set(['SKF_ChangePIN', 'SKF_UnblockPIN']);
const ABOUT_FORM: ReadonlySet<string> = new Set(['SAR_PIN_INVALID', 'SAR_PIN_LEN_RANGE']);

/** Name of the standard, or the number in hexadecimal. */
export function sarName(returnCode: number): string {
  return rowOf(returnCode)?.name ?? hexOf(returnCode);
}

function hexOf(returnCode: number): string {
  return `0x${(returnCode >>> 0).toString(16).padStart(8, '0')}`;
}

/** Every code that is known, by number. */
export function sarTable(): readonly (SarRow & { readonly number: number })[] {
  return Object.entries(ROWS).map(([last, known]) => ({ ...known, number: BASE + Number(last) }));
}

/** The error of our table for a driver function that did not return SAR_OK; its details carry name and number. */
export function skfFailure(functionName: string, returnCode: number): AppError {
  const details = { functionName, returnCode: sarName(returnCode), returnNumber: hexOf(returnCode) };
  if (SETS_A_PIN.has(functionName) && ABOUT_FORM.has(details.returnCode)) return new AppError('PIN_RULE', { ...details, rules: ['driver'] });
  return new AppError(rowOf(returnCode)?.code ?? 'DRIVER_FUNCTION_FAILED', details);
}

export function skfNonsense(functionName: string, what: string): AppError {
  return new AppError('DRIVER_NONSENSE', { functionName, what });
}

/** The return code behind an error, by name; null for errors of another origin. */
export function sarOf(thrown: unknown): string | null {
  const name = thrown instanceof AppError ? thrown.details['returnCode'] : null;
  return typeof name === 'string' ? name : null;
}

function rowOf(returnCode: number): SarRow | undefined {
  return (returnCode & 0xffffff00) === BASE ? ROWS[returnCode & 0xff] : undefined;
}
