/** Errors that any part may raise: input that fits no schema, things that are not there, faults of our own. */
import type { ErrorTable } from '../error-row.ts';

export const GENERAL_ERRORS = {
  INTERNAL: { when: 'A mistake of ours: an assertion failed or an unexpected exception reached an edge.', message: 'Internal error.', status: 500 },
  INPUT_INVALID: { when: 'Input does not fit the schema of the call.', message: 'The input is not valid.', status: 400 },
  INPUT_TOO_LARGE: { when: 'A body or a field is larger than the call allows.', message: 'The input is too large.', status: 413 },
  NOT_FOUND: { when: 'The thing named does not exist, or the caller may not know that it does.', message: 'Not found.', status: 404 },
  METHOD_UNKNOWN: { when: 'A desktop call names a method that the contract does not have.', message: 'Unknown method.', status: 404 },
  CANCELLED: { when: 'The person or the program cancelled the work.', message: 'Cancelled.', status: 409 },
} as const satisfies ErrorTable;
