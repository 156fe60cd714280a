/** `bidkey …` as a process: against a running BidKey, and on its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { TokenList } from '#shared/contract/desktop/tokens.ts';
import type { PendingWriting } from '#shared/contract/rest/orders.ts';
import { lockDataFolder } from '../../src-main/shells/launch/lock-data-folder.ts';
import { softUkeyMissing } from '../support/soft-ukey.ts';
import { ensureBuilt, runCli, startProgram, type FinishedProgram, type RunningProgramUnderTest } from './programs.ts';

const PIN = '111111';
/** What the second demo key gets; the demo PIN itself breaks the rules for new ones. */
const SECOND_PIN = '462857';
/** Two demo keys of each kind; those with SM2 only where the software UKey is built. */
const softUkeyReason = softUkeyMissing();
const KEYS_SHOWN = softUkeyReason === null ? 4 : 2;
let folder: string;
let running: RunningProgramUnderTest;
let caBaseUrl: string;
let demoLogin: { name: string; password: string };

const bidkey = (args: readonly string[], fds: readonly string[] = []) => runCli(['--data', folder, ...args], { fds });
const value = <T>(finished: FinishedProgram): T => {
  const answer = JSON.parse(finished.stdout) as { ok: boolean; value: T };
  expect(answer.ok, finished.stdout + finished.stderr).toBe(true);
  return answer.value;
};
const refusalOf = (finished: FinishedProgram) => {
  const answer = JSON.parse(finished.stdout) as { ok: boolean; error: { code: string; title: string; next: string; details: Record<string, unknown> } };
  expect(answer.ok).toBe(false);
  return answer.error;
};

beforeAll(async () => {
  await ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'bidkey-cli-'));
  running = startProgram(['dist/local.js', '--no-open', '--data', folder]);
  caBaseUrl = (await running.line(/CA service\s+(\S+)/))[1] as string;
  const [, name, password] = await running.line(/Demo login\s+(\S+) \/ (\S+)/);
  demoLogin = { name: name as string, password: password as string };
});
afterAll(async () => {
  running.child.kill('SIGTERM');
  await running.ended;
  rmSync(folder, { recursive: true, force: true });
});

/** The demo keys of one model, once all are seen. */
async function demoKeys(modelId = 'softhsm2'): Promise<TokenList['tokens']> {
  for (;;) {
    const { tokens } = value<TokenList>(await bidkey(['keys', '--json']));
    if (tokens.length === KEYS_SHOWN) return tokens.filter((token) => token.modelId === modelId);
  }
}
const serials = async (modelId?: string): Promise<string[]> => (await demoKeys(modelId)).map(({ ref }) => ref.serial);

/** The order of the demo with that algorithm, and its code from the sandbox's SMS inbox. */
async function demoOrder(algorithm: PendingWriting['keyAlgorithm']): Promise<{ line: PendingWriting; code: string }> {
  const line = value<PendingWriting[]>(await bidkey(['orders', '--json'])).find((one) => one.keyAlgorithm === algorithm) ?? expect.unreachable('the demo has such an order');
  const { items } = (await (await fetch(`${caBaseUrl}/v1/sandbox/messages`)).json()) as { items: { text: string }[] };
  const code = items.map(({ text }) => (text.includes(line.orderNumber) ? /操作授权码：(\d{6})/.exec(text)?.[1] : undefined)).find((one) => one !== undefined);
  return { line, code: code ?? expect.unreachable('a code was sent') };
}

describe('bidkey, help and usage', () => {
  it('ok: help names every command and exit code, in the language asked for', async () => {
    const chinese = await runCli(['--help']);
    const english = await runCli(['--help', '--lang', 'en-US']);
    expect([chinese.status, english.status]).toEqual([0, 0]);
    for (const command of ['keys', 'models', 'orders', 'write', 'deeds', 'resume', 'cancel', 'pin-change', 'info', 'report', 'open', 'login', 'logout']) expect(english.stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    for (const code of [0, 1, 2, 3, 4, 5, 6, 7, 8, 130]) expect(english.stdout).toMatch(new RegExp(`^ +${code}  \\w`, 'm'));
    expect(chinese.stdout).toContain('列出已插入的 UKey');
  });

  it.each([[['nonsense']], [['keys', '--nonsense']], [['write']], [['write', '--order', 'x']], [['keys', '--password-fd', 'x']], [['write', '--order', 'x', '--key', 'y', '--pin-fd', '1']]])('refuses: %j with exit code 2', async (args) => {
    expect((await bidkey(args)).status).toBe(2);
  });

  it.each([[['pin-change', '--key', 'x', '--pin', '847261']], [['pin-change', '--key', 'x', '--pin=847261']], [['--password', '847261', 'orders']]])('refuses: a secret as argument (%j), without repeating it', async (args) => {
    const finished = await bidkey(args);
    expect(finished.status).toBe(2);
    expect(finished.stdout + finished.stderr).not.toContain('847261');
    expect(finished.stderr).toContain('USAGE');
  });
});

describe('bidkey beside a running BidKey', () => {
  it('ok: shows state, keys, models and a report', async () => {
    expect(value<{ info: { shell: string } }>(await bidkey(['info', '--json'])).info.shell).toBe('local');
    expect(await serials()).toHaveLength(2);
    const people = await bidkey(['keys']);
    expect(people.stdout).toMatch(/^BidKey DEMO 1 \[演示\]\n {2}序列号: [0-9a-f]{16}$/m);
    expect(value<{ id: string }[]>(await bidkey(['models', '--json'])).map(({ id }) => id)).toContain('softhsm2');
    const report = await bidkey(['report']);
    expect(report.status).toBe(0);
    expect(report.stdout).not.toMatch(/111111/);
  });

  it('refuses: what needs an account with exit code 3, a wrong password too', async () => {
    const nobody = await bidkey(['orders', '--json']);
    expect(nobody.status).toBe(3);
    expect(refusalOf(nobody).code).toBe('NOT_SIGNED_IN');
    const wrong = await bidkey(['--login', demoLogin.name, '--password-fd', '3', '--json', 'login'], ['not-the-password\n']);
    expect(wrong.status).toBe(3);
    expect(wrong.stdout + wrong.stderr).not.toContain('not-the-password');
  });

  it('refuses: an unknown key (5), another CA service (2), a missing PIN without a terminal (2)', async () => {
    const unknown = await bidkey(['write', '--order', 'x', '--key', 'NOSUCHKEY', '--json']);
    expect([unknown.status, refusalOf(unknown).code]).toEqual([5, 'TOKEN_NOT_PRESENT']);
    expect((await bidkey(['--ca', 'http://127.0.0.1:1', 'orders'])).status).toBe(2);
    expect((await bidkey(['pin-change', '--key', (await serials())[0] as string])).status).toBe(2);
  });

  it('refuses: a wrong PIN with exit code 6, one try only', async () => {
    const [serial] = await serials();
    const wrong = await bidkey(['pin-change', '--key', serial as string, '--pin-fd', '3', '--new-pin-fd', '3', '--json'], ['999999\n738291\n']);
    expect([wrong.status, refusalOf(wrong).code]).toEqual([6, 'PIN_INCORRECT']);
    expect(refusalOf(wrong).title).not.toBe('');
  });

  it('ok: changes a PIN, both from one descriptor', async () => {
    const serial = (await serials())[1] as string;
    expect((await bidkey(['pin-change', '--key', serial, '--pin-fd', '3', '--new-pin-fd', '3'], [`${PIN}\n738291\n`])).status).toBe(0);
    expect((await bidkey(['pin-change', '--key', serial, '--pin-fd', '3', '--new-pin-fd', '4'], ['738291\n', `${SECOND_PIN}\n`])).status).toBe(0);
  });

  it('ok: the main job: log in, order, a wrong code refused (7), then two keys written', async () => {
    expect((await bidkey(['--login', demoLogin.name, '--password-fd', '3', 'login'], [`${demoLogin.password}\n`])).status).toBe(0);
    const { line, code } = await demoOrder('rsa-2048');
    expect(line.remainingQuantity).toBe(2);
    const order = line.orderNumber;
    const [first, second] = (await serials()) as [string, string];
    const write = (key: string, digits: string, pin = PIN, ...more: string[]) => bidkey(['write', '--order', order, '--key', key, '--code', digits, '--pin-fd', '3', '--json', ...more], [`${pin}\n`]);

    const wrongCode = code === '000000' ? '000001' : '000000';
    // The wrong PIN of the test before has left its mark on the key: the person must confirm to go on.
    const unconfirmed = await write(first, wrongCode);
    expect([unconfirmed.status, refusalOf(unconfirmed).code]).toEqual([6, 'PIN_NOT_CONFIRMED']);
    const wrong = await write(first, wrongCode, PIN, '--confirm-few-tries');
    expect([wrong.status, refusalOf(wrong).code]).toEqual([7, 'CODE_WRONG']);
    // A refused code leaves nothing behind: neither an unfinished writing nor a used quantity.
    expect(value<Deed[]>(await bidkey(['deeds', '--json']))).toEqual([]);
    expect((await bidkey(['resume', 'no-such-deed', '--pin-fd', '3'], [`${PIN}\n`])).status).toBe(7);
    expect(value<Deed>(await write(first, code, PIN, '--confirm-few-tries'))).toMatchObject({ state: 'completed', remainingQuantity: 1 });
    const other = await write(second, code, SECOND_PIN);
    expect(value<Deed>(other)).toMatchObject({ state: 'completed', remainingQuantity: 0 });
    expect(other.stderr).toMatch(/^1\/10 核验授权码 … 完成$/m);
    expect(other.stdout + other.stderr).not.toContain(SECOND_PIN);

    const tokens = await demoKeys();
    expect(tokens.map(({ certificates }) => certificates.map(({ purpose }) => purpose).sort())).toEqual([['encrypt', 'sign'], ['encrypt', 'sign']]);
    const again = await write(first, code);
    expect(again.status).toBe(7);
    expect((await bidkey(['logout'])).status).toBe(0);
  });

  it.skipIf(softUkeyReason !== null)('ok: SM2 certificates on the software UKey; refuses: a wrong PIN, without using the code', async () => {
    expect((await bidkey(['--login', demoLogin.name, '--password-fd', '3', 'login'], [`${demoLogin.password}\n`])).status).toBe(0);
    const { line, code } = await demoOrder('sm2');
    const [serial] = (await serials('bidkey-soft-ukey')) as [string];
    const write = (pin: string, ...more: string[]) => bidkey(['write', '--order', line.orderNumber, '--key', serial, '--code', code, '--pin-fd', '3', '--json', ...more], [`${pin}\n`]);

    const wrongPin = await write('999999');
    expect([wrongPin.status, refusalOf(wrongPin).code]).toEqual([6, 'PIN_INCORRECT']);
    const done = await write(PIN, '--confirm-few-tries');
    expect(value<Deed>(done)).toMatchObject({ state: 'completed', remainingQuantity: 1, error: null, tokenModelId: 'bidkey-soft-ukey', token: { serial } });
    expect(done.stderr).toMatch(/^10\/10 .* … 完成$/m);
    expect(done.stdout + done.stderr).not.toContain(PIN);
    const written = (await demoKeys('bidkey-soft-ukey')).find(({ ref }) => ref.serial === serial);
    expect(written?.certificates.map(({ purpose, keyAlgorithm }) => `${purpose} ${keyAlgorithm}`).sort()).toEqual(['encrypt sm2', 'sign sm2']);
    expect(value<PendingWriting[]>(await bidkey(['orders', '--json'])).find((one) => one.requestId === line.requestId)?.remainingQuantity).toBe(1);
    expect((await bidkey(['logout'])).status).toBe(0);
  });
});

describe('bidkey on its own', () => {
  it('refuses: a CA service that does not answer with exit code 4', async () => {
    const own = mkdtempSync(join(tmpdir(), 'bidkey-cli-own-'));
    const finished = await runCli(['--data', own, '--ca', 'http://127.0.0.1:1', '--login', 'somebody', '--password-fd', '3', '--json', 'orders'], { fds: ['secret-word\n'] });
    expect([finished.status, refusalOf(finished).code]).toEqual([4, 'CA_UNREACHABLE']);
    rmSync(own, { recursive: true });
  });

  it('refuses: a data folder that another program holds with exit code 8', async () => {
    const own = mkdtempSync(join(tmpdir(), 'bidkey-cli-own-'));
    const lock = lockDataFolder(own);
    const finished = await runCli(['--data', own, '--lang', 'en-US', 'keys']);
    expect(finished.status).toBe(8);
    expect(finished.stderr).toContain('Data folder in use');
    lock.release();
    expect((await runCli(['--data', own, 'keys'])).status).toBe(0);
    rmSync(own, { recursive: true });
  });

  it('ok: the demo without any running BidKey: its own CA service and keys, both gone afterwards', async () => {
    const own = mkdtempSync(join(tmpdir(), 'bidkey-cli-own-'));
    const info = await runCli(['--data', own, '--demo', '--json', 'info']);
    expect(value<{ ca: { reachable: boolean }; info: { demo: boolean; shell: string } }>(info)).toMatchObject({ ca: { reachable: true }, info: { demo: true, shell: 'cli' } });
    rmSync(own, { recursive: true });
  });
});
