/** Reading and writing the store as services see it. A scope is the set of records that one deed touches; services declare only those they need. */
import type { AppError } from '#shared/errors/app-error.ts';

/**
 * A refusal whose record must stay, for example a counted wrong try. Returned by the work of a transaction instead of being thrown:
 * the transaction commits, then the error is thrown. An error that is thrown inside the work rolls everything back.
 */
export class KeptRefusal {
  readonly error: AppError;

  constructor(error: AppError) {
    this.error = error;
  }
}

export interface Transactions<Scope> {
  /** All or nothing; transactions that touch the same rows run one after the other. @throws what the work throws or keeps */
  write<T>(work: (scope: Scope) => Promise<T | KeptRefusal>): Promise<T>;
  read<T>(work: (scope: Scope) => Promise<T>): Promise<T>;
}
