/** PKCS#11 return codes (CK_RV, PKCS#11 2.40 §11.1) as rows of our error table. A code that is not listed is DRIVER_FUNCTION_FAILED with its name. */
import pkcs11 from 'pkcs11js';
import { AppError } from '#shared/errors/app-error.ts';
import type { ErrorCode } from '#shared/errors/error-table.ts';

export const CKR_OK = 0;

/** What a code means wherever it comes from. */
const MEANINGS: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [pkcs11.CKR_PIN_INCORRECT, 'PIN_INCORRECT'],
  [pkcs11.CKR_PIN_LOCKED, 'PIN_LOCKED'],
  [pkcs11.CKR_TOKEN_NOT_PRESENT, 'TOKEN_REMOVED'],
  [pkcs11.CKR_TOKEN_NOT_RECOGNIZED, 'TOKEN_REMOVED'],
  [pkcs11.CKR_DEVICE_REMOVED, 'TOKEN_REMOVED'],
  // Sessions end by themselves only when the key is pulled out (PKCS#11 2.40 §5.6.5): BidKey closes none behind its own back.
  [pkcs11.CKR_SESSION_HANDLE_INVALID, 'TOKEN_REMOVED'],
  [pkcs11.CKR_SESSION_CLOSED, 'TOKEN_REMOVED'],
  [pkcs11.CKR_SLOT_ID_INVALID, 'TOKEN_REMOVED'],
  [pkcs11.CKR_DEVICE_MEMORY, 'TOKEN_FULL'],
  [pkcs11.CKR_USER_NOT_LOGGED_IN, 'TOKEN_NOT_LOGGED_IN'],
  [pkcs11.CKR_USER_PIN_NOT_INITIALIZED, 'TOKEN_NOT_INITIALISED'],
  [pkcs11.CKR_MECHANISM_INVALID, 'DRIVER_MECHANISM'],
  [pkcs11.CKR_MECHANISM_PARAM_INVALID, 'DRIVER_MECHANISM'],
  [pkcs11.CKR_FUNCTION_NOT_SUPPORTED, 'DRIVER_MECHANISM'],
  [pkcs11.CKR_KEY_FUNCTION_NOT_PERMITTED, 'DRIVER_MECHANISM'],
]);

/** The same codes where the call gives them another meaning. */
const MEANINGS_OF_A_CALL: Readonly<Record<string, ReadonlyMap<number, ErrorCode>>> = {
  // The length of a PIN that is tried is not a rule broken, it is a wrong PIN.
  C_Login: new Map([[pkcs11.CKR_PIN_LEN_RANGE, 'PIN_INCORRECT'], [pkcs11.CKR_PIN_INVALID, 'PIN_INCORRECT']]),
  C_InitToken: new Map([[pkcs11.CKR_PIN_LEN_RANGE, 'PIN_RULE'], [pkcs11.CKR_PIN_INVALID, 'PIN_RULE'], [pkcs11.CKR_PIN_TOO_WEAK, 'PIN_RULE']]),
  C_InitPIN: new Map([[pkcs11.CKR_PIN_LEN_RANGE, 'PIN_RULE'], [pkcs11.CKR_PIN_INVALID, 'PIN_RULE'], [pkcs11.CKR_PIN_TOO_WEAK, 'PIN_RULE']]),
  C_SetPIN: new Map([[pkcs11.CKR_PIN_LEN_RANGE, 'PIN_RULE'], [pkcs11.CKR_PIN_INVALID, 'PIN_RULE'], [pkcs11.CKR_PIN_TOO_WEAK, 'PIN_RULE']]),
};

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(pkcs11).flatMap(([name, value]) => (name.startsWith('CKR_') && typeof value === 'number' ? [[value, name] as const] : [])));

/** Name of the standard, or the number in hexadecimal. */
export function returnCodeName(returnCode: number): string {
  return NAMES.get(returnCode) ?? `0x${returnCode.toString(16).padStart(8, '0')}`;
}

/** The error of our table for a driver function that did not return CKR_OK. */
export function driverFailure(functionName: string, returnCode: number, cause?: unknown): AppError {
  const code = MEANINGS_OF_A_CALL[functionName]?.get(returnCode) ?? MEANINGS.get(returnCode) ?? 'DRIVER_FUNCTION_FAILED';
  const details = { functionName, returnCode: returnCodeName(returnCode) };
  return new AppError(code, code === 'PIN_RULE' ? { ...details, rules: ['driver'] } : details, cause);
}

export function driverNonsense(functionName: string, what: string): AppError {
  return new AppError('DRIVER_NONSENSE', { functionName, what });
}

/** The return code behind an error, by name; null for errors of another origin. */
export function returnCodeOf(thrown: unknown): string | null {
  const name = thrown instanceof AppError ? thrown.details['returnCode'] : null;
  return typeof name === 'string' ? name : null;
}
