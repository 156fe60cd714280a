/** Times for people are Beijing time (UTC+8, no summer time since 1992), wherever the computer stands. Input: RFC 3339 UTC. */

const OFFSET_MS = 8 * 3_600_000;

/** `2026-11-20T01:02:03Z` → `2026-11-20 09:02` */
export function beijingTime(utc: string): string {
  return shifted(utc)?.slice(0, 16).replace('T', ' ') ?? utc;
}

/** `2026-11-20T17:00:00Z` → `2026-11-21` */
export function beijingDate(utc: string): string {
  return shifted(utc)?.slice(0, 10) ?? utc;
}

function shifted(utc: string): string | null {
  const at = Date.parse(utc);
  return Number.isNaN(at) ? null : new Date(at + OFFSET_MS).toISOString();
}
