/**
 * The built Electron main and preload on the fake, the screens in real Chromium, the real engine, CA service and token hosts below: the page
 * sees nothing but `window.bidkey`, and the main job goes through it. The same in the real Electron when its binary is there.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type Browser, type Page } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BidKeyBridge } from '#shared/contract/desktop/bridge.ts';
import { electronBinary } from '../../tools/setup/choose-shell.mjs';
import { launchChromium } from '../support/chromium.ts';
import { descendants, ensureBuilt, lives, root, startProgram, until, type RunningProgramUnderTest } from './programs.ts';

declare global {
  interface Window {
    readonly bidkey: BidKeyBridge;
  }
}

const PICTURES = join(root, 'test-results', 'shells');

beforeAll(async () => {
  await ensureBuilt();
  mkdirSync(PICTURES, { recursive: true });
});

/** What every Electron, fake or real, must show: the screens, a narrow bridge, and a certificate on the demo key at the end. */
async function takeTheJourney(page: Page): Promise<void> {
  await page.waitForSelector('#root *');
  const world = await page.evaluate(() => ({
    members: Object.keys(window.bidkey).sort(), shell: window.bidkey.shell, frozen: Object.isFrozen(window.bidkey),
    node: [typeof (globalThis as { require?: unknown }).require, typeof (globalThis as { process?: unknown }).process, typeof (globalThis as { Buffer?: unknown }).Buffer, typeof (globalThis as { electron?: unknown }).electron],
  }));
  expect(world).toEqual({ members: ['call', 'onConnection', 'onEvent', 'shell'], shell: 'electron', frozen: true, node: ['undefined', 'undefined', 'undefined', 'undefined'] });
  expect(await page.evaluate(() => window.bidkey.call('nothing.here' as 'app.info', undefined))).toMatchObject({ ok: false, error: { code: 'METHOD_UNKNOWN' } });

  const written = await page.evaluate(writeThroughTheBridge);
  expect(written).toMatchObject({ state: 'completed', error: null, remainingQuantity: 1, eventKeys: ['data', 'name'] });
  expect(written.purposes).toEqual(['encrypt', 'sign']);
  await page.screenshot({ path: join(PICTURES, 'electron-home.png') });
}

/** Runs in the page, with nothing but the bridge. */
async function writeThroughTheBridge() {
  const bridge = window.bidkey;
  const ask = async <T,>(answer: Promise<{ ok: true; value: T } | { ok: false; error: { code: string } }>): Promise<T> => {
    const result = await answer;
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    return result.value;
  };
  const eventArguments: unknown[][] = [];
  const stop = bridge.onEvent((...heard: unknown[]) => eventArguments.push(heard));
  const { info } = await ask(bridge.call('app.caStatus', undefined));
  const login = info?.sandbox?.demoLogin;
  await ask(bridge.call('session.logIn', { loginName: login?.loginName ?? '', password: login?.password ?? '' }));
  const [pending] = (await ask(bridge.call('orders.listPendingWritings', {}))).items;
  let { tokens } = await ask(bridge.call('tokens.list', undefined));
  while (tokens.length < 2) tokens = (await ask(bridge.call('tokens.list', undefined))).tokens;
  const token = tokens[0];
  if (pending === undefined || token === undefined) throw new Error('nothing to write');
  const authorizationCode = (window as unknown as { testAuthorizationCode: string }).testAuthorizationCode;
  let deed = await ask(bridge.call('writing.startNewIssue', { requestId: pending.requestId, token: token.ref, tokenModelId: token.modelId ?? '', authorizationCode, pin: '111111' }));
  while (deed.state === 'running') {
    await new Promise((done) => setTimeout(done, 100));
    deed = await ask(bridge.call('writing.get', { deedId: deed.id }));
  }
  stop();
  const after = await ask(bridge.call('tokens.list', undefined));
  const certificates = after.tokens.find(({ ref }) => ref.serial === token.ref.serial)?.certificates ?? [];
  // Each listener call brings the event as plain data and nothing beside it.
  const [event] = eventArguments.find((heard) => heard.length === 1 && (heard[0] as { name: string }).name === 'deed.changed') ?? [];
  return { state: deed.state, error: deed.error, remainingQuantity: deed.remainingQuantity, purposes: certificates.map(({ purpose }) => purpose).sort(), eventKeys: Object.keys(event ?? {}).sort() };
}

/** The code from the sandbox inbox, as a person would read it from the phone. */
async function giveAuthorizationCode(page: Page): Promise<void> {
  const info = await page.evaluate(() => window.bidkey.call('app.info', undefined));
  if (!info.ok) throw new Error(info.error.code);
  const { items } = (await (await fetch(`${info.value.caBaseUrl}/v1/sandbox/messages`)).json()) as { items: { text: string }[] };
  const code = items.map(({ text }) => /操作授权码：(\d{6})/.exec(text)?.[1]).find((found) => found !== undefined);
  await page.evaluate((digits) => { (window as unknown as { testAuthorizationCode?: string }).testAuthorizationCode = digits; }, code);
}

describe('built main and preload on the fake Electron', () => {
  let dataFolder: string;
  let program: RunningProgramUnderTest;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    dataFolder = mkdtempSync(join(tmpdir(), 'bidkey-electron-'));
    program = startProgram(['--import', 'tsx', '--import', './tests/shells/fake-electron/register.mjs', 'dist/electron-main.js', '.', '--data', dataFolder]);
    const url = (await program.line(/"event":"window","url":"([^"]+)"/))[1] as string;
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN' });
    await page.goto(url);
  });
  afterAll(async () => {
    await browser?.close();
    program.child.kill('SIGKILL');
    await program.ended;
    rmSync(dataFolder, { recursive: true, force: true });
  });

  it('ok: the screens run under the policy, see a narrow bridge, and write a certificate', async () => {
    const problems: string[] = [];
    page.on('console', (message) => { if (message.type() === 'error') problems.push(message.text()); });
    page.on('pageerror', (error) => problems.push(error.message));
    await page.reload();
    await page.waitForSelector('#root *');
    await giveAuthorizationCode(page);
    await takeTheJourney(page);
    expect(problems).toEqual([]);
  });

  it('ok: quitting ends the utility processes', async () => {
    const below = descendants(program.child.pid as number);
    expect(below.length).toBeGreaterThanOrEqual(2);
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
    await until(() => !below.some(lives));
  });
});

const binary = electronBinary(root, process.env, process.platform);
const display = process.platform !== 'linux' || (process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'] ?? '') !== '';
describe('the real Electron', () => {
  it.skipIf(binary === null || !existsSync(binary) || !display)(`ok: the same journey (skipped when the Electron binary is not installed or there is no display)`, async () => {
    const dataFolder = mkdtempSync(join(tmpdir(), 'bidkey-electron-real-'));
    const app = await _electron.launch({ executablePath: binary as string, args: [root, '--data', dataFolder], cwd: root });
    try {
      const page = await app.firstWindow();
      await page.waitForSelector('#root *');
      await giveAuthorizationCode(page);
      await takeTheJourney(page);
    } finally {
      await app.close();
      rmSync(dataFolder, { recursive: true, force: true });
    }
  });
});
