/**
 * The real thing for journeys: the CA service (dist/ca.js, demo) behind a relay that can cut a call, and the local shell (dist/local.js) with its
 * demo keys, all in a folder of their own. The shell can be killed and started again on the same data.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { end, lineWith, READY_WITHIN_MS } from './programs.ts';
import { startRelay, type Relay } from './relay.ts';

const root = join(import.meta.dirname, '../../..');
/** Of a hook that starts both programs. */
export const SETUP_LIMIT_MS = 2 * READY_WITHIN_MS;

export interface LocalBidKey {
  /** One-time link to the screens; a new one after every start. */
  readonly link: string;
  readonly caUrl: string;
  readonly relay: Relay;
  /** Data folder of the shell; the demo keys live in it. */
  readonly dataFolder: string;
  readonly demoPin: string;
  readonly demoLogin: { readonly loginName: string; readonly password: string };
  /** Authorization code of that order, from the newest SMS in the sandbox. */
  authorizationCode(orderNumber: string): Promise<string>;
  /** SIGKILL, then a new start on the same data. @returns the new link */
  killAndRestart(): Promise<string>;
  close(): Promise<void>;
}

/**
 * @param environment added to that of the shell, for drivers that the test installs
 * @param way through the relay, where calls can be cut; direct where keys sign challenges, which name the service's own address
 */
export async function startLocalBidKey(environment: Readonly<Record<string, string>> = {}, way: 'relayed' | 'direct' = 'relayed'): Promise<LocalBidKey> {
  const folder = await mkdtemp(join(tmpdir(), 'bidkey-e2e-'));
  const ca = run('dist/ca.js', ['--data', join(folder, 'ca'), '--demo', '--log-level', 'error']);
  const ready: unknown = JSON.parse(await lineWith(ca, /"ready"/));
  const caUrl = (ready as { url: string }).url;
  const relay = await startRelay(caUrl);
  const startShell = () => run('dist/local.js', ['--no-open', '--data', join(folder, 'desktop'), '--ca', way === 'relayed' ? relay.url : caUrl], environment);
  let shell = startShell();
  let banner = await readBanner(shell);
  const info = (await (await fetch(`${caUrl}/v1/service`)).json()) as { sandbox: { demoLogin: { loginName: string; password: string } } };

  return {
    get link() {
      return banner.link;
    },
    caUrl,
    dataFolder: join(folder, 'desktop'),
    relay,
    demoPin: banner.demoPin,
    demoLogin: info.sandbox.demoLogin,
    authorizationCode: (orderNumber) => newestCode(caUrl, orderNumber),
    async killAndRestart() {
      await end(shell, 'SIGKILL');
      shell = startShell();
      banner = await readBanner(shell);
      return banner.link;
    },
    async close() {
      await end(shell, 'SIGTERM');
      relay.close();
      await end(ca, 'SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function newestCode(caUrl: string, orderNumber: string): Promise<string> {
  const { items } = (await (await fetch(`${caUrl}/v1/sandbox/messages`)).json()) as { items: { text: string }[] };
  const code = items.map(({ text }) => (text.includes(orderNumber) ? /操作授权码：(\d{6})/.exec(text)?.[1] : undefined)).find((found) => found !== undefined);
  if (code === undefined) throw new Error(`no authorization code for ${orderNumber} in the sandbox`);
  return code;
}

function run(program: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, [join(root, program), ...args], { cwd: root, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function readBanner(shell: ChildProcess): Promise<{ link: string; demoPin: string }> {
  const lines: string[] = [];
  await lineWith(shell, /Ctrl\+C/, lines);
  const text = lines.join('\n');
  const link = /http:\/\/127\.0\.0\.1:\d+\/\S+#\S+/.exec(text)?.[0];
  const demoPin = /PIN (\S+)/.exec(text)?.[1];
  if (link === undefined || demoPin === undefined) throw new Error(`unexpected banner:\n${text}`);
  return { link, demoPin };
}

/** The demo has one order of each algorithm; that of SM2 is named 国密. */
export function pendingRow(page: Page, algorithm: 'RSA' | 'SM2'): Locator {
  const rows = page.getByRole('row', { name: /新领/ });
  return (algorithm === 'SM2' ? rows.filter({ hasText: '国密' }) : rows.filter({ hasNotText: '国密' })).first();
}

export async function orderNumberOf(row: Locator): Promise<string> {
  return (await row.locator('.bk-mono').innerText()).trim();
}
