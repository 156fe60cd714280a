/** The service as a process: one line when ready, one per data folder, ends when told or orphaned, keeps its address, logs no secret, refuses what does not belong together. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCa, type RunningCa } from '../support/start-ca.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
let ca: RunningCa;
beforeAll(async () => {
  ca = await startCa({ flags: ['--demo', '--log-level', 'debug'] });
});
afterAll(() => ca.stop());

/** Runs the program to its end. */
function run(args: readonly string[], stdin: 'open' | 'closed' = 'closed'): Promise<{ code: number | null; out: string; log: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'src-ca', 'main.ts'), ...args], { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] });
  if (stdin === 'closed') child.stdin.end();
  let out = '';
  let log = '';
  child.stdout.on('data', (part: Buffer) => (out += part.toString()));
  child.stderr.on('data', (part: Buffer) => (log += part.toString()));
  return new Promise((settle) => child.once('exit', (code) => settle({ code, out, log })));
}

describe('start', () => {
  it('refuses: a second service on the same data folder', async () => {
    const { code, out, log } = await run(['--data', ca.dataFolder, '--demo']);
    expect([code, out]).toEqual([1, '']);
    expect(log).toContain('DATA_FOLDER_LOCKED');
  });

  it('refuses: a wrong command line with its own exit code and the usage', async () => {
    const { code, out, log } = await run(['--nonsense']);
    expect([code, out]).toEqual([2, '']);
    expect(log).toContain('Usage: bidkey-ca');
  });

  it('ok: an orphan ends by itself, after exactly one line on standard output', async () => {
    const other = await startCa({ flags: ['--demo', '--log-level', 'silent'] });
    try {
      await other.kill();
      const { code, out } = await run(['--data', other.dataFolder, '--demo', '--exit-with-parent', '--log-level', 'silent']);
      expect(code).toBe(0);
      expect(out.trim().split('\n').map((line) => JSON.parse(line) as object)).toEqual([{ event: 'ready', url: other.url, pid: expect.any(Number) as number }]);
    } finally {
      await other.stop();
    }
  });

  it('ok: the same address after a restart without a fixed port; the log-in and the code are still there', async () => {
    const codes = await ca.sandboxCodes();
    await ca.kill();
    await ca.restart();
    expect((await fetch(`${ca.url}/readyz`)).status).toBe(200);
    expect(await ca.sandboxCodes()).toEqual(codes);
    // One of each demo order.
    expect(codes).toHaveLength(2);
  });

  it('refuses: a demo folder without --demo, and in production', async () => {
    await ca.kill();
    const plain = await run(['--data', ca.dataFolder]);
    expect([plain.code, plain.log.includes('holds a demo')]).toEqual([2, true]);
    const production = await run(['--data', ca.dataFolder, '--production', '--keystore-passphrase-file', join(ca.dataFolder, 'secrets', 'keystore-passphrase')]);
    expect([production.code, production.log.includes('holds a demo')]).toEqual([2, true]);
    await ca.restart();
  });
});

describe('a first start that is killed', () => {
  it.each(['ca.sqlite', join('authorities', 'demo-rsa')])('ok: when %s appears: the next start makes everything whole', async (appears) => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'bidkey-ca-first-'));
    const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'src-ca', 'main.ts'), '--data', dataFolder, '--demo', '--exit-with-parent', '--log-level', 'silent'], { cwd: root, stdio: ['pipe', 'ignore', 'ignore'] });
    try {
      const ended = once(child, 'exit');
      while (child.exitCode === null && !existsSync(join(dataFolder, appears))) await setTimeout(2);
      child.kill('SIGKILL');
      expect(await ended).toEqual([null, 'SIGKILL']);
      const second = await startCa({ dataFolder });
      expect(await second.sandboxCodes()).toHaveLength(2);
      await second.stop();
    } finally {
      child.kill('SIGKILL');
      await rm(dataFolder, { recursive: true, force: true });
    }
  });
});

describe('secrets', () => {
  it('ok: secret files are readable by their owner only', async () => {
    for (const name of ['pepper.key', 'keystore-passphrase', 'demo-password']) expect((await stat(join(ca.dataFolder, 'secrets', name))).mode & 0o777).toBe(0o600);
    expect((await stat(join(ca.dataFolder, 'secrets'))).mode & 0o777).toBe(0o700);
  });

  it('ok: the log names calls, and holds no password, token, code or query', async () => {
    await ca.restart({ flags: ['--demo', '--log-level', 'debug'] });
    const { sandbox } = (await (await fetch(`${ca.url}/v1/service`)).json()) as { sandbox: { demoLogin: { loginName: string; password: string } } };
    const json = { 'content-type': 'application/json' };
    const session = (await (await fetch(`${ca.url}/v1/sessions`, { method: 'POST', headers: json, body: JSON.stringify(sandbox.demoLogin) })).json()) as { accessToken: string; refreshToken: string };
    const authorization = { authorization: `Bearer ${session.accessToken}` };
    const { items } = (await (await fetch(`${ca.url}/v1/orders?limit=7`, { headers: authorization })).json()) as { items: { lines: { id: string }[] }[] };
    const [code = ''] = await ca.sandboxCodes();
    const body = JSON.stringify({ requestId: items[0]?.lines[0]?.id, authorizationCode: code, tokenSerial: 'LOGTEST1', tokenModelId: 'softhsm2' });
    expect((await fetch(`${ca.url}/v1/issuances`, { method: 'POST', headers: { ...json, ...authorization, 'idempotency-key': 'log-test-key' }, body })).status).toBe(201);
    await fetch(`${ca.url}/v1/sessions`, { method: 'POST', headers: json, body: `{"loginName":"demo","password":"${sandbox.demoLogin.password}"` });
    const log = ca.log();
    expect(log).toContain('/v1/issuances');
    for (const secret of [sandbox.demoLogin.password, session.accessToken, session.refreshToken, 'limit=7']) expect(log).not.toContain(secret);
    expect(log).not.toMatch(new RegExp(`\\D${code}\\D`));
  });
});
