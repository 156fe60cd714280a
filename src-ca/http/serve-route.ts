/** The one way every endpoint is served: limit → caller → parse → Idempotency-Key → the deed → answer. */
import { AppError } from '#shared/errors/app-error.ts';
import type { Endpoint } from '#shared/contract/rest/endpoint.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { authenticate } from '../accounts/sessions.ts';
import { canonicalJson } from '../audit/canonical-json.ts';
import type { Caller } from '../caller.ts';
import { callerNetwork } from '../limits/caller-network.ts';
import { ENDPOINT_POLICIES, type RateLimiter, type RatePolicyName } from '../limits/rate-limiter.ts';
import type { OnceCall } from '../once/idempotency-port.ts';
import type { CaPorts } from '../ports.ts';
import { inputParser } from './parse-input.ts';
import type { Route } from './route.ts';

export function serveRoute(app: FastifyInstance, route: Route, ports: CaPorts, limiter: RateLimiter): void {
  const { endpoint, name } = route;
  if (endpoint.access === 'sandbox' && ports.service.sandbox === null) return;
  const parser = inputParser(endpoint);
  const policy = ENDPOINT_POLICIES[name];
  app.route({
    method: endpoint.method,
    url: endpoint.path,
    ...(endpoint.maxBodyBytes === undefined ? {} : { bodyLimit: endpoint.maxBodyBytes }),
    async handler(request, reply) {
      if (policy !== undefined) limitRate(limiter, policy, request, reply);
      const caller = await callerOf(endpoint, ports, request);
      const params = parser.params(endpoint.params === undefined ? undefined : request.params);
      const query = parser.query(request.query);
      const body = parser.body(request.body);
      const once = endpoint.idempotent === true && caller !== null ? onceCall(ports, caller, name, request, { params, body }) : null;
      const answer = await route.run({ ports, caller, params, query, body, once });
      reply.code(endpoint.status).header('cache-control', 'no-store');
      return endpoint.response === null ? reply.send() : reply.type('application/json; charset=utf-8').send(JSON.stringify(answer));
    },
  });
}

/** Counts the call and says in the headers what is left. @throws RATE_LIMITED */
export function limitRate(limiter: RateLimiter, policy: RatePolicyName, request: FastifyRequest, reply: FastifyReply): void {
  const { allowed, headers, retryAfterSeconds } = limiter.take(policy, callerNetwork(request.ip));
  reply.headers(headers);
  if (!allowed) throw new AppError('RATE_LIMITED', { retryAfterSeconds });
}

const BEARER = /^Bearer ([A-Za-z0-9_-]{20,200})$/;

/** @throws UNAUTHENTICATED, FORBIDDEN */
async function callerOf(endpoint: Endpoint, ports: CaPorts, request: FastifyRequest): Promise<Caller | null> {
  if (endpoint.access === 'public' || endpoint.access === 'sandbox') return null;
  return await requireCaller(ports, request, endpoint.access);
}

/** @throws UNAUTHENTICATED, FORBIDDEN */
export async function requireCaller(ports: CaPorts, request: FastifyRequest, access: 'account' | 'staff'): Promise<Caller> {
  const [, accessToken] = BEARER.exec(request.headers.authorization ?? '') ?? [];
  if (accessToken === undefined) throw new AppError('UNAUTHENTICATED');
  const caller = await authenticate(ports, accessToken);
  if (access === 'staff' && caller.role !== 'staff') throw new AppError('FORBIDDEN');
  return caller;
}

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{8,128}$/;

/** The header is a structured string by the draft; the bare form is common and accepted too. @throws IDEMPOTENCY_KEY_MISSING */
function onceCall(ports: CaPorts, caller: Caller, name: string, request: FastifyRequest, input: { params: unknown; body: unknown }): OnceCall {
  const header = request.headers['idempotency-key'];
  const idempotencyKey = typeof header === 'string' ? header.replace(/^"(.*)"$/, '$1') : '';
  if (!IDEMPOTENCY_KEY.test(idempotencyKey)) throw new AppError('IDEMPOTENCY_KEY_MISSING');
  return { accountId: caller.accountId, idempotencyKey, requestMacHex: ports.requestMac(canonicalJson({ name, params: input.params ?? null, body: input.body ?? null })) };
}
