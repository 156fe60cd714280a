/**
 * The way to the CA REST service: one function per endpoint, typed wholly by CA_CONTRACT. Every answer is checked against the schema of its
 * endpoint, every refusal becomes an AppError. Rule: nothing of axios leaves this file – its errors carry headers and bodies, and those
 * carry passwords and authorization codes.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { type AxiosInstance } from 'axios';
import { TypeCompiler, type TypeCheck } from '@sinclair/typebox/compiler';
import type { TSchema } from '@sinclair/typebox';
import { CA_CONTRACT, type CaContract, type CaEndpointName } from '#shared/contract/rest/ca-contract.ts';
import type { Endpoint, EndpointBody, EndpointParams, EndpointQuery, EndpointResponse } from '#shared/contract/rest/endpoint.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { readCaBaseUrl } from './ca-address.ts';
import { toTransportError, toRefusal } from './ca-failure.ts';
import { isRepeatable, pauseBeforeRetryMs, shouldRetry } from './ca-retry.ts';

/** Fields that the endpoint has; those that may be empty may be left out. */
type Present<T> = { readonly [K in keyof T as [T[K]] extends [undefined] ? never : Record<never, never> extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as [T[K]] extends [undefined] ? never : Record<never, never> extends T[K] ? K : never]?: T[K];
};
type Flat<T> = { readonly [K in keyof T]: T[K] };
type InputOf<E extends Endpoint> = Flat<Present<{ params: EndpointParams<E>; query: EndpointQuery<E>; body: EndpointBody<E>; idempotencyKey: E extends { readonly idempotent: true } ? string : undefined }> & { readonly signal?: AbortSignal }>;
export type CaCallInput<N extends CaEndpointName> = InputOf<CaContract[N]>;
export type CaCallOutput<N extends CaEndpointName> = EndpointResponse<CaContract[N]>;

/** Every endpoint as a function of its name. What deeds get is the session's (session/ca-session.ts): it attaches the account's token. */
export type CaCaller = { readonly [N in CaEndpointName]: (input: CaCallInput<N>) => Promise<CaCallOutput<N>> };

/** One exchange, without the types of its endpoint: what stands below a CaCaller. */
export type CaExchange = (name: CaEndpointName, input: CaExchangeInput) => Promise<unknown>;

/** Gives an exchange the types of the contract. */
export function createCaCaller(exchange: CaExchange): CaCaller {
  const names = Object.keys(CA_CONTRACT) as CaEndpointName[];
  return Object.fromEntries(names.map((name) => [name, (input: CaExchangeInput) => exchange(name, input)])) as unknown as CaCaller;
}

export interface CaClient {
  readonly baseUrl: string;
  /** @param accessToken bearer token, or null for public calls */
  exchange(name: CaEndpointName, input: CaExchangeInput, accessToken: string | null): Promise<unknown>;
  /** Calls that need no account. */
  readonly anonymous: CaCaller;
  /** A file that the service publishes for everyone: CA certificates, revocation lists. @param path under the address of the service, for example ca/chain.pem @returns null when it has none. @throws CA_UNREACHABLE */
  publicFile(path: string): Promise<Uint8Array | null>;
  close(): void;
}

export interface CaClientOptions {
  readonly baseUrl: string;
  /** Milliseconds that never run backwards, for the meter. */
  readonly monotonicMs: () => number;
  /** Told after every exchange how long the network and the service took. */
  readonly onExchange?: (exchange: { readonly endpoint: CaEndpointName; readonly status: number | null; readonly ms: number }) => void;
  /** Overrides the time limit of every call; tests of slow services use it. */
  readonly timeLimitMs?: number;
}

export interface CaExchangeInput {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** The largest list page of the contract (100 certificates with their DER) stays well below. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** A material in base64 is the largest. */
const MAX_QUESTION_BYTES = 6 * 1024 * 1024;
const DEFAULT_TIME_LIMIT_MS = 15_000;
/** Calls in which the service works with its own HSM. */
const TIME_LIMIT_MS: Partial<Record<CaEndpointName, number>> = { submitCsr: 60_000, completeIssuance: 30_000, createSession: 30_000 };

/** @throws CA_ADDRESS_INSECURE, CA_ADDRESS_INVALID */
export function createCaClient(options: CaClientOptions): CaClient {
  const address = readCaBaseUrl(options.baseUrl);
  const transport = createTransport(address);
  const answerChecks = new Map<CaEndpointName, TypeCheck<TSchema>>();

  async function exchangeOnce(name: CaEndpointName, input: CaExchangeInput, accessToken: string | null): Promise<unknown> {
    const row: Endpoint = CA_CONTRACT[name];
    const limit = AbortSignal.timeout(options.timeLimitMs ?? TIME_LIMIT_MS[name] ?? DEFAULT_TIME_LIMIT_MS);
    const began = options.monotonicMs();
    let status: number | null = null;
    try {
      const answer = await transport.request<string>({
        method: row.method,
        url: fillPath(row.path, input.params ?? {}),
        params: input.query,
        data: input.body === undefined ? undefined : JSON.stringify(input.body),
        headers: headersOf(input, accessToken),
        signal: input.signal ? AbortSignal.any([input.signal, limit]) : limit,
        // A call that must not be repeated may not run into a connection that the service closed while it was idle.
        ...(isRepeatable(row) ? {} : { httpAgent: new HttpAgent(), httpsAgent: new HttpsAgent() }),
      });
      status = answer.status;
      return readAnswer(name, row, answer.status, answer.data);
    } catch (thrown) {
      throw thrown instanceof AppError ? thrown : toTransportError(thrown, { endpoint: name, timedOut: limit.aborted });
    } finally {
      options.onExchange?.({ endpoint: name, status, ms: options.monotonicMs() - began });
    }
  }

  function readAnswer(name: CaEndpointName, row: Endpoint, status: number, text: string): unknown {
    if (status !== row.status) throw toRefusal(name, status, text);
    if (row.response === null) return undefined;
    const value = parseJson(text);
    let check = answerChecks.get(name);
    if (!check) answerChecks.set(name, (check = TypeCompiler.Compile(row.response)));
    if (value === undefined || !check.Check(value)) {
      const pointer = value === undefined ? null : (check.Errors(value).First()?.path ?? null);
      throw new AppError('CA_ANSWER_INVALID', { endpoint: name, status, reason: value === undefined ? 'not-json' : 'schema', pointer });
    }
    return value;
  }

  async function exchange(name: CaEndpointName, input: CaExchangeInput, accessToken: string | null): Promise<unknown> {
    const row: Endpoint = CA_CONTRACT[name];
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await exchangeOnce(name, input, accessToken);
      } catch (thrown) {
        if (!shouldRetry(row, thrown, attempt) || input.signal?.aborted) throw thrown;
        await pause(pauseBeforeRetryMs(attempt));
      }
    }
  }

  async function publicFile(path: string): Promise<Uint8Array | null> {
    const limit = AbortSignal.timeout(options.timeLimitMs ?? DEFAULT_TIME_LIMIT_MS);
    try {
      const answer = await transport.request<ArrayBuffer>({ method: 'GET', url: new URL(path, address).href, responseType: 'arraybuffer', signal: limit });
      return answer.status === 200 ? new Uint8Array(answer.data) : null;
    } catch (thrown) {
      throw toTransportError(thrown, { endpoint: 'publicFile', timedOut: limit.aborted });
    }
  }

  return {
    baseUrl: address.href,
    exchange,
    publicFile,
    anonymous: createCaCaller((name, input) => exchange(name, input, null)),
    close: () => transport.close(),
  };
}

interface Transport {
  request: AxiosInstance['request'];
  close(): void;
}

function createTransport(address: URL): Transport {
  const httpAgent = new HttpAgent({ keepAlive: true });
  const httpsAgent = new HttpsAgent({ keepAlive: true });
  const instance = axios.create({
    baseURL: address.href,
    httpAgent,
    httpsAgent,
    // The contract has no redirects; following one would carry codes and tokens to another host.
    maxRedirects: 0,
    maxContentLength: MAX_ANSWER_BYTES,
    maxBodyLength: MAX_QUESTION_BYTES,
    // Plain http only ever goes to this machine (ca-address.ts), and never through a proxy.
    ...(address.protocol === 'http:' ? { proxy: false as const } : {}),
    responseType: 'text',
    transformRequest: [(data: unknown) => data],
    transformResponse: [(data: unknown) => data],
    validateStatus: () => true,
  });
  return {
    request: instance.request.bind(instance),
    close: () => {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

function headersOf(input: CaExchangeInput, accessToken: string | null): Record<string, string | false> {
  return {
    Accept: 'application/json, application/problem+json',
    // False: left out. axios would call an absent body a form.
    'Content-Type': input.body === undefined ? false : 'application/json',
    ...(accessToken === null ? {} : { Authorization: `Bearer ${accessToken}` }),
    ...(input.idempotencyKey === undefined ? {} : { 'Idempotency-Key': input.idempotencyKey }),
  };
}

/** Parameters are single path segments: whatever they hold cannot change the path. */
function fillPath(path: string, params: Readonly<Record<string, string>>): string {
  return path.slice(1).replace(/:([A-Za-z]+)/g, (_, key: string) => encodeURIComponent(params[key] ?? ''));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
