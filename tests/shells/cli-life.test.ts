/** `bidkey renew`, `unlock`, `revoke`, `bind` … as a process beside a running demo: each call does the next step; review and payment are done over the service's REST. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { KeyRequests } from '#shared/contract/desktop/requests.ts';
import type { TokenList } from '#shared/contract/desktop/tokens.ts';
import type { PendingWriting } from '#shared/contract/rest/orders.ts';
import type { Request } from '#shared/contract/rest/requests.ts';
import { createLife, type Life } from '../support/life.ts';
import { createCustomer, type Customer } from '../faults/fault-world.ts';
import { ensureBuilt, runCli, startProgram, type FinishedProgram, type RunningProgramUnderTest } from './programs.ts';

const PIN = '111111';
const NEW_PIN = '462857';
let folder: string;
let running: RunningProgramUnderTest;
let customer: Customer;
let life: Life;
let serial: string;

const bidkey = (args: readonly string[], fds: readonly string[] = []) => runCli(['--data', folder, '--json', ...args], { fds });
const value = <T>(finished: FinishedProgram): T => {
  const answer = JSON.parse(finished.stdout) as { ok: boolean; value: T };
  expect(answer.ok, finished.stdout + finished.stderr).toBe(true);
  return answer.value;
};
const codeOf = (finished: FinishedProgram) => (JSON.parse(finished.stdout) as { error: { code: string } }).error.code;

beforeAll(async () => {
  await ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'bidkey-cli-life-'));
  running = startProgram(['dist/local.js', '--no-open', '--data', folder]);
  const caBaseUrl = (await running.line(/CA service\s+(\S+)/))[1] as string;
  const [, name, password] = await running.line(/Demo login\s+(\S+) \/ (\S+)/);
  customer = await createCustomer(caBaseUrl);
  life = await createLife(caBaseUrl, customer.session);
  value(await bidkey(['--login', name as string, '--password-fd', '3', 'login'], [`${password}\n`]));
  for (;;) {
    const { tokens } = value<TokenList>(await bidkey(['keys']));
    const found = tokens.find(({ modelId }) => modelId === 'softhsm2');
    if (found) { serial = found.ref.serial; break; }
  }
  const line = value<PendingWriting[]>(await bidkey(['orders'])).find(({ keyAlgorithm }) => keyAlgorithm === 'rsa-2048') ?? expect.unreachable();
  const { items } = (await (await fetch(`${caBaseUrl}/v1/sandbox/messages?limit=100`)).json()) as { items: { text: string }[] };
  const code = items.map(({ text }) => (text.includes(line.orderNumber) ? /操作授权码：(\d{6})/.exec(text)?.[1] : undefined)).find((one) => one !== undefined);
  expect(value<Deed>(await bidkey(['write', '--order', line.orderNumber, '--key', serial, '--code', code ?? '', '--pin-fd', '3'], [`${PIN}\n`]))).toMatchObject({ state: 'completed', plan: 'new-issue-handover' });
});
afterAll(async () => {
  running?.child.kill('SIGTERM');
  await running?.ended;
  rmSync(folder, { recursive: true, force: true });
});

const onKey = (command: string, more: readonly string[] = [], fds: readonly string[] = []) => bidkey([command, '--key', serial, ...more], fds);

/** Review by staff, and payment when there is something to pay. */
async function approve(request: Request): Promise<Request> {
  await life.claim(request);
  await life.approve(request);
  return life.now(request);
}

describe('bidkey, the life of a certificate', () => {
  it('ok: says what can be done with a key now', async () => {
    const { certificates, keyActions } = value<KeyRequests>(await onKey('requests'));
    expect(certificates[0]?.actions.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['renewal', 'change', 'revocation']));
    expect(keyActions.map(({ kind }) => kind)).toContain('unlock');
  });

  it('ok: renews step by step: risk notice and request, payment, writing; refuses: without the risk notice, and a wrong number of years', async () => {
    expect(codeOf(await onKey('renew', ['--years', '1', '--pin-fd', '3'], [`${PIN}\n`]))).toBe('USAGE');
    expect(codeOf(await onKey('renew', ['--years', '9', '--accept-risk', '--pin-fd', '3'], [`${PIN}\n`]))).toBe('ORDER_ITEM_UNKNOWN');
    const asked = value<Request>(await onKey('renew', ['--years', '1', '--accept-risk', '--pin-fd', '3'], [`${PIN}\n`]));
    expect([asked.kind, asked.state]).toEqual(['renewal', 'submitted']);
    // In review nothing can be done but to wait: the same command says so.
    expect(value<Request>(await onKey('renew', ['--years', '1'])).state).toBe('submitted');
    expect((await approve(asked)).state).toBe('awaiting-payment');
    const bill = value<{ payment: { checkoutUrl: string; amountFen: number } }>(await onKey('renew', ['--years', '1']));
    expect(bill.payment.amountFen).toBeGreaterThan(0);
    await life.pay(await life.now(asked));
    const written = await onKey('renew', ['--code', await life.codeOf(asked), '--pin-fd', '3'], [`${PIN}\n`]);
    expect(value<Deed>(written)).toMatchObject({ state: 'completed', plan: 'new-keys', error: null });
    expect(written.stdout + written.stderr).not.toContain(PIN);
    expect((await life.now(asked)).state).toBe('completed');
  });

  it('ok: unlocks with a new PIN; the code and both PINs leave no trace in the output', async () => {
    const asked = value<Request>(await onKey('unlock'));
    expect([asked.kind, asked.state]).toEqual(['unlock', 'submitted']);
    await approve(asked);
    const code = await life.codeOf(asked);
    const done = await onKey('unlock', ['--code', code, '--new-pin-fd', '3'], [`${NEW_PIN}\n`]);
    expect(value<Deed>(done)).toMatchObject({ state: 'completed', plan: 'unlock' });
    expect(done.stderr).toMatch(/^5\/5 /m);
    expect(done.stdout + done.stderr).not.toContain(NEW_PIN);
  });

  it('ok: binds and unbinds, requests are listed and withdrawn, and the certificate is revoked by its own key', async () => {
    const bindings = value<{ id: string }[]>(await bidkey(['bindings']));
    expect(bindings.length).toBeGreaterThan(0);
    const [first] = bindings;
    expect(value<null>(await bidkey(['unbind', first?.id ?? '']))).toBe(null);
    const changed = value<Request>(await onKey('unlock'));
    expect(value<Request[]>(await bidkey(['requests'])).map(({ id }) => id)).toContain(changed.id);
    expect(value<Request>(await bidkey(['request', 'withdraw', changed.id])).state).toBe('withdrawn');
    expect(codeOf(await bidkey(['request', 'nonsense', changed.id]))).toBe('USAGE');
    expect(codeOf(await onKey('revoke', ['--reason', 'nonsense', '--pin-fd', '3'], [`${NEW_PIN}\n`]))).toBe('USAGE');
    const revoked = value<{ state: string; certificates: { state: string }[] }>(await onKey('revoke', ['--reason', 'cessationOfOperation', '--pin-fd', '3'], [`${NEW_PIN}\n`]));
    expect([revoked.state, ...revoked.certificates.map(({ state }) => state)]).toEqual(['completed', 'revoked', 'revoked']);
    expect(codeOf(await onKey('renew', ['--years', '1', '--accept-risk', '--pin-fd', '3'], [`${NEW_PIN}\n`]))).toBe('NOT_FOUND');
  });
});
