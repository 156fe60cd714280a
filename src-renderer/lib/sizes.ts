/** Sizes and times of work in the words of people. */

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** `1536` → `1.5 KB` (1024 to the step, as file managers show it). */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit] ?? ''}`;
}

export interface WorkPace {
  readonly percent: number;
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
}

/** Too early to tell a rate: the first moments are the key's. */
const MIN_SECONDS = 0.5;

export function paceOf(work: { readonly doneBytes: number; readonly totalBytes: number; readonly startedAtUtc: string; readonly updatedAtUtc: string }): WorkPace {
  const seconds = (Date.parse(work.updatedAtUtc) - Date.parse(work.startedAtUtc)) / 1000;
  const percent = work.totalBytes > 0 ? Math.min(100, Math.floor((work.doneBytes / work.totalBytes) * 100)) : 0;
  if (seconds < MIN_SECONDS || work.doneBytes === 0) return { percent, bytesPerSecond: null, secondsLeft: null };
  const bytesPerSecond = work.doneBytes / seconds;
  return { percent, bytesPerSecond, secondsLeft: Math.ceil((work.totalBytes - work.doneBytes) / bytesPerSecond) };
}
