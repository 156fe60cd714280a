/** What the token host client needs of the world around it: time and a log. */
import type { ErrorDetails } from '#shared/errors/error-row.ts';

export interface TokenHostClock {
  /** Milliseconds that never go back. */
  nowMs(): number;
  /** Calls once after the time. @returns cancels */
  after(milliseconds: number, call: () => void): () => void;
}

export const systemClock: TokenHostClock = {
  nowMs: () => performance.now(),
  after: (milliseconds, call) => {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
};

export interface TokenHostLog {
  info(event: string, fields?: ErrorDetails): void;
  warn(event: string, fields?: ErrorDetails): void;
}

export const silentLog: TokenHostLog = { info: () => undefined, warn: () => undefined };
