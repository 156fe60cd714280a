/** Calls that no scene plays yet: they refuse, so that a page which needs one shows it. */
import type { DesktopMethod } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError } from '#shared/errors/app-error.ts';

export function unscripted<M extends DesktopMethod>(...methods: readonly M[]): Readonly<Record<M, () => never>> {
  const refuse = (method: M) => (): never => {
    throw new AppError('METHOD_UNKNOWN', { method });
  };
  return Object.fromEntries(methods.map((method) => [method, refuse(method)])) as Record<M, () => never>;
}
