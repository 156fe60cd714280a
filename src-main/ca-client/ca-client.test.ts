/** The CA client against a real HTTP server that misbehaves in every way a service, a proxy or a network can. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors/app-error.ts';
import { readCaBaseUrl } from './ca-address.ts';
import { createCaClient, type CaClient } from './ca-client.ts';

const SECRET_CODE = '731946';
const SECRET_PASSWORD = 'Correct-Horse-9';
const cleanUps: (() => void)[] = [];
afterEach(() => cleanUps.splice(0).forEach((cleanUp) => cleanUp()));

interface Service {
  readonly client: CaClient;
  readonly requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse, count: number) => void, timeLimitMs?: number): Promise<Service> {
  const requests: Service['requests'] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    answer(request, response, requests.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = createCaClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, monotonicMs: () => performance.now(), ...(timeLimitMs === undefined ? {} : { timeLimitMs }) });
  cleanUps.push(() => client.close(), () => server.closeAllConnections(), () => server.close());
  return { client, requests };
}

const json = (response: ServerResponse, status: number, value: unknown, type = 'application/json') => response.writeHead(status, { 'Content-Type': type }).end(JSON.stringify(value));
const problem = (response: ServerResponse, status: number, code: string, details: Record<string, unknown> = {}) =>
  json(response, status, { type: 'https://bidkey.example/errors', title: 'no', status, code, instance: '/v1', traceId: 'trace-1', details }, 'application/problem+json');
const service = { name: 'CA', version: '1', timeUtc: '2026-01-01T00:00:00Z', sandbox: null };
const start = { idempotencyKey: 'key-1234567890abcdef', body: { requestId: 'line-0001', authorizationCode: SECRET_CODE, tokenSerial: 'S1', tokenModelId: 'm' } };

async function failure(promise: Promise<unknown>): Promise<AppError> {
  const thrown = await promise.then(() => null, (error: unknown) => error);
  expect(thrown).toBeInstanceOf(AppError);
  return thrown as AppError;
}

/** Everything that a log or a report could get out of an error, causes included. */
function deepText(error: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) parts.push(at.message, at.stack ?? '', JSON.stringify(at, Object.getOwnPropertyNames(at)));
  return parts.join('\n');
}

describe('CA client', () => {
  it('ok: path parameters are one segment each, whatever they hold', async () => {
    const { client, requests } = await serve((_, response) => problem(response, 404, 'NOT_FOUND'));
    await failure(client.anonymous.getOrder({ params: { orderId: '../../admin?x=1' } }));
    expect(requests[0]?.url).toBe('/v1/orders/..%2F..%2Fadmin%3Fx%3D1');
  });

  it('ok: a call without a body names no type of body', async () => {
    const { client, requests } = await serve((_, response) => problem(response, 404, 'NOT_FOUND'));
    await failure(client.anonymous.cancelIssuance({ params: { issuanceId: 'issuance-1' } }));
    expect([requests[0]?.body, requests[0]?.headers['content-type']]).toEqual(['', undefined]);
  });

  it('ok: an answer that fits the schema comes back', async () => {
    const { client } = await serve((_, response) => json(response, 200, service));
    expect(await client.anonymous.getServiceInfo({})).toEqual(service);
  });

  it.each([
    ['a missing field', { name: 'CA' }, 'schema'],
    ['an unknown field', { ...service, extra: 1 }, 'schema'],
    ['a wrong type', { ...service, version: 7 }, 'schema'],
  ])('refuses: an answer with %s', async (_, value, reason) => {
    const { client } = await serve((_request, response) => json(response, 200, value));
    const error = await failure(client.anonymous.getServiceInfo({}));
    expect([error.code, error.details['reason']]).toEqual(['CA_ANSWER_INVALID', reason]);
  });

  it('refuses: an answer that is not JSON, and one that is too large', async () => {
    const html = await serve((_, response) => response.writeHead(200).end('<html>login page of a hotel</html>'));
    expect((await failure(html.client.anonymous.getServiceInfo({}))).details['reason']).toBe('not-json');
    const huge = await serve((_, response) => response.writeHead(200).end('x'.repeat(9 * 1024 * 1024)));
    expect((await failure(huge.client.anonymous.getServiceInfo({}))).code).toBe('CA_ANSWER_INVALID');
  });

  it('refuses: a redirect is not followed', async () => {
    const { client, requests } = await serve((_, response) => response.writeHead(302, { Location: 'http://127.0.0.1:1/elsewhere' }).end());
    expect((await failure(client.anonymous.getServiceInfo({}))).code).toBe('CA_ANSWER_INVALID');
    expect(requests).toHaveLength(1);
  });

  it('ok: a problem document becomes its code, details and trace id', async () => {
    const { client } = await serve((_, response) => problem(response, 422, 'CODE_WRONG', { triesLeft: 3, nested: { no: 1 } }));
    const error = await failure(client.anonymous.startIssuance(start));
    expect([error.code, error.details, error.traceId]).toEqual(['CODE_WRONG', { triesLeft: 3 }, 'trace-1']);
  });

  it('refuses: problem documents with unknown codes, and the INTERNAL of the service, do not pass for ours', async () => {
    for (const code of ['SOMETHING_NEW', 'INTERNAL', 'constructor']) {
      const { client } = await serve((_, response) => problem(response, 500, code));
      expect((await failure(client.anonymous.getServiceInfo({}))).code).toBe('CA_ANSWER_INVALID');
    }
  });

  it('ok: the same Idempotency-Key and body go out again when the connection breaks', async () => {
    const { client, requests } = await serve((request, response, count) => {
      if (count === 1) request.socket.destroy();
      else problem(response, 422, 'CODE_WRONG');
    });
    expect((await failure(client.anonymous.startIssuance(start))).code).toBe('CODE_WRONG');
    expect(requests.map((one) => [one.headers['idempotency-key'], one.body])).toEqual([[start.idempotencyKey, JSON.stringify(start.body)], [start.idempotencyKey, JSON.stringify(start.body)]]);
  });

  it('refuses: a login is never sent twice', async () => {
    const { client, requests } = await serve((request) => request.socket.destroy());
    const error = await failure(client.anonymous.createSession({ body: { loginName: 'someone', password: SECRET_PASSWORD } }));
    expect([error.code, error.details['reason'], requests.length]).toEqual(['CA_UNREACHABLE', 'connect', 1]);
  });

  it('refuses: a service that is silent, one that dribbles, one that is not there, a name that does not exist', async () => {
    const silent = await serve(() => undefined, 300);
    expect((await failure(silent.client.anonymous.getServiceInfo({}))).details['reason']).toBe('timeout');
    const dribbling = await serve((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    }, 300);
    expect((await failure(dribbling.client.anonymous.getServiceInfo({}))).details['reason']).toBe('timeout');
    const absent = createCaClient({ baseUrl: 'http://127.0.0.1:1', monotonicMs: () => 0 });
    expect((await failure(absent.anonymous.getServiceInfo({}))).details['reason']).toBe('connect');
    const nameless = createCaClient({ baseUrl: 'https://ca.bidkey.invalid', monotonicMs: () => 0 });
    expect((await failure(nameless.anonymous.getServiceInfo({}))).details['reason']).toBe('dns');
  });

  it('refuses: 503 of a gateway means unreachable', async () => {
    const { client } = await serve((_, response) => response.writeHead(503).end('upstream down'));
    expect((await failure(client.anonymous.getServiceInfo({}))).details['reason']).toBe('gateway');
  });

  it('ok: the caller can give up waiting', async () => {
    const { client } = await serve(() => undefined);
    const controller = new AbortController();
    const waiting = failure(client.anonymous.getServiceInfo({ signal: controller.signal }));
    controller.abort();
    expect((await waiting).code).toBe('CANCELLED');
  });

  it('refuses: no error of any kind carries a code, a password or a token', async () => {
    const texts: string[] = [];
    for (const answer of [
      (request: IncomingMessage) => void request.socket.destroy(),
      (_: IncomingMessage, response: ServerResponse) => void response.writeHead(200).end(`${SECRET_CODE} ${SECRET_PASSWORD} token-of-mine`),
      (_: IncomingMessage, response: ServerResponse) => void response.writeHead(500).end(SECRET_CODE),
      () => undefined,
    ]) {
      const { client } = await serve(answer, 300);
      texts.push(deepText(await failure(client.anonymous.startIssuance(start))));
      texts.push(deepText(await failure(client.anonymous.createSession({ body: { loginName: 'someone', password: SECRET_PASSWORD } }))));
      texts.push(deepText(await failure(client.exchange('getMyAccount', {}, 'token-of-mine'))));
    }
    const all = texts.join('\n');
    for (const secret of [SECRET_CODE, SECRET_PASSWORD, 'token-of-mine']) expect(all).not.toContain(secret);
  });
});

describe('address of the CA service', () => {
  it.each(['https://ca.example.cn', 'https://ca.example.cn/bidkey/', 'http://127.0.0.1:8080', 'http://localhost:8080', 'http://[::1]:8080'])('ok: %s', (text) => {
    expect(readCaBaseUrl(text).href.endsWith('/')).toBe(true);
  });
  it.each([
    ['http://ca.example.cn', 'CA_ADDRESS_INSECURE'], ['http://192.168.1.5', 'CA_ADDRESS_INSECURE'], ['http://127.0.0.1.evil.example', 'CA_ADDRESS_INSECURE'], ['http://localhost.evil.example', 'CA_ADDRESS_INSECURE'],
    ['ftp://ca.example.cn', 'CA_ADDRESS_INVALID'], ['https://user:pass@ca.example.cn', 'CA_ADDRESS_INVALID'], ['https://ca.example.cn/?x=1', 'CA_ADDRESS_INVALID'], ['not an address', 'CA_ADDRESS_INVALID'],
  ])('refuses: %s with %s', (text, code) => {
    expect(() => readCaBaseUrl(text)).toThrow(expect.objectContaining({ code }) as Error);
  });
});
