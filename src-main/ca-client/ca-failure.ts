/** Turns what went wrong on the way to the CA service into a code of the error table, and nothing else: no header, body or address gets through. */
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { Problem } from '#shared/contract/rest/problem.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { ErrorDetails } from '#shared/errors/error-row.ts';
import { isErrorCode } from '#shared/errors/error-table.ts';

/** Where the way broke: name look-up, connection, time, certificate of the service, a gateway before it. */
export type UnreachableReason = 'dns' | 'connect' | 'timeout' | 'tls' | 'gateway';

const REASON_BY_SYSTEM_CODE: Readonly<Record<string, UnreachableReason>> = {
  ENOTFOUND: 'dns', EAI_AGAIN: 'dns', EAI_FAIL: 'dns', EAI_NODATA: 'dns', EAI_NONAME: 'dns',
  ETIMEDOUT: 'timeout', ECONNABORTED: 'timeout', ESOCKETTIMEDOUT: 'timeout',
  CERT_HAS_EXPIRED: 'tls', CERT_NOT_YET_VALID: 'tls', CERT_REVOKED: 'tls', CERT_UNTRUSTED: 'tls', DEPTH_ZERO_SELF_SIGNED_CERT: 'tls', SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  UNABLE_TO_GET_ISSUER_CERT: 'tls', UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls', UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls', HOSTNAME_MISMATCH: 'tls', EPROTO: 'tls',
};

/** An exchange that brought no answer. */
export function toTransportError(thrown: unknown, context: { readonly endpoint: string; readonly timedOut: boolean }): AppError {
  const code = systemCodeOf(thrown);
  if (code === 'ERR_CANCELED' && !context.timedOut) return new AppError('CANCELLED');
  // axios names an answer beyond maxContentLength, or one that is not HTTP, so.
  if (code === 'ERR_BAD_RESPONSE' || code.startsWith('HPE_')) return new AppError('CA_ANSWER_INVALID', { endpoint: context.endpoint, reason: 'transport' });
  const reason = context.timedOut ? 'timeout' : (REASON_BY_SYSTEM_CODE[code] ?? (/^ERR_(TLS|SSL)/.test(code) ? 'tls' : 'connect'));
  return new AppError('CA_UNREACHABLE', { reason, endpoint: context.endpoint, systemCode: code });
}

function systemCodeOf(thrown: unknown): string {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : 'UNKNOWN';
}

const problemCheck = TypeCompiler.Compile(Problem);
const GATEWAY_STATUS: readonly number[] = [502, 503, 504];

/** An answer with another status than the endpoint promises: a problem document, or something that is none. */
export function toRefusal(endpoint: string, status: number, text: string): AppError {
  const problem = parseProblem(text);
  if (!problem) {
    if (GATEWAY_STATUS.includes(status)) return new AppError('CA_UNREACHABLE', { reason: 'gateway', endpoint, status });
    return new AppError('CA_ANSWER_INVALID', { endpoint, status, reason: 'no-problem-document' });
  }
  return withTrace(problemToError(endpoint, problem), problem.traceId);
}

function problemToError(endpoint: string, problem: Problem): AppError {
  // INTERNAL stands for a mistake of this program; one of the service has to look different.
  if (problem.code === 'INTERNAL') return new AppError('CA_ANSWER_INVALID', { endpoint, status: problem.status, reason: 'service-failed' });
  if (!isErrorCode(problem.code)) return new AppError('CA_ANSWER_INVALID', { endpoint, status: problem.status, reason: 'unknown-code' });
  const fields = problem.errors?.map((field) => field.pointer.slice(0, 200));
  return new AppError(problem.code, { ...plainDetails(problem.details), ...(fields ? { fields } : {}) });
}

/** @returns null when the text is no problem document of the contract */
function parseProblem(text: string): Problem | null {
  try {
    const value: unknown = JSON.parse(text);
    return problemCheck.Check(value) ? value : null;
  } catch {
    return null;
  }
}

/** Details come from another machine: only plain facts of a sane size go on. */
function plainDetails(details: Readonly<Record<string, unknown>>): ErrorDetails {
  const plain: Record<string, ErrorDetails[string]> = {};
  for (const [key, value] of Object.entries(details).slice(0, 20)) {
    if (typeof value === 'string') plain[key] = value.slice(0, 500);
    else if (typeof value === 'number' || typeof value === 'boolean' || value === null) plain[key] = value;
    else if (Array.isArray(value)) plain[key] = value.filter((item) => typeof item === 'string').slice(0, 50).map((item: string) => item.slice(0, 200));
  }
  return plain;
}

function withTrace(error: AppError, traceId: string): AppError {
  if (/^[A-Za-z0-9_.-]{1,64}$/.test(traceId)) error.traceId = traceId;
  return error;
}
