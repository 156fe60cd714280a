/** Exit codes of `bidkey`, as a table; the numbers never change. The same table is printed by `bidkey --help`. */
import { ERROR_AREAS, type ErrorCode } from '#shared/errors/error-table.ts';

export const EXIT = { ok: 0, internal: 1, usage: 2, notSignedIn: 3, caUnavailable: 4, keyMissing: 5, pin: 6, refused: 7, otherBidKey: 8, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Codes with an exit code of their own; every other code of the table is a refusal. */
const ROWS: readonly (readonly [ExitCode, (code: ErrorCode) => boolean])[] = [
  [EXIT.internal, (code) => code === 'INTERNAL'],
  [EXIT.usage, (code) => code === 'USAGE' || code === 'INPUT_INVALID' || code === 'INPUT_TOO_LARGE' || code === 'METHOD_UNKNOWN'],
  [EXIT.notSignedIn, (code) => ['NOT_SIGNED_IN', 'UNAUTHENTICATED', 'LOGIN_FAILED', 'LOGIN_LOCKED', 'SESSION_EXPIRED'].includes(code)],
  [EXIT.caUnavailable, (code) => code.startsWith('CA_')],
  [EXIT.pin, (code) => code.startsWith('PIN_')],
  [EXIT.keyMissing, (code) => code === 'DEMO_KEY_FAILED' || (Object.hasOwn(ERROR_AREAS.token, code) && /^(DRIVER|TOKEN)_/.test(code))],
  [EXIT.otherBidKey, (code) => code === 'DATA_FOLDER_LOCKED' || code === 'SHELL_UNREACHABLE'],
];

export function exitCodeOf(code: ErrorCode): ExitCode {
  return ROWS.find(([, matches]) => matches(code))?.[0] ?? EXIT.refused;
}
