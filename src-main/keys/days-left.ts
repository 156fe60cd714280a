/** Days until a certificate ends, and how serious that is. Pure. */
import { EXPIRY_WARNINGS } from '#shared/contract/desktop/key-overview.ts';

const DAY_MS = 86_400_000;

/** Whole days; 0 on the last day, negative when it has ended. */
export function daysLeft(notAfterUtc: string, now: Date): number {
  return Math.floor((Date.parse(notAfterUtc) - now.getTime()) / DAY_MS);
}

/** The smallest of 90, 30, 15, 7 that is not below the days left; 0: ended; null: no warning yet. */
export function expiryWarning(days: number): (typeof EXPIRY_WARNINGS)[number] | 0 | null {
  if (days < 0) return 0;
  return EXPIRY_WARNINGS.filter((limit) => days <= limit).at(-1) ?? null;
}
