/**
 * Whose fault an error in the middle of an opening is, and so what becomes of the bid and of the run. Rule: a bid is refused only by what it says itself; everything that may be
 * the fault of a key, a driver, a disk or a stick leaves it waiting, and one bid never keeps the others shut.
 */
import type { AppError } from '#shared/errors/app-error.ts';
import type { ErrorCode } from '#shared/errors/error-table.ts';
import { TOKEN_ERRORS } from '#shared/errors/table/token.ts';

/**
 * - `run`: the key is gone or the person has stopped it: the run ends, the bid stays as it was
 * - `disk`: no room for anything: the bid waits with its error, the run ends
 * - `unclear`: of this bid, or of everything: it waits with its error, the run goes on unless the next bid fails in the same way
 * - `file`: of this bid, and a person has to look: it waits with its error
 * - `bid`: the bid is refused
 */
export type Fault = 'run' | 'disk' | 'unclear' | 'file' | 'bid';

const ENDS_RUN: readonly ErrorCode[] = ['CANCELLED', 'TOKEN_REMOVED', 'TOKEN_NOT_PRESENT', 'TOKEN_NOT_LOGGED_IN', 'PIN_INCORRECT', 'PIN_LOCKED', 'PIN_NOT_CONFIRMED'];
const UNCLEAR: readonly ErrorCode[] = ['INTERNAL', 'SEAL_SOURCE_UNREADABLE', 'SEAL_OUTPUT_FAILED', 'SEAL_OUTPUT_EXISTS'];

/** For all but the envelopes of openers, about which other keys have their say too (judgeEnvelope). */
export function judgeFault({ code, details }: AppError): Fault {
  if (ENDS_RUN.includes(code)) return 'run';
  // A file that is too large for the file system (4 GiB on FAT32) says nothing of the smaller ones.
  if (code === 'SEAL_DISK_FULL') return details.reason === 'EFBIG' ? 'unclear' : 'disk';
  if (UNCLEAR.includes(code) || code in TOKEN_ERRORS) return 'unclear';
  return code === 'SEAL_FILE_REPLACED' ? 'file' : 'bid';
}

/**
 * A key did not open its envelope, or not to the right share.
 * @param othersLeft whether another key of the group was not asked yet
 * @param keyWorks   whether this very key has given a right share in this run: a key that fails at everything proves nothing of a bid
 */
export function judgeEnvelope({ code }: AppError, othersLeft: boolean, keyWorks: boolean): Fault {
  if (code === 'SEAL_UNWRAP_FAILED' && !keyWorks) return 'unclear';
  return othersLeft ? 'file' : 'bid';
}
