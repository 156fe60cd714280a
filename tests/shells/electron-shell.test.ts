/** The Electron shell on the fake: what is asked of Electron, and what happens to callers and pages that are not ours. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src-main/report/log.ts';
import { createDispatch } from '../../src-main/shells/dispatch.ts';
import { answerScreenRequest } from '../../src-main/shells/electron/app-protocol.ts';
import { CALL_CHANNEL, EVENT_CHANNEL } from '../../src-main/shells/electron/channels.ts';
import { startElectronShell } from '../../src-main/shells/electron/electron-shell.ts';
import { isPageOf } from '../../src-main/shells/electron/guard-contents.ts';
import type { LaunchedBidKey } from '../../src-main/shells/launch/launched-bidkey.ts';
import { createFakeElectron, preventable, type FakeBrowserWindow, type FakeElectron, type FakeFrame, type FakeSession } from './fake-electron/fake-electron.ts';
import { standInEngine, type StandInEngine } from './stand-in-engine.ts';

let folder: string;
let fake: FakeElectron;
let engine: StandInEngine;
let closed: number;
let log: ReturnType<typeof createLog>;

const launch = async (): Promise<LaunchedBidKey> => ({
  engine, dispatch: createDispatch(engine), dataFolder: folder, log, embeddedCa: null, demoKey: null, demoKeyError: null,
  close: async () => { closed += 1; },
});
const start = () => startElectronShell(fake.apis, { dataFolder: folder, screensFolder: folder, preload: '/preload.cjs', title: 'BidKey', launch });
const window = (): FakeBrowserWindow => fake.windows[0] as FakeBrowserWindow;
const session = (): FakeSession => window().options.webPreferences.session;
const ownFrame = (): FakeFrame => window().webContents.mainFrame;
const call = (event: unknown) => fake.ipcMain.invoke(event, CALL_CHANNEL, 'app.info', null);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bidkey-electron-'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><head></head>');
  fake = createFakeElectron();
  engine = standInEngine();
  log = createLog({ now: () => new Date(), file: null });
  closed = 0;
});
afterEach(async () => {
  // Ends the private channel, as quitting the app does.
  if (fake.app.exitCode === null && fake.windows.length > 0) {
    fake.app.quit();
    await new Promise((done) => fake.app.once('quit', done));
  }
  process.removeAllListeners('SIGINT');
  process.removeAllListeners('SIGTERM');
  await rm(folder, { recursive: true });
});

describe('start', () => {
  it('ok: every protection of the window is named', async () => {
    await start();
    const { session: own, preload, devTools, ...protections } = window().options.webPreferences;
    expect(protections).toEqual({
      sandbox: true, contextIsolation: true, nodeIntegration: false, nodeIntegrationInWorker: false, nodeIntegrationInSubFrames: false, webSecurity: true,
      allowRunningInsecureContent: false, experimentalFeatures: false, webviewTag: false, navigateOnDragDrop: false, safeDialogs: true, spellcheck: false,
    });
    expect(preload).toBe('/preload.cjs');
    expect(devTools).toBe(true);
    expect(own.partition).not.toMatch(/^persist:/);
  });

  it('ok: sandbox for all, own scheme with few privileges, no menu, no crash reporter, data in our folder', async () => {
    await start();
    expect(fake.app.sandboxEnabled).toBe(true);
    expect(fake.schemes).toEqual([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
    expect(fake.menus).toEqual([null]);
    expect(fake.app.switches).toEqual(['disable-breakpad']);
    expect(fake.app.paths.get('userData')).toBe(join(folder, 'electron'));
    expect(ownFrame().url).toBe('app://bidkey/');
  });

  it('ok: the screens call the engine while they are still loading', async () => {
    const answers: Promise<unknown>[] = [];
    fake = createFakeElectron((made) => made.on('fake-load', () => answers.push(call({ sender: made.webContents, senderFrame: made.webContents.mainFrame }))));
    await start();
    expect(await Promise.all(answers)).toMatchObject([{ ok: true }]);
  });

  it('refuses: a second instance, and the first one comes to the front', async () => {
    fake.app.lockGranted = false;
    expect(await start()).toBeNull();
    expect(fake.app.exitCode).toBe(0);
    expect(fake.windows).toHaveLength(0);

    fake = createFakeElectron();
    await start();
    fake.app.emit('second-instance');
    expect(window().focused).toBe(1);
  });

  it('ok: quitting waits for the engine to end', async () => {
    await start();
    fake.app.quit();
    expect(fake.app.exitCode).toBeNull();
    await new Promise((done) => fake.app.once('quit', done));
    expect(closed).toBe(1);
    expect(engine.listeners()).toBe(0);
  });

  it('ok: closing the last window quits', async () => {
    await start();
    window().close();
    fake.app.emit('window-all-closed');
    await new Promise((done) => fake.app.once('quit', done));
    expect(closed).toBe(1);
  });
});

describe('a call', () => {
  it('ok: from the main frame of our window reaches the engine', async () => {
    await start();
    expect(await call({ sender: window().webContents, senderFrame: ownFrame() })).toMatchObject({ ok: true });
    expect(engine.calls).toHaveLength(1);
  });

  it('ok: there is one channel and no other', async () => {
    await start();
    expect([...fake.ipcMain.handlers.keys()]).toEqual([CALL_CHANNEL]);
  });

  it.each<[string, () => unknown]>([
    ['a frame that is gone', () => ({ sender: window().webContents, senderFrame: null })],
    ['another window', () => ({ sender: {}, senderFrame: ownFrame() })],
    ['a frame inside our page', () => ({ sender: window().webContents, senderFrame: { url: 'app://bidkey/frame', origin: 'app://bidkey', parent: ownFrame() } })],
    ['a frame that only looks like the main one', () => ({ sender: window().webContents, senderFrame: { ...ownFrame() } })],
  ])('refuses: from %s', async (_name, event) => {
    await start();
    expect(await call(event())).toMatchObject({ ok: false, error: { code: 'SHELL_CALLER_REFUSED' } });
    expect(engine.calls).toEqual([]);
  });

  it.each<[string, Omit<FakeFrame, 'parent'>]>([
    ['a web page', { url: 'https://evil.example/', origin: 'https://evil.example' }],
    ['another host of our scheme', { url: 'app://evil/', origin: 'app://evil' }],
    ['a host that begins like ours', { url: 'app://bidkey.evil/', origin: 'app://bidkey.evil' }],
    ['a file', { url: 'file:///etc/passwd', origin: 'file://' }],
    ['an empty page with our origin', { url: 'about:blank', origin: 'app://bidkey' }],
    ['a data page', { url: 'data:text/html,x', origin: 'null' }],
    ['no address', { url: '', origin: '' }],
  ])('refuses: our window showing %s', async (_name, place) => {
    await start();
    window().webContents.mainFrame = { ...place, parent: null };
    expect(await call({ sender: window().webContents, senderFrame: ownFrame() })).toMatchObject({ ok: false, error: { code: 'SHELL_CALLER_REFUSED' } });
    expect(engine.calls).toEqual([]);
  });

  it('refuses: after the window was closed', async () => {
    await start();
    const event = { sender: window().webContents, senderFrame: ownFrame() };
    window().close();
    expect(await call(event)).toMatchObject({ ok: false, error: { code: 'SHELL_CALLER_REFUSED' } });
  });

  it('ok: events go to our window, and none to a closed one', async () => {
    await start();
    const event = { name: 'session.changed', data: { account: null } } as const;
    engine.emit(event);
    expect(window().webContents.sent).toEqual([[EVENT_CHANNEL, event]]);
    window().close();
    engine.emit(event);
    expect(window().webContents.sent).toHaveLength(1);
  });
});

describe('pages', () => {
  it.each([['the web', 'https://evil.example/'], ['a file', 'file:///etc/passwd'], ['another host of our scheme', 'app://evil/'], ['a script', 'javascript:alert(1)'], ['a data page', 'data:text/html,x']])('refuses: going to %s', async (_name, url) => {
    await start();
    const event = preventable({ url, isMainFrame: true });
    window().webContents.emit('will-frame-navigate', event);
    expect(event.defaultPrevented).toBe(true);
  });

  it('refuses: any navigation of an inner frame, any redirect, any webview', async () => {
    await start();
    const events = { 'will-frame-navigate': preventable({ url: 'app://bidkey/', isMainFrame: false }), 'will-redirect': preventable({}), 'will-attach-webview': preventable({}) };
    for (const [name, event] of Object.entries(events)) window().webContents.emit(name, event);
    expect(Object.values(events).map((event) => event.defaultPrevented)).toEqual([true, true, true]);
  });

  it('ok: loading our own page anew', async () => {
    await start();
    const event = preventable({ url: 'app://bidkey/index.html', isMainFrame: true });
    window().webContents.emit('will-frame-navigate', event);
    expect(event.defaultPrevented).toBe(false);
  });

  it.each([['https://evil.example/', 0], ['file:///etc/passwd', 0], ['http://127.0.0.1:9@evil.example/', 0], ['http://user:pass@127.0.0.1:9/', 0], ['http://127.0.0.1:90/', 0], ['smb://127.0.0.1:9/', 0], ['nonsense', 0], ['http://127.0.0.1:9/sandbox', 1]])('window.open(%s) opens no window; the system browser gets it %i times', async (url, times) => {
    await start();
    expect(window().webContents.windowOpenHandler?.({ url })).toEqual({ action: 'deny' });
    await new Promise((done) => setImmediate(done));
    await new Promise((done) => setImmediate(done));
    expect(fake.openedExternally).toHaveLength(times);
    expect(fake.windows).toHaveLength(1);
  });

  it('ok: the rule for the system browser takes exactly one origin', () => {
    expect(isPageOf('https://ca.example/sandbox?x=1', 'https://ca.example')).toBe(true);
    expect(isPageOf('https://ca.example.evil/', 'https://ca.example')).toBe(false);
    expect(isPageOf('http://ca.example/', 'https://ca.example')).toBe(false);
  });

  it('ok: windows that Electron makes later are guarded as well', async () => {
    await start();
    const later = new fake.apis.BrowserWindow(window().options as never) as unknown as FakeBrowserWindow;
    expect(later.webContents.windowOpenHandler?.({ url: 'https://evil.example/' })).toEqual({ action: 'deny' });
  });

  it('refuses: permissions, devices, downloads, dictionaries', async () => {
    await start();
    const ask = (permission: string, requestingUrl: string, isMainFrame = true) => {
      let answer: boolean | null = null;
      session().permissionRequest?.({}, permission, (allowed) => { answer = allowed; }, { isMainFrame, requestingUrl });
      return answer;
    };
    for (const permission of ['media', 'geolocation', 'notifications', 'midi', 'usb', 'hid', 'serial', 'openExternal', 'fullscreen', 'clipboard-read', 'display-capture', 'fileSystem']) {
      expect([permission, ask(permission, 'app://bidkey/'), session().permissionCheck?.({}, permission, 'app://bidkey/')]).toEqual([permission, false, false]);
    }
    expect(ask('clipboard-sanitized-write', 'app://bidkey/')).toBe(true);
    expect(ask('clipboard-sanitized-write', 'app://bidkey/', false)).toBe(false);
    expect(ask('clipboard-sanitized-write', 'https://evil.example/')).toBe(false);
    expect(session().devicePermission?.()).toBe(false);
    const download = preventable({});
    session().emit('will-download', download);
    expect(download.defaultPrevented).toBe(true);
    expect(session().spellChecker).toBe(false);
  });

  it('refuses: the network', async () => {
    await start();
    for (const url of ['https://evil.example/x', 'http://127.0.0.1:9/', 'file:///etc/passwd', 'ws://evil.example/', 'app://evil/']) expect([url, session().allowsRequest(url)]).toEqual([url, false]);
    expect(session().allowsRequest('app://bidkey/assets/index.js')).toBe(true);
  });

  it('refuses: bad certificates, client certificates, password questions', async () => {
    await start();
    const certificate = preventable({});
    let goOn: boolean | null = null;
    fake.app.emit('certificate-error', certificate, {}, 'https://x', 'ERR', {}, (answer: boolean) => { goOn = answer; });
    const others = [preventable({}), preventable({})];
    fake.app.emit('select-client-certificate', others[0]);
    fake.app.emit('login', others[1]);
    expect([certificate.defaultPrevented, goOn, others[0]?.defaultPrevented, others[1]?.defaultPrevented]).toEqual([true, false, true, true]);
  });
});

describe('app://bidkey/', () => {
  it('ok: serves the screens with the content security policy', async () => {
    const answer = await answerScreenRequest(folder, { url: 'app://bidkey/', method: 'GET' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; /);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each([
    'app://bidkey/../secret.txt', 'app://bidkey/%2e%2e/secret.txt', 'app://bidkey/..%2fsecret.txt', 'app://bidkey/..\\secret.txt', 'app://bidkey//etc/passwd', 'app://bidkey/index.html%00.js',
    'app://evil/index.html', 'app://bidkey.evil/index.html', 'app://user@bidkey/index.html', 'app://bidkey:80/index.html', 'file:///etc/passwd', 'app:index.html',
  ])('refuses: %s', async (url) => {
    await writeFile(join(folder, '..', 'secret.txt'), 'secret');
    const answer = await answerScreenRequest(folder, { url, method: 'GET' });
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-security-policy')).not.toBeNull();
    await rm(join(folder, '..', 'secret.txt'));
  });

  it.each(['POST', 'PUT', 'HEAD'])('refuses: method %s', async (method) => {
    expect((await answerScreenRequest(folder, { url: 'app://bidkey/', method })).status).toBe(404);
  });
});
