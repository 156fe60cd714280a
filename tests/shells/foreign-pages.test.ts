/** Pages of other origins in a real browser that has an open session with the local shell: none of them may call it or read from it. */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src-main/report/log.ts';
import { createDispatch } from '../../src-main/shells/dispatch.ts';
import { startLocalHost, type LocalHost } from '../../src-main/shells/local/local-host.ts';
import { launchChromium } from '../support/chromium.ts';
import { standInEngine } from './stand-in-engine.ts';

const engine = standInEngine();
let folder: string;
let host: LocalHost;
let foreign: Server;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bidkey-foreign-'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>screens</title><h1>our screens</h1>');
  host = await startLocalHost({ engine, dispatch: createDispatch(engine), screensFolder: folder, port: 0, nowMs: Date.now, log: createLog({ now: () => new Date(), file: null }) });
  foreign = createServer((_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>foreign</title>')).listen(0, '127.0.0.1');
  await once(foreign, 'listening');
  // A name of the attacker that now leads to this machine: DNS rebinding.
  browser = await launchChromium(['--host-resolver-rules=MAP rebound.example 127.0.0.1']);
  context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(host.newLink());
  await page.waitForURL(`${host.origin}/`);
  await page.close();
});
afterAll(async () => {
  await browser.close();
  await host.close();
  foreign.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => { engine.calls.length = 0; });

const foreignOrigins = () => {
  const port = (foreign.address() as AddressInfo).port;
  return { 'another port of the same machine': `http://127.0.0.1:${port}`, 'another site': `http://rebound.example:${port}` };
};

async function onPage<T>(url: string, run: (page: Page) => Promise<T>): Promise<T> {
  const page = await context.newPage();
  try {
    await page.goto(url);
    return await run(page);
  } finally {
    await page.close();
  }
}

describe('our own page', () => {
  it('ok: opened by a link it has a session, and the token is gone from address, history and referrer', async () => {
    const page = await (await browser.newContext()).newPage();
    const link = host.newLink();
    await page.goto(link);
    await page.waitForURL(`${host.origin}/`);
    expect(await page.textContent('h1')).toBe('our screens');
    expect(await page.evaluate(() => `${location.href} ${document.referrer}`)).not.toContain(new URL(link).hash.slice(1));
    // HttpOnly: no script, ours neither, can read the session.
    expect(await page.evaluate(() => document.cookie)).toBe('');
    await page.goBack();
    expect(page.url()).toBe('about:blank');
    await page.context().close();
  });

  it('ok: it calls the engine', async () => {
    await onPage(`${host.origin}/`, async (page) => {
      const answer = await page.evaluate(() => fetch('/api/call/app.info', { method: 'POST', headers: { 'content-type': 'application/json' }, body: 'null' }).then((response) => response.json()));
      expect(answer).toMatchObject({ ok: true });
    });
    expect(engine.calls).toHaveLength(1);
  });

  it('refuses: a used link in another browser, with advice; in the same browser it leads to the screens', async () => {
    const link = host.newLink();
    await onPage(link, (page) => page.waitForURL(`${host.origin}/`));
    await onPage(link, (page) => page.waitForURL(`${host.origin}/`));
    const stranger = await (await browser.newContext()).newPage();
    await stranger.goto(link);
    await stranger.waitForSelector('#refused:not([hidden])');
    expect(await stranger.textContent('#refused')).toContain('bidkey open');
    expect(stranger.url()).toBe(`${host.origin}/open`);
    await stranger.context().close();
  });

  it('refuses: inline scripts and foreign connections, by its content security policy', async () => {
    await onPage(`${host.origin}/`, async (page) => {
      const violations = await page.evaluate(async () => {
        const seen: string[] = [];
        document.addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective));
        const script = document.createElement('script');
        script.textContent = 'window.injected = true';
        document.body.append(script);
        await fetch('http://rebound.example/').catch(() => undefined);
        await new Promise((done) => setTimeout(done, 100));
        return [...seen, String((window as unknown as { injected?: boolean }).injected)];
      });
      expect(violations).toEqual(['script-src-elem', 'connect-src', 'undefined']);
    });
  });
});

describe.each(['another port of the same machine', 'another site'] as const)('a page of %s', (which) => {
  it('refuses: calls in every way that a page can send one', async () => {
    await onPage(foreignOrigins()[which], async (page) => {
      const outcomes = await page.evaluate(async (origin) => {
        const url = `${origin}/api/call/app.info`;
        const attempt = (init: RequestInit) => fetch(url, init).then((response) => `${response.type} ${response.status}`, () => 'failed');
        return [
          await attempt({ method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body: 'null' }),
          await attempt({ method: 'POST', credentials: 'include', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body: 'null' }),
          await attempt({ method: 'GET', credentials: 'include', mode: 'no-cors' }),
          String(navigator.sendBeacon(url, new Blob(['null'], { type: 'text/plain' }))),
        ];
      }, host.origin);
      expect(outcomes[0]).toBe('failed');
      expect(outcomes[1]).toMatch(/^(opaque 0|failed)$/);
    });
    expect(engine.calls).toEqual([]);
  });

  it('refuses: a form that is sent there', async () => {
    await onPage(foreignOrigins()[which], async (page) => {
      await page.evaluate((origin) => {
        const form = document.createElement('form');
        form.method = 'POST';
        form.enctype = 'text/plain';
        form.action = `${origin}/api/call/app.info`;
        document.body.append(form);
        form.submit();
      }, host.origin);
      await page.waitForURL(`${host.origin}/api/call/app.info`);
      expect(await page.textContent('body')).toContain('SHELL_CALLER_REFUSED');
    });
    expect(engine.calls).toEqual([]);
  });

  it('refuses: reading events, framing the screens, loading them as a script', async () => {
    await onPage(foreignOrigins()[which], async (page) => {
      const outcomes = await page.evaluate(async (origin) => {
        const events = await new Promise<string>((done) => {
          const stream = new EventSource(`${origin}/api/events`, { withCredentials: true });
          stream.onopen = () => done('open');
          stream.onerror = () => done('refused');
        });
        const script = await new Promise<string>((done) => {
          const element = document.createElement('script');
          element.onload = () => done('loaded');
          element.onerror = () => done('refused');
          element.src = `${origin}/open.js`;
          document.head.append(element);
        });
        const frame = await new Promise<string>((done) => {
          const element = document.createElement('iframe');
          element.onload = () => done(element.contentDocument === null ? 'not readable' : (element.contentDocument.title || 'empty'));
          element.src = `${origin}/`;
          document.body.append(element);
        });
        return { events, script, frame };
      }, host.origin);
      expect(outcomes).toEqual({ events: 'refused', script: 'refused', frame: 'not readable' });
      const framed = page.frames().find((frame) => frame !== page.mainFrame());
      expect(await framed?.textContent('body').catch(() => '') ?? '').not.toContain('our screens');
    });
  });
});

it('refuses: a foreign name that leads to our own port (DNS rebinding)', async () => {
  const port = new URL(host.origin).port;
  await onPage(`http://rebound.example:${port}/`, async (page) => {
    expect(await page.textContent('body')).toContain('SHELL_CALLER_REFUSED');
    const answer = await page.evaluate(() => fetch('/api/call/app.info', { method: 'POST', headers: { 'content-type': 'application/json' }, body: 'null' }).then((response) => response.json()));
    expect(answer).toMatchObject({ ok: false, error: { code: 'SHELL_CALLER_REFUSED' } });
  });
  expect(engine.calls).toEqual([]);
});
