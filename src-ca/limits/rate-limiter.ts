/** How often a caller may call: fixed windows by caller and policy, in memory. Headers follow draft-ietf-httpapi-ratelimit-headers; `Retry-After` comes with every 429. */
import type { CaEndpointName } from '#shared/contract/rest/ca-contract.ts';
import type { Clock } from '../clock.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../clock.ts';

export interface RatePolicy {
  readonly quota: number;
  readonly windowMs: number;
}

/** `general` holds for every call; the others for what can be guessed, flooded or is dear to compute. */
export const RATE_POLICIES = {
  general: { quota: 6000, windowMs: MINUTE_MS },
  'log-in': { quota: 60, windowMs: MINUTE_MS },
  // Two calls each.
  'certificate-log-in': { quota: 120, windowMs: MINUTE_MS },
  register: { quota: 100, windowMs: HOUR_MS },
  requests: { quota: 600, windowMs: MINUTE_MS },
  materials: { quota: 120, windowMs: MINUTE_MS },
  'self-test': { quota: 10, windowMs: MINUTE_MS },
} as const satisfies Record<string, RatePolicy>;

export type RatePolicyName = keyof typeof RATE_POLICIES;

export const ENDPOINT_POLICIES: Partial<Record<CaEndpointName, RatePolicyName>> = {
  createSession: 'log-in',
  refreshSession: 'log-in',
  changePassword: 'log-in',
  createLoginChallenge: 'certificate-log-in',
  createCertificateSession: 'certificate-log-in',
  registerAccount: 'register',
  createRequest: 'requests',
  addMaterial: 'materials',
};

export interface RateDecision {
  readonly allowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly retryAfterSeconds: number;
}

/** More callers than this at once and the windows that have ended are dropped. */
const SWEEP_AT_WINDOWS = 10_000;
/** A flood from many addresses must not make every call walk over all of them. */
const SWEEP_EVERY_MS = SECOND_MS;
/** More than this are never remembered: the oldest gives way. */
export const MOST_WINDOWS = 50_000;

export class RateLimiter {
  readonly #clock: Clock;
  readonly #policies: Readonly<Record<RatePolicyName, RatePolicy>>;
  /** In the order of their beginning. */
  readonly #windows = new Map<string, { endsAtMs: number; used: number }>();
  #nextSweepAtMs = 0;

  constructor(clock: Clock, policies: Readonly<Record<RatePolicyName, RatePolicy>> = RATE_POLICIES) {
    this.#clock = clock;
    this.#policies = policies;
  }

  /** Counts one call of this caller (`caller-network.ts`). */
  take(name: RatePolicyName, caller: string): RateDecision {
    const nowMs = this.#clock().getTime();
    const { quota, windowMs } = this.#policies[name];
    const key = `${name}\n${caller}`;
    const before = this.#windows.get(key);
    const window = before !== undefined && before.endsAtMs > nowMs ? before : this.#begin(key, nowMs, windowMs);
    window.used += 1;
    const secondsLeft = Math.max(1, Math.ceil((window.endsAtMs - nowMs) / SECOND_MS));
    const allowed = window.used <= quota;
    const headers = {
      'RateLimit-Policy': `"${name}";q=${quota};w=${windowMs / SECOND_MS}`,
      RateLimit: `"${name}";r=${Math.max(0, quota - window.used)};t=${secondsLeft}`,
    };
    return { allowed, headers, retryAfterSeconds: secondsLeft };
  }

  #begin(key: string, nowMs: number, windowMs: number): { endsAtMs: number; used: number } {
    const window = { endsAtMs: nowMs + windowMs, used: 0 };
    this.#windows.delete(key);
    this.#windows.set(key, window);
    if (this.#windows.size > SWEEP_AT_WINDOWS && nowMs >= this.#nextSweepAtMs) this.#sweep(nowMs);
    if (this.#windows.size > MOST_WINDOWS) this.#dropOldest();
    return window;
  }

  #sweep(nowMs: number): void {
    this.#nextSweepAtMs = nowMs + SWEEP_EVERY_MS;
    for (const [key, window] of this.#windows) if (window.endsAtMs <= nowMs) this.#windows.delete(key);
  }

  #dropOldest(): void {
    const oldest = this.#windows.keys().next();
    if (!oldest.done) this.#windows.delete(oldest.value);
  }
}
