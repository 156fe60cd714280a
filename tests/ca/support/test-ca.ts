/**
 * The CA service inside the test process: real HTTP on a random port, real SQLite in a folder of its own, real authority; only the clock is the
 * test's. Every answer is checked against the contract: a success against the endpoint's schema, a refusal against the problem document.
 */
import { Ajv } from 'ajv';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CA_CONTRACT, type CaContract, type CaEndpointName } from '#shared/contract/rest/ca-contract.ts';
import type { Endpoint, EndpointResponse } from '#shared/contract/rest/endpoint.ts';
import { Problem } from '#shared/contract/rest/problem.ts';
import type { TSchema } from '#shared/contract/schema.ts';
import { composeCa } from '../../../src-ca/compose.ts';
import { withoutIds } from '../../../src-ca/http/parse-input.ts';
import { noFaults } from '../../../src-ca/issuance/fault-points.ts';
import { choosePort } from '../../../src-ca/listen-port.ts';
import { RATE_POLICIES, type RatePolicy, type RatePolicyName } from '../../../src-ca/limits/rate-limiter.ts';
import type { CaPorts } from '../../../src-ca/ports.ts';
import { serveCa } from '../../../src-ca/server.ts';

export interface CallOptions {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  readonly token?: string;
  readonly idempotencyKey?: string;
}

export interface Refusal {
  readonly status: number;
  readonly headers: Headers;
  readonly problem: Problem;
}

type Answers = { [N in CaEndpointName]: EndpointResponse<CaContract[N]> };

export interface TestCa {
  readonly url: string;
  readonly dataFolder: string;
  readonly ports: CaPorts;
  /** Moves time. */
  advance(milliseconds: number): void;
  now(): Date;
  /** The answer; fails the test when the call is refused. */
  call<N extends CaEndpointName>(name: N, options?: CallOptions): Promise<Answers[N]>;
  /** The refusal; fails the test when the call is answered. */
  refusal(name: CaEndpointName, options?: CallOptions): Promise<Refusal>;
  /** Any request, unchecked. */
  raw(path: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

export interface TestCaOptions {
  readonly sandbox?: boolean;
  readonly demo?: boolean;
  readonly ratePolicies?: Partial<Record<RatePolicyName, RatePolicy>>;
}

export async function testCa(options: TestCaOptions = {}): Promise<TestCa> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'bidkey-ca-test-'));
  let nowMs = Date.UTC(2026, 10, 20, 4, 0, 0);
  const clock = () => new Date(nowMs);
  const port = await choosePort(dataFolder, '127.0.0.1', 0);
  const url = `http://127.0.0.1:${port}`;
  const demo = options.demo ?? true;
  const composed = await composeCa({ dataFolder, publicUrl: url, version: '0.0.0-test', sandbox: options.sandbox ?? demo, demo, production: false, keystorePassphraseFile: null, signerToken: null, organisation: 'BidKey Test', clock, reachFaultPoint: noFaults, onFault: (thrown) => { throw thrown; } });
  const app = await serveCa(composed.ports, { logLevel: 'silent', trustedProxies: [], ratePolicies: { ...RATE_POLICIES, ...options.ratePolicies } });
  await app.listen({ host: '127.0.0.1', port });
  return {
    url,
    dataFolder,
    ports: composed.ports,
    advance: (milliseconds) => void (nowMs += milliseconds),
    now: clock,
    async call<N extends CaEndpointName>(name: N, call: CallOptions = {}) {
      const response = await send(url, CA_CONTRACT[name], call);
      const text = await response.text();
      if (!response.ok) throw new Error(`${name} was refused: ${text}`);
      return checkedAnswer(CA_CONTRACT[name], response, text) as Answers[N];
    },
    async refusal(name, call = {}) {
      const response = await send(url, CA_CONTRACT[name], call);
      const text = await response.text();
      if (response.ok) throw new Error(`${name} was answered: ${text.slice(0, 300)}`);
      return { status: response.status, headers: response.headers, problem: checkedProblem(response, text) };
    },
    raw: (path, init) => fetch(`${url}${path}`, init),
    async stop() {
      await app.close();
      await composed.close();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

function send(url: string, endpoint: Endpoint, { params = {}, query = {}, body, token, idempotencyKey }: CallOptions): Promise<Response> {
  const path = endpoint.path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)])).toString();
  const headers: Record<string, string> = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
  };
  return fetch(`${url}${path}${search === '' ? '' : `?${search}`}`, { method: endpoint.method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

const ajv = new Ajv({ strict: false, allErrors: true });
const validators = new Map<TSchema, ReturnType<Ajv['compile']>>();

function checkAgainst(schema: TSchema, value: unknown): void {
  const validate = validators.get(schema) ?? ajv.compile(withoutIds(schema));
  validators.set(schema, validate);
  if (!validate(value)) throw new Error(`the answer breaks the contract: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value).slice(0, 500)}`);
}

function checkedAnswer(endpoint: Endpoint, response: Response, text: string): unknown {
  if (response.status !== endpoint.status) throw new Error(`status ${response.status} instead of ${endpoint.status}`);
  if (endpoint.response === null) {
    if (text !== '') throw new Error('a body where the contract has none');
    return undefined;
  }
  const answer: unknown = JSON.parse(text);
  checkAgainst(endpoint.response, answer);
  return answer;
}

export function checkedProblem(response: Response, text: string): Problem {
  if (!(response.headers.get('content-type') ?? '').startsWith('application/problem+json')) throw new Error(`not a problem document: ${response.headers.get('content-type')} ${text.slice(0, 200)}`);
  const problem: unknown = JSON.parse(text);
  checkAgainst(Problem, problem);
  return problem as Problem;
}

export const newKey = () => randomBytes(12).toString('hex');
