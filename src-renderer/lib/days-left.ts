/** How long a certificate is still valid, and how serious that is. Levels of the field: 90, 30, 15 and 7 days before the end. */

export const EXPIRY_LEVELS = [
  { level: 'urgent', days: 7 },
  { level: 'high', days: 15 },
  { level: 'medium', days: 30 },
  { level: 'low', days: 90 },
] as const;

export type ExpiryLevel = (typeof EXPIRY_LEVELS)[number]['level'] | 'expired' | 'not-yet' | 'none';

export interface Validity {
  readonly level: ExpiryLevel;
  /** Whole days that are left; 0 on the last day and after the end. */
  readonly daysLeft: number;
}

const DAY_MS = 86_400_000;

/** @param nowMs the clock, milliseconds since 1970 UTC */
export function validityAt(notBeforeUtc: string, notAfterUtc: string, nowMs: number): Validity {
  const endMs = Date.parse(notAfterUtc);
  const daysLeft = Math.max(0, Math.floor((endMs - nowMs) / DAY_MS));
  if (nowMs > endMs) return { level: 'expired', daysLeft: 0 };
  if (nowMs < Date.parse(notBeforeUtc)) return { level: 'not-yet', daysLeft };
  const reached = EXPIRY_LEVELS.find((row) => daysLeft <= row.days);
  return { level: reached?.level ?? 'none', daysLeft };
}
