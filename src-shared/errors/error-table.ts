/** The one error table: every code BidKey can answer with, gathered from the areas. Checked against docs/errors.md and the locale texts by `npm run check`. */
import { GENERAL_ERRORS } from './table/general.ts';
import { PKI_ERRORS } from './table/pki.ts';
import { CA_ERRORS } from './table/ca.ts';
import { TOKEN_ERRORS } from './table/token.ts';
import { WRITING_ERRORS } from './table/writing.ts';
import { DESK_ERRORS } from './table/desk.ts';
import { SEAL_ERRORS } from './table/seal.ts';
import { BID_ERRORS } from './table/bid.ts';
import { SHELL_ERRORS } from './table/shell.ts';

/** Areas in the order in which docs/errors.md lists them; the names are also the file names of the locale texts. */
export const ERROR_AREAS = {
  general: GENERAL_ERRORS,
  pki: PKI_ERRORS,
  ca: CA_ERRORS,
  token: TOKEN_ERRORS,
  writing: WRITING_ERRORS,
  desk: DESK_ERRORS,
  seal: SEAL_ERRORS,
  bid: BID_ERRORS,
  shell: SHELL_ERRORS,
} as const;

export const ERROR_TABLE = {
  ...GENERAL_ERRORS,
  ...PKI_ERRORS,
  ...CA_ERRORS,
  ...TOKEN_ERRORS,
  ...WRITING_ERRORS,
  ...DESK_ERRORS,
  ...SEAL_ERRORS,
  ...BID_ERRORS,
  ...SHELL_ERRORS,
} as const;

export type ErrorCode = keyof typeof ERROR_TABLE;

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_TABLE, value);
}
