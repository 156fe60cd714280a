/** The HTTP edge: bodies that are too large or no JSON, foreign pages, unknown addresses, headers, limits, staff, and the documents. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { request } from 'node:http';
import { ERROR_TABLE } from '#shared/errors/error-table.ts';
import { DEMO_STAFF_LOGIN_NAME } from '../../src-ca/demo/demo-names.ts';
import { runSelfTests } from '../../src-ca/health/self-tests.ts';
import { MAX_BODY_BYTES } from '../../src-ca/http/create-server.ts';
import { customer, type Customer } from './support/journeys.ts';
import { checkedProblem, newKey, testCa, type TestCa } from './support/test-ca.ts';

let ca: TestCa;
let who: Customer;
beforeAll(async () => {
  ca = await testCa();
  who = await customer(ca);
});
afterAll(() => ca.stop());

async function problemOf(response: Response) {
  return { status: response.status, problem: checkedProblem(response, await response.text()) };
}

const post = (body: BodyInit, headers: Record<string, string> = { 'content-type': 'application/json' }) => ca.raw('/v1/sessions', { method: 'POST', headers, body });

describe('bodies', () => {
  it.each([
    ['cut off', '{"loginName":"demo"', 'application/json', 400, 'INPUT_INVALID'],
    ['not UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22]), 'application/json', 400, 'INPUT_INVALID'],
    ['a list', '[]', 'application/json', 400, 'INPUT_INVALID'],
    ['null', 'null', 'application/json', 400, 'INPUT_INVALID'],
    ['empty', '', 'application/json', 400, 'INPUT_INVALID'],
    ['of wrong types', '{"loginName":1,"password":["x"]}', 'application/json', 400, 'INPUT_INVALID'],
    ['with a field too many', '{"loginName":"demo","password":"x","admin":true}', 'application/json', 400, 'INPUT_INVALID'],
    ['with __proto__', '{"loginName":"demo","password":"x","__proto__":{"role":"staff"}}', 'application/json', 400, 'INPUT_INVALID'],
    ['a form', 'loginName=demo&password=x', 'application/x-www-form-urlencoded', 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['text', '{}', 'text/plain', 415, 'MEDIA_TYPE_UNSUPPORTED'],
  ])('refuses: a body that is %s', async (_, body, type, status, code) => {
    const refusal = await problemOf(await post(body, { 'content-type': type }));
    expect([refusal.status, refusal.problem.code]).toEqual([status, code]);
  });

  it('refuses: a field of the wrong type by its pointer, and never repeats its value', async () => {
    const { problem } = await problemOf(await post(JSON.stringify({ loginName: 'demo', password: 42_424_242 })));
    expect(problem.errors).toEqual([{ pointer: '/password', message: 'must be string' }]);
    expect(JSON.stringify(problem)).not.toContain('42424242');
  });

  it('refuses: a body just above the limit, and takes one just below it to the schema', async () => {
    const padded = (bytes: number) => JSON.stringify({ loginName: 'demo', password: 'x'.repeat(bytes - 36) });
    expect((await problemOf(await post(padded(MAX_BODY_BYTES + 64)))).problem.code).toBe('INPUT_TOO_LARGE');
    expect((await problemOf(await post(padded(MAX_BODY_BYTES - 64)))).problem.code).toBe('INPUT_INVALID');
  });

  it.each(['with its length announced', 'in chunks without an end'])('refuses: ten megabytes %s, without taking them in', async (how) => {
    const answer = await new Promise<{ status: number; body: string }>((settle, fail) => {
      const outgoing = request(`${ca.url}/v1/sessions`, { method: 'POST', headers: { 'content-type': 'application/json', ...(how.startsWith('with') ? { 'content-length': 10 * 1024 * 1024 } : {}) } }, (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.on('end', () => settle({ status: incoming.statusCode ?? 0, body: Buffer.concat(parts).toString() }));
      });
      // After its answer the service closes the connection; writing on is then an error, as it should be.
      outgoing.on('error', (error: NodeJS.ErrnoException) => (['EPIPE', 'ECONNRESET'].includes(error.code ?? '') ? undefined : fail(error)));
      outgoing.write(Buffer.alloc(128 * 1024, 0x20));
    });
    expect(answer.status).toBe(413);
    expect((JSON.parse(answer.body) as { code: string }).code).toBe('INPUT_TOO_LARGE');
    expect((await ca.raw('/livez')).status).toBe(200);
  });

  it('refuses: a body where none is expected', async () => {
    const response = await ca.raw('/v1/sessions/current', { method: 'DELETE', headers: { 'content-type': 'application/json', authorization: `Bearer ${who.token}` }, body: '{"all":true}' });
    expect((await problemOf(response)).problem.code).toBe('INPUT_INVALID');
  });
});

describe('addresses', () => {
  it.each(['/nowhere', '/v1/orders/../../etc/passwd', '/v1/../ca/none.cer', '/ca/none.cer', '/ca/..%2f..%2fpasswd.cer', '/crl/none.crl', '/crl/none', '/sandbox/..%2fmain.ts'])('refuses: %s', async (path) => {
    const refusal = await problemOf(await ca.raw(path));
    expect([refusal.status, refusal.problem.code]).toEqual([404, 'NOT_FOUND']);
  });

  it.each(['/v1/orders/', '/ca/', '/crl/'])('refuses: a parameter longer than any, at %s', async (path) => {
    const refusal = await problemOf(await ca.raw(path + 'a'.repeat(300)));
    expect([refusal.status, refusal.problem.code]).toEqual([400, 'INPUT_INVALID']);
  });

  it('refuses: a path that cannot be decoded, a parameter that is no id', async () => {
    expect((await problemOf(await ca.raw('/v1/orders/%zz'))).status).toBe(400);
    const refusal = await ca.refusal('getOrder', { token: who.token, params: { orderId: "1' OR '1'='1" } });
    expect([refusal.problem.code, refusal.problem.errors?.[0]?.pointer]).toEqual(['INPUT_INVALID', '/path/orderId']);
  });

  it('ok: the type of a problem leads to a page that explains its code', async () => {
    const { problem } = await ca.refusal('getMyAccount');
    const page = await (await fetch(problem.type)).text();
    expect(page).toContain(`id="${new URL(problem.type).hash.slice(1)}"`);
    for (const code of Object.keys(ERROR_TABLE)) expect(page).toContain(`id="${code}"`);
  });

  it('ok: the trace id of a problem is in its header too', async () => {
    const { headers, problem } = await ca.refusal('getMyAccount');
    expect(headers.get('x-trace-id')).toBe(problem.traceId);
  });
});

describe('foreign pages', () => {
  const raw = (headers: Record<string, string>, method = 'GET', path = '/v1/sandbox/messages') =>
    new Promise<{ status: number; allowOrigin: unknown }>((settle, fail) => {
      request(`${ca.url}${path}`, { method, headers }, (incoming) => {
        incoming.resume();
        settle({ status: incoming.statusCode ?? 0, allowOrigin: incoming.headers['access-control-allow-origin'] });
      }).on('error', fail).end();
    });

  it('refuses: another origin, a null origin, its preflight, and a name that was re-bound to us', async () => {
    expect(await raw({ origin: 'https://evil.example' })).toEqual({ status: 403, allowOrigin: undefined });
    expect(await raw({ origin: 'null' })).toEqual({ status: 403, allowOrigin: undefined });
    expect((await raw({ origin: 'https://evil.example', 'access-control-request-method': 'POST' }, 'OPTIONS', '/v1/orders')).status).toBe(403);
    expect((await raw({ host: `evil.example:${new URL(ca.url).port}` })).status).toBe(403);
    expect((await raw({ origin: ca.url })).status).toBe(200);
  });

  it('ok: pages carry a policy without any foreign or inline code, everything else the strictest one', async () => {
    for (const path of ['/sandbox', '/docs', '/docs/errors']) {
      const response = await ca.raw(path);
      const html = await response.text();
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'none'/);
      expect(policy).not.toContain('unsafe');
      expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
      expect(html).not.toMatch(/<script(?! src="\/sandbox\/sandbox\.js")|\son\w+=|style=/);
    }
    expect(await (await ca.raw('/sandbox')).text()).toContain('沙箱 SANDBOX');
    const api = await ca.raw('/v1/service');
    expect(api.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect([api.headers.get('x-content-type-options'), api.headers.get('cache-control')]).toEqual(['nosniff', 'no-store']);
  });
});

describe('limits', () => {
  it('refuses: more calls than the policy allows, says when to come back, and counts anew then', async () => {
    const small = await testCa({ ratePolicies: { 'log-in': { quota: 3, windowMs: 60_000 }, general: { quota: 10, windowMs: 60_000 } } });
    try {
      const logIn = () => small.refusal('createSession', { body: { loginName: `x${newKey()}`, password: 'wrong' } });
      for (let call = 0; call < 3; call += 1) expect((await logIn()).problem.code).toBe('LOGIN_FAILED');
      small.advance(20_000);
      const limited = await logIn();
      expect([limited.status, limited.problem.code, limited.headers.get('retry-after')]).toEqual([429, 'RATE_LIMITED', '40']);
      expect([limited.headers.get('ratelimit-policy'), limited.headers.get('ratelimit')]).toEqual(['"log-in";q=3;w=60', '"log-in";r=0;t=40']);
      for (let call = 0; call < 6; call += 1) await small.raw('/livez');
      expect((await problemOf(await small.raw('/livez'))).problem.code).toBe('RATE_LIMITED');
      small.advance(40_000);
      expect((await logIn()).problem.code).toBe('LOGIN_FAILED');
    } finally {
      await small.stop();
    }
  });
});

describe('self-tests', () => {
  it('refuses: a check that throws has failed, and the operator is told why', async () => {
    const faults: [string, unknown][] = [];
    const torn = new Error('torn');
    const ports = { ...ca.ports, textSeal: { ...ca.ports.textSeal, open: () => { throw torn; } } };
    const report = await runSelfTests(ports, (name, thrown) => faults.push([name, thrown]));
    expect([report.passed, report.tests.filter(({ passed }) => !passed).map(({ name }) => name), faults]).toEqual([false, ['message-seal'], [['message-seal', torn]]]);
  });
});

describe('staff', () => {
  it('refuses: the audit log to a subscriber and to nobody; ok: to staff', async () => {
    expect((await ca.refusal('listAudit')).problem.code).toBe('UNAUTHENTICATED');
    expect((await ca.refusal('listAudit', { token: who.token })).problem.code).toBe('FORBIDDEN');
    expect((await ca.refusal('verifyAudit', { token: who.token })).problem.code).toBe('FORBIDDEN');
    const password = ca.ports.service.sandbox?.demoLogin?.password ?? '';
    const staff = await ca.call('createSession', { body: { loginName: DEMO_STAFF_LOGIN_NAME, password } });
    expect((await ca.call('listAudit', { token: staff.accessToken })).items.length).toBeGreaterThan(0);
  });
});

describe('without the sandbox', () => {
  it('refuses: every address of it, and payments without a provider', async () => {
    const bare = await testCa({ sandbox: false, demo: false });
    try {
      expect((await bare.call('getServiceInfo')).sandbox).toBeNull();
      for (const path of ['/sandbox', '/sandbox/sandbox.js', '/v1/sandbox/messages', '/v1/sandbox/payments']) expect((await bare.raw(path)).status).toBe(404);
      expect(() => bare.ports.paymentProvider.checkoutUrl({ paymentId: 'p', orderNumber: 'n', amountFen: 1 })).toThrow(ERROR_TABLE.PROVIDER_UNAVAILABLE.message);
    } finally {
      await bare.stop();
    }
  });
});
