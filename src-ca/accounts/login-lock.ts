/** Lock-out after repeated failures, with a delay that grows: the fifth failure locks for a minute, every further one for twice as long, up to an hour. */
import { AppError } from '#shared/errors/app-error.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, utcText } from '../clock.ts';
import type { LoginFailureRecords } from './account-port.ts';

export const FAILURES_BEFORE_LOCK = 5;
const FIRST_LOCK_MS = MINUTE_MS;
const LONGEST_LOCK_MS = HOUR_MS;
/** After this long without a failure counting starts again. */
export const FAILURES_FORGOTTEN_AFTER_MS = DAY_MS;

/**
 * Counts a log-in as failed before its password is looked at, and forgets it again on success: a hundred guesses sent at once are counted like
 * a hundred sent in turn. @throws LOGIN_LOCKED
 */
export async function countLoginTry(failures: LoginFailureRecords, loginNameHash: string, nowMs: number): Promise<void> {
  const before = await failures.find(loginNameHash);
  if (before !== null && before.lockedUntilMs > nowMs) {
    throw new AppError('LOGIN_LOCKED', { retryAtUtc: utcText(before.lockedUntilMs), retryAfterSeconds: Math.ceil((before.lockedUntilMs - nowMs) / SECOND_MS) });
  }
  const recent = before !== null && nowMs - before.lastFailureAtMs < FAILURES_FORGOTTEN_AFTER_MS ? before.failures : 0;
  await failures.save({ loginNameHash, failures: recent + 1, lastFailureAtMs: nowMs, lockedUntilMs: nowMs + lockMs(recent + 1) });
}

function lockMs(failures: number): number {
  if (failures < FAILURES_BEFORE_LOCK) return 0;
  return Math.min(LONGEST_LOCK_MS, FIRST_LOCK_MS * 2 ** Math.min(failures - FAILURES_BEFORE_LOCK, 10));
}
