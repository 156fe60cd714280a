/** The answer to calls that no scene plays a part in. A screen that makes one all the same shows the error, and its test fails. */
import { AppError } from '#shared/errors/app-error.ts';

export function unscripted(method: string): () => never {
  return () => {
    throw new AppError('INTERNAL', { reason: `no scene answers ${method}` });
  };
}
