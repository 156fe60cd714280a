/** The time of day as a port: every service asks this, so that tests can move time instead of waiting for it. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

/** RFC 3339 in UTC with milliseconds, the form of every time in the contract. */
export function utcText(ms: number): string {
  return new Date(ms).toISOString();
}

export function utcTextOrNull(ms: number | null): string | null {
  return ms === null ? null : utcText(ms);
}

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
