/**
 * The one way from a call that arrived at a shell to the engine: method known → engine (which checks the input by schema) → result as data.
 * The shell has checked the caller before.
 */
import { DESKTOP_CONTRACT, type DesktopEngine } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import { settle, type Result } from '#shared/errors/result.ts';

/** Never rejects. */
export type Dispatch = (method: unknown, input: unknown) => Promise<Result<unknown>>;

export function createDispatch(engine: DesktopEngine): Dispatch {
  // What arrives is untyped; the engine checks it by the schema of the method.
  const untyped = engine as unknown as { call(method: string, input: unknown): Promise<unknown> };
  return (method, input) => settle(() => untyped.call(knownMethod(method), input));
}

function knownMethod(method: unknown): string {
  // hasOwn: `constructor` and `__proto__` are not methods.
  if (typeof method !== 'string' || !Object.hasOwn(DESKTOP_CONTRACT, method)) throw new AppError('METHOD_UNKNOWN');
  return method;
}

/** The error as a result, for refusals that happen before the engine is asked. */
export function refusal(thrown: unknown): Result<never> {
  return { ok: false, error: toAppError(thrown).toData() };
}
