/** The loopback web host against hostile callers, byte for byte over HTTP. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDispatch } from '../../src-main/shells/dispatch.ts';
import { startLocalHost, type LocalHost } from '../../src-main/shells/local/local-host.ts';
import { MAX_BODY_BYTES } from '../../src-main/shells/local/read-json-body.ts';
import { createLog } from '../../src-main/report/log.ts';
import { sendRaw, type RawAnswer, type RawRequest } from './raw-http.ts';
import { standInEngine, STAND_IN_INFO } from './stand-in-engine.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const engine = standInEngine();
let folder: string;
let host: LocalHost;
let nowMs = 1_000_000;
let cookie: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bidkey-host-'));
  const screensFolder = join(folder, 'renderer');
  await mkdir(join(screensFolder, 'assets'), { recursive: true });
  await writeFile(join(screensFolder, 'index.html'), '<!doctype html><title>screens</title>');
  await writeFile(join(screensFolder, 'assets', 'index.js'), 'export {};');
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await symlink(join(folder, 'secret.txt'), join(screensFolder, 'link.txt'));
  host = await startLocalHost({ engine, dispatch: createDispatch(engine), screensFolder, port: 0, nowMs: () => nowMs, log: createLog({ now: () => new Date(), file: null }) });
  cookie = await openSession();
});
afterAll(async () => {
  await host.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => { engine.calls.length = 0; });

const tokenOf = (link: string) => new URL(link).hash.slice(1);
const redeem = (token: string, headers: RawRequest['headers'] = {}) => send({ method: 'POST', target: '/api/session', headers: { origin: host.origin, ...JSON_TYPE, ...headers }, body: JSON.stringify({ token }) });
const send = (request: RawRequest): Promise<RawAnswer> => sendRaw(host.origin, request);
const callInfo = (headers: RawRequest['headers'] = {}, body: string | Buffer = 'null') => send({ method: 'POST', target: '/api/call/app.info', headers: { origin: host.origin, cookie, ...JSON_TYPE, ...headers }, body });

async function openSession(): Promise<string> {
  const answer = await redeem(tokenOf(host.newLink()));
  expect(answer.status).toBe(204);
  return (answer.headers['set-cookie'] ?? '').split(';')[0] ?? '';
}

describe('a link', () => {
  it('ok: holds its token in the fragment and opens a session once', async () => {
    const link = host.newLink();
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/open#[\w-]{43}$/);
    const first = await redeem(tokenOf(link));
    expect(first.status).toBe(204);
    expect(first.headers['set-cookie']).toMatch(/^bidkey_\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    const second = await redeem(tokenOf(link));
    expect(second.status).toBe(403);
    expect(second.headers['set-cookie']).toBeUndefined();
    expect(JSON.parse(second.body)).toMatchObject({ ok: false, error: { code: 'SHELL_TOKEN_INVALID' } });
  });

  it('refuses: a link older than an hour', async () => {
    const token = tokenOf(host.newLink());
    nowMs += 60 * 60 * 1000;
    expect((await redeem(token)).status).toBe(403);
  });

  it.each([['guessed', 'A'.repeat(43)], ['empty', ''], ['cut short', 'x'], ['very long', 'A'.repeat(10_000)]])('refuses: a %s token', async (_name, token) => {
    expect((await redeem(token)).status).toBe(403);
  });

  it('refuses: a token from a foreign origin, and it stays good for its owner', async () => {
    const token = tokenOf(host.newLink());
    expect((await redeem(token, { origin: 'http://evil.example' })).status).toBe(403);
    expect((await redeem(token, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await redeem(token)).status).toBe(204);
  });

  it('ok: the page behind it holds no token and may be opened from anywhere, also from a file', async () => {
    const page = await send({ target: '/open', headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' } });
    expect(page.status).toBe(200);
    expect(page.body).not.toMatch(/<script>|onclick/);
    expect((await send({ target: '/open', headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' } })).status).toBe(403);
  });

  it('ok: without a session the screens answer with a page that says how to get a new link', async () => {
    const answer = await send({ target: '/' });
    expect(answer.status).toBe(403);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.body).toContain('bidkey open');
  });
});

describe('a call', () => {
  it('ok: from our own page with a session reaches the engine', async () => {
    const answer = await callInfo({ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ ok: true, value: STAND_IN_INFO });
  });

  it('ok: an error of the engine is a result with status 200', async () => {
    const answer = await send({ method: 'POST', target: '/api/call/session.get', headers: { origin: host.origin, cookie, ...JSON_TYPE }, body: 'null' });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ ok: false, error: { code: 'NOT_SIGNED_IN', details: {} } });
  });

  it.each<[string, number, Record<string, string | null>]>([
    ['a rebound name in Host', 403, { host: 'evil.example:80' }],
    ['localhost in Host', 403, { host: 'localhost' }],
    ['the right name with another port in Host', 403, { host: '127.0.0.1:1' }],
    ['a trailing dot in Host', 403, { host: '127.0.0.1.:80' }],
    ['a foreign Origin', 403, { origin: 'http://evil.example' }],
    ['Origin null', 403, { origin: 'null' }],
    ['https of our own address as Origin', 403, { origin: 'https://127.0.0.1' }],
    ['no Origin', 403, { origin: null }],
    ['another port of 127.0.0.1 (same site, other program)', 403, { 'sec-fetch-site': 'same-site' }],
    ['a foreign site', 403, { 'sec-fetch-site': 'cross-site' }],
    ['a call typed into the address bar', 403, { 'sec-fetch-site': 'none' }],
    ['no cookie', 403, { cookie: null }],
    ['a cookie of another name', 403, { cookie: 'bidkey=AAAA' }],
    ['a guessed cookie', 403, { cookie: 'bidkey_1=AAAA' }],
    ['a form type', 400, { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a text type', 400, { 'content-type': 'text/plain' }],
    ['a JSON-like type', 400, { 'content-type': 'application/json-patch+json' }],
    ['another charset', 400, { 'content-type': 'application/json; charset=utf-16' }],
    ['no type', 400, { 'content-type': null }],
    ['a packed body', 400, { 'content-encoding': 'gzip' }],
  ])('refuses: %s', async (_name, status, headers) => {
    const answer = await callInfo(headers);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ ok: false });
    expect(engine.calls).toEqual([]);
  });

  it('refuses: the right cookie value under the name of another port', async () => {
    expect((await callInfo({ cookie: cookie.replace(/^bidkey_\d+/, 'bidkey_1') })).status).toBe(403);
  });

  it('ok: our cookie is found among others', async () => {
    expect((await callInfo({ cookie: `other=1; ${cookie};bidkey_x=2` })).status).toBe(200);
  });

  it.each([['cut JSON', '{"a":'], ['two values', '1 2'], ['empty', ''], ['broken UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])]])('refuses: a body of %s, without repeating it', async (_name, body) => {
    const answer = await callInfo({}, body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toEqual({ ok: false, error: { code: 'INPUT_INVALID', details: { fields: [''] } } });
  });

  it('refuses: a body of 10 MB by its length, before reading it', async () => {
    const answer = await callInfo({}, Buffer.alloc(10 * 1024 * 1024, 0x20));
    expect(answer.status).toBe(413);
    expect(engine.calls).toEqual([]);
  });

  it('refuses: a body that grows beyond the limit without having said so', async () => {
    const chunk = `${MAX_BODY_BYTES.toString(16)}\r\n${' '.repeat(MAX_BODY_BYTES)}\r\n`;
    const answer = await callInfo({ 'content-length': null, 'transfer-encoding': 'chunked' }, `${chunk}${chunk}0\r\n\r\n`);
    expect(answer.status).toBe(413);
  });

  it('ok: a call that carries a file may be as large as its row says; refuses: more than that, and any other call of that size', async () => {
    const call = (method: string, bytes: number) => send({ method: 'POST', target: `/api/call/${method}`, headers: { origin: host.origin, cookie, ...JSON_TYPE }, body: JSON.stringify({ content: 'A'.repeat(bytes) }) });
    expect((await call('requests.addMaterial', 5 * 1024 * 1024)).status).toBe(200);
    expect(engine.calls.map(({ method }) => method)).toEqual(['requests.addMaterial']);
    expect((await call('requests.addMaterial', 6 * 1024 * 1024)).status).toBe(413);
    for (const method of ['requests.submit', 'constructor']) expect((await call(method, MAX_BODY_BYTES)).status).toBe(413);
    expect(engine.calls).toHaveLength(1);
  });

  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'HEAD'])('refuses: method %s', async (method) => {
    const answer = await send({ method, target: '/api/call/app.info', headers: { origin: host.origin, cookie } });
    expect(answer.status).toBe(404);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(engine.calls).toEqual([]);
  });

  it.each(['/api/call/nothing', '/api/call/__proto__', '/api/call/app.info%00', '/api/call/app%2einfo', '/api/call/', '/api/call/app.info/../session.get'])('refuses: unknown method at %s', async (target) => {
    const answer = await send({ method: 'POST', target, headers: { origin: host.origin, cookie, ...JSON_TYPE }, body: 'null' });
    expect(JSON.parse(answer.body)).toMatchObject({ ok: false, error: { code: 'METHOD_UNKNOWN' } });
    expect(engine.calls).toEqual([]);
  });
});

describe('the screens', () => {
  const open = (target: string) => send({ target, headers: { cookie, 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' } });

  it.each(['/', '/index.html', '/orders/42', '/?a=1'])('ok: %s is the page of the screens', async (target) => {
    const answer = await open(target);
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('<title>screens</title>');
  });

  it('ok: every answer carries the content security policy and its companions', async () => {
    for (const target of ['/', '/assets/index.js', '/open', '/none.js', '/api/none']) {
      const { headers } = await send({ target, headers: { cookie } });
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; /);
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|https?:/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
      expect(headers['referrer-policy']).toBe('no-referrer');
    }
  });

  it.each([
    '/../secret.txt', '/assets/../../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/%2e%2e%2fsecret.txt', '/%252e%252e/secret.txt', '/..%5csecret.txt', '/..\\secret.txt', '/%00.js', '/index.html%00.js',
    '//secret.txt', '/./index.js', '/%c0%ae%c0%ae/secret.txt', '/link.txt', '/.hidden.txt', '/assets/index.js/', '/index.js:stream', 'http://127.0.0.1/index.html', '*', `/${'a'.repeat(3000)}`,
  ])('refuses: path %s', async (target) => {
    const answer = await open(target);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toBe('secret');
  });

  it('refuses: a script tag or a frame of another page', async () => {
    expect((await send({ target: '/assets/index.js', headers: { cookie, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' } })).status).toBe(403);
    expect((await send({ target: '/', headers: { cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' } })).status).toBe(403);
  });
});

describe('events', () => {
  /** Reads the stream until `until` appears. */
  function readStream(headers: Record<string, string>, until: string, onOpen: () => void): Promise<{ status: number; type: string; text: string }> {
    const { hostname, port } = new URL(host.origin);
    return new Promise((done, failed) => {
      const request = httpRequest({ host: hostname, port, path: '/api/events', headers: { cookie, ...headers } }, (response) => {
        let text = '';
        response.on('data', (bytes: Buffer) => {
          const first = text === '';
          text += bytes.toString('utf8');
          if (first) onOpen();
          if (!text.includes(until)) return;
          request.destroy();
          done({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text });
        });
      });
      request.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? undefined : failed(error)));
      request.end();
    });
  }

  it('ok: an event reaches a screen, also one that comes back with Last-Event-ID', async () => {
    const event = { name: 'session.changed', data: { account: null } } as const;
    for (const headers of [{}, { 'last-event-id': '999999' }, { 'last-event-id': 'nonsense' }]) {
      const stream = await readStream(headers as Record<string, string>, '"session.changed"', () => engine.emit(event));
      expect(stream.status).toBe(200);
      expect(stream.type).toBe('text/event-stream; charset=utf-8');
      expect(stream.text).toMatch(/^retry: 1000\n\n/);
      expect(stream.text).toMatch(/id: \d+\ndata: \{"name":"session\.changed","data":\{"account":null\}\}\n\n/);
    }
  });

  it('refuses: the stream without a session, to another site, and beyond sixteen', async () => {
    expect((await send({ target: '/api/events' })).status).toBe(403);
    expect((await send({ target: '/api/events', headers: { cookie, 'sec-fetch-site': 'same-site' } })).status).toBe(403);
    const { hostname, port } = new URL(host.origin);
    const open = await Promise.all(Array.from({ length: 16 }, () => new Promise<ReturnType<typeof httpRequest>>((done) => {
      const request = httpRequest({ host: hostname, port, path: '/api/events', headers: { cookie } }, () => done(request));
      request.on('error', () => undefined);
      request.end();
    })));
    expect((await send({ target: '/api/events', headers: { cookie } })).status).toBe(429);
    open.forEach((request) => request.destroy());
  });

  it('ok: closing the shell ends the streams', async () => {
    const own = standInEngine();
    const other = await startLocalHost({ engine: own, dispatch: createDispatch(own), screensFolder: folder, port: 0, nowMs: () => nowMs, log: createLog({ now: () => new Date(), file: null }) });
    expect(own.listeners()).toBe(1);
    await other.close();
    expect(own.listeners()).toBe(0);
    await expect(sendRaw(other.origin, { target: '/open' })).rejects.toThrow(/ECONNREFUSED/);
  });
});
