/**
 * The one way from a call that arrived at a shell to the engine: method known → input fits the schema → engine → result as data.
 * The shell has checked the caller before. Rule: nothing of the input is repeated in an error, for it may hold a PIN.
 */
import { TypeCompiler, type TypeCheck } from '@sinclair/typebox/compiler';
import type { TSchema } from '@sinclair/typebox';
import { DESKTOP_CONTRACT, type DesktopEngine, type DesktopMethod } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import { settle, type Result } from '#shared/errors/result.ts';

/** Enough to mend a screen; a longer list helps nobody. */
const MAX_FIELDS_NAMED = 10;

export type Dispatch = (method: unknown, input: unknown) => Promise<Result<unknown>>;

/** @param logUnexpected sees exceptions that are mistakes of ours; they leave as INTERNAL */
export function createDispatch(engine: DesktopEngine, logUnexpected: (method: string, thrown: unknown) => void): Dispatch {
  const checks = new Map<DesktopMethod, TypeCheck<TSchema>>();
  // From here on the input is checked by the schema of its method, which the compiler cannot follow.
  const untyped = engine as unknown as { call(method: string, input: unknown): Promise<unknown> };
  return (method, input) =>
    settle(
      async () => {
        const known = knownMethod(method);
        return await untyped.call(known, checkedInput(known, input, checks));
      },
      (thrown) => logUnexpected(String(method).slice(0, 64), thrown),
    );
}

function knownMethod(method: unknown): DesktopMethod {
  // hasOwn: `constructor` and `__proto__` are not methods.
  if (typeof method !== 'string' || !Object.hasOwn(DESKTOP_CONTRACT, method)) throw new AppError('METHOD_UNKNOWN');
  return method as DesktopMethod;
}

function checkedInput(method: DesktopMethod, input: unknown, checks: Map<DesktopMethod, TypeCheck<TSchema>>): unknown {
  const schema: TSchema | null = DESKTOP_CONTRACT[method].input;
  if (schema === null) {
    if (input !== null && input !== undefined) throw new AppError('INPUT_INVALID', { fields: [''] });
    return undefined;
  }
  let check = checks.get(method);
  if (check === undefined) checks.set(method, (check = TypeCompiler.Compile(schema)));
  if (!check.Check(input)) throw new AppError('INPUT_INVALID', { fields: wrongFields(check, input) });
  return input;
}

/** JSON pointers of the fields that do not fit; never their values. */
function wrongFields(check: TypeCheck<TSchema>, input: unknown): string[] {
  const fields = new Set<string>();
  for (const error of check.Errors(input)) {
    fields.add(error.path);
    if (fields.size >= MAX_FIELDS_NAMED) break;
  }
  return [...fields];
}

/** The error as a result, for refusals that happen before the engine is asked. */
export function refusal(thrown: unknown): Result<never> {
  return { ok: false, error: toAppError(thrown).toData() };
}
