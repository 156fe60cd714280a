/** The HTTP server around the routes: limits of size and time, security headers, foreign pages kept out, problem documents, redacted logs. */
import helmet from '@fastify/helmet';
import { randomBytes } from 'node:crypto';
import { fastify, type FastifyInstance, type FastifyRequest } from 'fastify';
import { AppError } from '#shared/errors/app-error.ts';
import { errorOf, pathOf, sendProblem } from './problem.ts';

export const MAX_BODY_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;

export interface ServerOptions {
  readonly publicUrl: string;
  readonly sandbox: boolean;
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  /** Addresses of reverse proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
}

export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: 128 },
    forceCloseConnections: 'idle',
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
    genReqId: () => randomBytes(12).toString('hex'),
    logger: loggerOptions(options),
    frameworkErrors: (error, request, reply) => void sendProblem(request, reply, errorOf(error), options.publicUrl),
  });
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] } },
    hsts: options.publicUrl.startsWith('https://'),
    referrerPolicy: { policy: 'no-referrer' },
  });
  readJsonBodies(app);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-trace-id', request.id);
    refuseForeignPages(request, options);
  });
  app.setErrorHandler((thrown, request, reply) => {
    const error = errorOf(thrown);
    if (error.code === 'INTERNAL') request.log.error({ err: error.cause ?? thrown }, 'unexpected');
    return sendProblem(request, reply, error, options.publicUrl);
  });
  app.setNotFoundHandler((request, reply) => sendProblem(request, reply, new AppError('NOT_FOUND', { what: 'address' }), options.publicUrl));
  return app;
}

/** Logs go to standard error; standard output carries the one `ready` line. Headers, bodies and queries are never logged: they hold tokens, passwords and codes. */
function loggerOptions({ logLevel }: ServerOptions) {
  if (logLevel === 'silent') return false;
  const req = (request: FastifyRequest) => ({ method: request.method, path: pathOf(request.url), remoteAddress: request.ip });
  return { level: logLevel, stream: process.stderr, serializers: { req } };
}

/** JSON only, strict UTF-8. An empty body is no body. */
function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    if (body.length === 0) return done(null, undefined);
    try {
      done(null, JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body as Buffer)));
    } catch (thrown) {
      done(new AppError('INPUT_INVALID', { reason: 'the body is not JSON' }, thrown));
    }
  });
}

/** No page of another origin has business here (CORS stays refused); and with the sandbox on, a name that was re-bound to our address must not read its inbox. */
function refuseForeignPages(request: FastifyRequest, { publicUrl, sandbox }: ServerOptions): void {
  const { origin } = request.headers;
  const host = request.headers.host ?? '';
  const own = new URL(publicUrl);
  // The port that was really reached: behind a proxy the public one is another.
  const port = request.socket.localPort;
  const loopback = [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
  if (origin !== undefined && origin !== own.origin && !loopback.some((name) => origin === `http://${name}`)) throw new AppError('FORBIDDEN', { reason: 'origin' });
  if (sandbox && host !== own.host && !loopback.includes(host)) throw new AppError('FORBIDDEN', { reason: 'host' });
}
