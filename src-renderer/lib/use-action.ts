/** One call that a person sets off: whether it runs, and why it failed. Keeps neither input nor answer, because inputs may be PINs (a mutation cache would). */
import { useCallback, useRef, useState } from 'react';
import { toAppError, type AppError } from '#shared/errors/app-error.ts';

export interface Action<A extends unknown[]> {
  readonly running: boolean;
  readonly error: AppError | null;
  /** @returns true when it went well; a second call while one runs is ignored and answers false */
  readonly run: (...args: A) => Promise<boolean>;
  readonly clear: () => void;
}

export function useAction<A extends unknown[]>(deed: (...args: A) => Promise<unknown>): Action<A> {
  const [running, setRunning] = useState(false);
  const [error, setError] = useState<AppError | null>(null);
  const busy = useRef(false);
  const latest = useRef(deed);
  latest.current = deed;

  const run = useCallback(async (...args: A) => {
    if (busy.current) return false;
    busy.current = true;
    setRunning(true);
    setError(null);
    try {
      await latest.current(...args);
      return true;
    } catch (thrown) {
      setError(toAppError(thrown));
      return false;
    } finally {
      busy.current = false;
      setRunning(false);
    }
  }, []);
  const clear = useCallback(() => setError(null), []);
  return { running, error, run, clear };
}
