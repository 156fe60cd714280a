/** Calls to a service that may be killed while it answers. */
import type { RunningCa } from '../../support/start-ca.ts';

/** `GONE`: there was no answer. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: string };

export type ServiceCaller = <T>(method: string, path: string, token: string | null, body?: object, idempotencyKey?: string) => Promise<Answer<T>>;

export function serviceCaller(ca: Pick<RunningCa, 'url'>): ServiceCaller {
  return async <T>(method: string, path: string, token: string | null, body?: object, idempotencyKey?: string): Promise<Answer<T>> => {
    try {
      const response = await fetch(`${ca.url}${path}`, {
        method,
        headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...(token ? { authorization: `Bearer ${token}` } : {}), ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const answer = (await response.json()) as T & { code: string };
      return response.ok ? { ok: true, value: answer } : { ok: false, code: answer.code };
    } catch (thrown) {
      if (thrown instanceof TypeError) return { ok: false, code: 'GONE' };
      throw thrown;
    }
  };
}

export function value<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(answer.code);
  return answer.value;
}

/** @param loginName one of the demo's accounts, which share one password. @returns the access token */
export async function logInAs(call: ServiceCaller, loginName?: string): Promise<string> {
  const { sandbox } = value(await call<{ sandbox: { demoLogin: { loginName: string; password: string } } }>('GET', '/v1/service', null));
  return value(await call<{ accessToken: string }>('POST', '/v1/sessions', null, { ...sandbox.demoLogin, ...(loginName === undefined ? {} : { loginName }) })).accessToken;
}
