/** Reading what may be anything: an input that is refused by a code is no find; a mistake of ours stays an exception. */
import { AppError } from './app-error.ts';

/** @returns what was read; null when it was refused with an AppError. @throws everything else */
export function nullWhenRefused<T>(read: () => T): T | null {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof AppError) return null;
    throw thrown;
  }
}

/** The same of what takes time. @throws what is no AppError */
export async function nullWhenRejected<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (thrown) {
    if (thrown instanceof AppError) return null;
    throw thrown;
  }
}
