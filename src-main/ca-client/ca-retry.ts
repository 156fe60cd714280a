/** Which calls to the CA service may be sent again. Rule: only those whose repetition the service answers the same way (RFC 9110 §9.2.2), or that bear an Idempotency-Key. */
import type { Endpoint } from '#shared/contract/rest/endpoint.ts';
import { AppError } from '#shared/errors/app-error.ts';

const MAX_ATTEMPTS = 3;

export function isRepeatable(row: Endpoint): boolean {
  return row.method === 'GET' || row.method === 'PUT' || row.method === 'DELETE' || row.idempotent === true;
}

export function shouldRetry(row: Endpoint, thrown: unknown, attempt: number): boolean {
  if (attempt >= MAX_ATTEMPTS || !isRepeatable(row) || !(thrown instanceof AppError)) return false;
  if (thrown.code === 'IDEMPOTENCY_IN_FLIGHT') return true;
  // A wrong name or certificate does not mend itself; a time limit has cost the person enough already.
  return thrown.code === 'CA_UNREACHABLE' && (thrown.details['reason'] === 'connect' || thrown.details['reason'] === 'gateway');
}

/** A quarter second, then one. */
export const pauseBeforeRetryMs = (attempt: number): number => (attempt === 1 ? 250 : 1000);
