/** The one exception that crosses our edges: a code of the error table plus safe details. Anything else that is thrown is a mistake of ours (INTERNAL). */
import { ERROR_TABLE, isErrorCode, type ErrorCode } from './error-table.ts';
import type { ErrorDetails } from './error-row.ts';

/** An error as data: what crosses process borders. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  /** Joins the log lines of one call across processes. */
  readonly traceId?: string;
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  traceId?: string;

  /**
   * @param code     a row of the error table
   * @param details  facts for people and logs; never a secret
   * @param cause    the exception underneath, kept for the local log only
   */
  constructor(code: ErrorCode, details: ErrorDetails = {}, cause?: unknown) {
    super(ERROR_TABLE[code].message, cause === undefined ? undefined : { cause });
    this.name = 'AppError';
    this.code = code;
    this.details = details;
  }

  toData(): ErrorData {
    return this.traceId ? { code: this.code, details: this.details, traceId: this.traceId } : { code: this.code, details: this.details };
  }
}

/** Throws; for use where a value is expected: `x ?? refuse('NOT_FOUND')`. */
export function refuse(code: ErrorCode, details?: ErrorDetails, cause?: unknown): never {
  throw new AppError(code, details, cause);
}

/** Whatever was thrown, as an AppError. Unknown exceptions become INTERNAL and keep their cause for the local log. */
export function toAppError(thrown: unknown): AppError {
  return thrown instanceof AppError ? thrown : new AppError('INTERNAL', {}, thrown);
}

/** Rebuilds an error that crossed a process border. Data that is not an error of ours becomes INTERNAL. */
export function fromErrorData(data: unknown): AppError {
  const { code, details, traceId } = (data ?? {}) as Partial<ErrorData>;
  const error = isErrorCode(code) ? new AppError(code, details ?? {}) : new AppError('INTERNAL');
  if (typeof traceId === 'string') error.traceId = traceId;
  return error;
}
