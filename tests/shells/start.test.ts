/** `npm start` from outside, headless: it starts everything, says where, starts once per folder, and leaves nothing behind. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { descendants, ensureBuilt, lives, root, runCli, startProgram, until, type RunningProgramUnderTest } from './programs.ts';

const HEADLESS = { DISPLAY: undefined, WAYLAND_DISPLAY: undefined };
const folders: string[] = [];
const begun: RunningProgramUnderTest[] = [];

function newFolder(): string {
  folders.push(mkdtempSync(join(tmpdir(), 'bidkey-start-')));
  return folders.at(-1) as string;
}

/** What `npm start` runs once set-up and build are done; the first test goes through `tools/start.mjs` itself. */
const start = (dataFolder: string, ...flags: string[]) => startWith('dist/local.js', dataFolder, flags);

async function startWith(entry: string, dataFolder: string, flags: readonly string[]) {
  const program = startProgram([entry, '--no-open', '--data', dataFolder, ...flags], HEADLESS);
  begun.push(program);
  const link = (await program.line(/(http:\/\/127\.0\.0\.1:\d+)\/open#([\w-]+)/)) as unknown as [string, string, string];
  return { program, pid: program.child.pid as number, origin: link[1], token: link[2] };
}

async function openSession(origin: string, token: string): Promise<(method: string) => Promise<unknown>> {
  const session = await fetch(`${origin}/api/session`, { method: 'POST', headers: { origin, 'content-type': 'application/json' }, body: JSON.stringify({ token }) });
  expect(session.status).toBe(204);
  const cookie = (session.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  return async (method) => (await fetch(`${origin}/api/call/${method}`, { method: 'POST', headers: { origin, cookie, 'content-type': 'application/json' }, body: 'null' })).json();
}

beforeAll(ensureBuilt);
afterAll(async () => {
  for (const { child } of begun) child.kill('SIGKILL');
  await Promise.all(begun.map(({ ended }) => ended));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe('npm start, the demo', () => {
  it('ok: says which shell it takes and why, where the page is, and what can be tried', async () => {
    const { program, origin, token } = await startWith('tools/start.mjs', newFolder(), []);
    expect((await program.line(/^shell: (.*)$/))[1]).toMatch(/^local \(.+\)$/);
    const ca = (await program.line(/证书服务 CA service\s+(\S+)/))[1] as string;
    const sandbox = (await program.line(/Sandbox\s+(\S+)/))[1] as string;
    await program.line(/Demo login\s+\S+ \/ \S+/);
    await program.line(/Demo keys\s+BidKey DEMO 1, BidKey DEMO 2 {3}口令 PIN 111111/);

    const call = await openSession(origin, token);
    expect(await call('app.info')).toMatchObject({ ok: true, value: { demo: true, shell: 'local', caBaseUrl: ca } });
    expect(await call('app.caStatus')).toMatchObject({ ok: true, value: { reachable: true } });
    expect((await fetch(sandbox)).status).toBe(200);
    await until(async () => JSON.stringify(await call('tokens.list')).includes('"label":"BidKey DEMO 2"'));

    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
  });

  it('ok: SIGTERM and SIGINT end every process that it started', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { program, pid } = await start(newFolder());
      await until(() => descendants(pid).length >= 2);
      const below = descendants(pid);
      program.child.kill(signal);
      expect(await program.ended).toBe(0);
      await until(() => !below.some(lives));
    }
  });

  it('ok: after SIGKILL the CA service and the token hosts end by themselves, and the next start goes on with the same data', async () => {
    const folder = newFolder();
    const first = await start(folder);
    const ca = (await first.program.line(/CA service\s+(\S+)/))[1];
    await until(() => descendants(first.pid).length >= 2);
    const below = descendants(first.pid);
    first.program.child.kill('SIGKILL');
    await first.program.ended;
    await until(() => !below.some(lives));

    const second = await start(folder);
    // The same port: addresses inside issued certificates stay good.
    expect((await second.program.line(/CA service\s+(\S+)/))[1]).toBe(ca);
    second.program.child.kill('SIGTERM');
    expect(await second.program.ended).toBe(0);
  });

  it('ok: a second start on the same folder, and `bidkey open`, give a new link to the running one', async () => {
    const folder = newFolder();
    const first = await start(folder);
    const second = await start(folder);
    expect(second.origin).toBe(first.origin);
    expect(second.token).not.toBe(first.token);
    expect(await second.program.ended).toBe(0);
    const opened = await runCli(['open', '--json', '--data', folder]);
    const third = new URL((JSON.parse(opened.stdout) as { value: { link: string } }).value.link);
    expect(third.origin).toBe(first.origin);
    for (const token of [first.token, second.token, third.hash.slice(1)]) await openSession(first.origin, token);
    first.program.child.kill('SIGTERM');
    expect(await first.program.ended).toBe(0);
    expect((await runCli(['open', '--data', folder])).status).toBe(8);
  });

  it('ok: a CA service that dies is started again under the same address', async () => {
    const { program, pid, origin, token } = await start(newFolder());
    const call = await openSession(origin, token);
    const caPid = descendants(pid).find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('ca.js')) as number;
    process.kill(caPid, 'SIGKILL');
    await until(() => !lives(caPid));
    await until(async () => JSON.stringify(await call('app.caStatus')).includes('"reachable":true'));
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
  });

  it('ok: its folder is closed to other users, and neither token nor PIN is written there', async () => {
    const folder = newFolder();
    const { program, token } = await start(folder);
    program.child.kill('SIGTERM');
    await program.ended;
    expect(statSync(folder).mode & 0o077).toBe(0);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    expect(files.filter((file) => readFileSync(file).includes(token))).toEqual([]);
  });
});

describe('npm start --production', () => {
  it('ok: brings no demo: no CA service, no demo keys, no address', async () => {
    const folder = newFolder();
    const { program, pid, origin, token } = await start(folder, '--production');
    const call = await openSession(origin, token);
    expect(await call('app.info')).toMatchObject({ ok: true, value: { demo: false, caBaseUrl: null } });
    expect(program.lines.join('\n')).not.toMatch(/DEMO|Sandbox/);
    expect(descendants(pid).filter((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('ca.js'))).toEqual([]);
    expect(readdirSync(folder)).not.toContain('demo-key');
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
  });

  it.each([[['--production', '--demo']], [['--port', '99999']], [['--ca', 'ftp://x']], [['--nonsense']], [['word']]])('refuses: %j', async (flags) => {
    const { status, stderr } = spawnSync(process.execPath, ['dist/local.js', ...flags], { cwd: root, encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toContain('USAGE');
  });
});
