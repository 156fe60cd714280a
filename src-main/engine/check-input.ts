/** Input of a desktop call against its schema. Rule: an error names the fields and never repeats a value; it may hold a PIN. */
import { TypeCompiler, type TypeCheck } from '@sinclair/typebox/compiler';
import type { TSchema } from '@sinclair/typebox';
import { DESKTOP_CONTRACT, type DesktopMethod } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError } from '#shared/errors/app-error.ts';

const MAX_FIELDS_NAMED = 10;
const checks = new Map<DesktopMethod, TypeCheck<TSchema>>();

/** @throws METHOD_UNKNOWN, INPUT_INVALID */
export function checkInput(method: DesktopMethod, input: unknown): void {
  // hasOwn: `constructor` and `__proto__` are not methods.
  if (!Object.hasOwn(DESKTOP_CONTRACT, method)) throw new AppError('METHOD_UNKNOWN');
  const schema: TSchema | null = DESKTOP_CONTRACT[method].input;
  if (schema === null) {
    if (input !== null && input !== undefined) throw new AppError('INPUT_INVALID', { fields: [''] });
    return;
  }
  let check = checks.get(method);
  if (!check) checks.set(method, (check = TypeCompiler.Compile(schema)));
  if (!check.Check(input)) throw new AppError('INPUT_INVALID', { fields: wrongFields(check, input) });
}

function wrongFields(check: TypeCheck<TSchema>, input: unknown): string[] {
  const fields = new Set<string>();
  for (const error of check.Errors(input)) {
    fields.add(error.path.slice(0, 200));
    if (fields.size === MAX_FIELDS_NAMED) break;
  }
  return [...fields];
}
