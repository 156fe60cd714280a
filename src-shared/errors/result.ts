/** What travels between processes instead of an exception. */
import { fromErrorData, toAppError, type ErrorData } from './app-error.ts';

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorData };

/** Runs a call at an edge: its value or its error, as data. `onUnexpected` sees exceptions that are mistakes of ours. */
export async function settle<T>(call: () => T | Promise<T>, onUnexpected?: (thrown: unknown) => void): Promise<Result<T>> {
  try {
    return { ok: true, value: await call() };
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code === 'INTERNAL') onUnexpected?.(thrown);
    return { ok: false, error: error.toData() };
  }
}

/** The value, or the error thrown again on this side of the border. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw fromErrorData(result.error);
}
