/** Every refusal of the service as a problem document of RFC 9457. */
import { PROBLEM_MEDIA_TYPE, type Problem } from '#shared/contract/rest/problem.ts';
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import { ERROR_TABLE, type ErrorCode } from '#shared/errors/error-table.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { InputError } from './parse-input.ts';

/** What the HTTP layer itself refuses → row of the error table. */
const HTTP_LAYER_ERRORS: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
  FST_ERR_CTP_BODY_TOO_LARGE: 'INPUT_TOO_LARGE',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'INPUT_INVALID',
  FST_ERR_CTP_INVALID_JSON_BODY: 'INPUT_INVALID',
  FST_ERR_BAD_URL: 'INPUT_INVALID',
  FST_ERR_NOT_FOUND: 'NOT_FOUND',
};

export function problemOf(error: AppError, instance: string, traceId: string, publicUrl: string): Problem {
  const row = ERROR_TABLE[error.code];
  return {
    type: `${publicUrl}/docs/errors#${error.code}`,
    title: row.message,
    status: row.status,
    code: error.code,
    instance,
    traceId,
    details: { ...error.details },
    ...(error instanceof InputError ? { errors: [...error.fields] } : {}),
  };
}

/** Whatever was thrown, as an error of the table. */
export function errorOf(thrown: unknown): AppError {
  const code = httpLayerError(thrown);
  return code === null ? toAppError(thrown) : new AppError(code, {}, thrown);
}

/** A refusal of the HTTP layer that stands in no row is still the caller's mistake, not ours. @returns null when it is no refusal of that layer */
function httpLayerError(thrown: unknown): ErrorCode | null {
  const { code = '', statusCode = 500 } = (thrown ?? {}) as { code?: unknown; statusCode?: unknown };
  if (typeof code !== 'string' || !code.startsWith('FST_ERR_')) return null;
  return HTTP_LAYER_ERRORS[code] ?? (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? 'INPUT_INVALID' : null);
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: AppError, publicUrl: string): FastifyReply {
  const problem = problemOf(error, pathOf(request.url), request.id, publicUrl);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  const wait = error.details['retryAfterSeconds'];
  if (typeof wait === 'number') reply.header('retry-after', String(wait));
  return reply.code(problem.status).header('cache-control', 'no-store').type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
}

/** The path without its query: a query may hold what does not belong into logs. */
export function pathOf(url: string): string {
  const end = url.indexOf('?');
  return (end < 0 ? url : url.slice(0, end)).slice(0, 512);
}
