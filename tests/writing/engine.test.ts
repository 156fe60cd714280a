/** The composed engine on a real SoftHSM2 key and a real token host, without a CA: keys, PINs, settings, session, report, and what it refuses. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Value } from '@sinclair/typebox/value';
import { DESKTOP_CONTRACT, type DesktopEvent } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { composeEngine, type ComposedEngine } from '../../src-main/engine/compose-engine.ts';
import { createSoftHsm2Token, type SoftHsm2Token } from '../support/softhsm2.ts';

const resourcesFolder = join(import.meta.dirname, '../../resources');
let key: SoftHsm2Token;
let folder = '';
let composed: ComposedEngine;
const events: DesktopEvent[] = [];

beforeAll(async () => {
  key = await createSoftHsm2Token();
  folder = mkdtempSync(join(tmpdir(), 'bidkey-engine-'));
  composed = await composeEngine({
    dataFolder: folder, resourcesFolder, shell: 'cli', version: '0.0.0-test', demo: false, caBaseUrl: null, useInstalledDrivers: false,
    drivers: [{ driverId: 'test', modelId: 'softhsm2', libraryPath: key.modulePath, interface: 'pkcs11', environment: key.env }],
  });
  composed.engine.onEvent((event) => events.push(event));
});
afterAll(async () => {
  await composed.close();
  await key.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const refOf = () => ({ driverId: 'test', serial: key.serial });
async function refusal(promise: Promise<unknown>): Promise<AppError> {
  const thrown = await promise.then(() => null, (error: unknown) => error);
  expect(thrown).toBeInstanceOf(AppError);
  return thrown as AppError;
}

describe('engine on a real key', () => {
  it('ok: calls without input answer in the form of the contract', async () => {
    const { engine } = composed;
    for (const method of ['app.info', 'app.caStatus', 'settings.get', 'session.get', 'tokens.list', 'ukeyModels.list', 'writing.listUnfinished'] as const) {
      const answer = await engine.call(method, undefined as never);
      expect([...Value.Errors(DESKTOP_CONTRACT[method].output, answer)].map((error) => `${method}${error.path} ${error.message}`)).toEqual([]);
    }
    const { tokens } = await engine.call('tokens.list', undefined as never);
    expect(tokens.map((token) => token.ref)).toEqual([refOf()]);
  });

  it('ok: a right PIN is confirmed; refuses: a wrong one once, then asks for confirmation before the next try', async () => {
    const { engine } = composed;
    expect((await engine.call('tokens.checkPin', { token: refOf(), pin: key.pin })).status).toBe('ok');
    expect((await refusal(engine.call('tokens.checkPin', { token: refOf(), pin: '00000000' }))).code).toBe('PIN_INCORRECT');
    expect((await refusal(engine.call('tokens.checkPin', { token: refOf(), pin: key.pin }))).code).toBe('PIN_NOT_CONFIRMED');
    expect((await engine.call('tokens.checkPin', { token: refOf(), pin: key.pin, confirmedFewTries: true })).status).toBe('ok');
  });

  it('refuses: input that does not fit, naming fields and never values', async () => {
    const input = { token: refOf(), pin: 12345678, extra: 'PIN 84620193' } as never;
    const error = await refusal(composed.engine.call('tokens.checkPin', input));
    expect(error.code).toBe('INPUT_INVALID');
    expect(error.details['fields']).toEqual(expect.arrayContaining(['/pin', '/extra']));
    expect(JSON.stringify(error.toData())).not.toMatch(/84620193|12345678/);
    expect((await refusal(composed.engine.call('constructor' as never, null as never))).code).toBe('METHOD_UNKNOWN');
    expect((await refusal(composed.engine.call('app.info', { a: 1 } as never))).code).toBe('INPUT_INVALID');
  });

  it('refuses: everything that needs an account or a CA says so', async () => {
    const { engine } = composed;
    const start = { requestId: 'line-0001', token: refOf(), tokenModelId: 'softhsm2', authorizationCode: '598983', pin: key.pin };
    expect((await refusal(engine.call('writing.startNewIssue', start))).code).toBe('NOT_SIGNED_IN');
    expect((await refusal(engine.call('orders.listPendingWritings', {}))).code).toBe('NOT_SIGNED_IN');
    expect((await refusal(engine.call('session.logIn', { loginName: 'someone', password: 'x' }))).code).toBe('CA_NOT_CONFIGURED');
    expect((await refusal(engine.call('writing.get', { deedId: 'no-such-deed' }))).code).toBe('DEED_NOT_FOUND');
    expect(await engine.call('app.caStatus', undefined as never)).toMatchObject({ reachable: false, errorCode: 'CA_NOT_CONFIGURED' });
  });

  it('ok: settings take effect at once; refuses: an address without TLS', async () => {
    const { engine } = composed;
    expect((await refusal(engine.call('settings.update', { caBaseUrl: 'http://ca.example.cn' }))).code).toBe('CA_ADDRESS_INSECURE');
    expect((await engine.call('settings.get', undefined as never)).caBaseUrl).toBe(null);
    await engine.call('settings.update', { caBaseUrl: 'http://127.0.0.1:1' });
    expect((await engine.call('app.info', undefined as never)).caBaseUrl).toBe('http://127.0.0.1:1');
    expect(await engine.call('app.caStatus', undefined as never)).toMatchObject({ reachable: false, errorCode: 'CA_UNREACHABLE' });
    await engine.call('settings.update', { extraDrivers: [{ id: 'my-driver', modelId: 'generic-pkcs11', libraryPath: '/no/such/library.so' }] });
    const { drivers, tokens } = await engine.call('tokens.list', undefined as never);
    expect(drivers.find((driver) => driver.driverId === 'my-driver')).toMatchObject({ status: 'missing', errorCode: 'DRIVER_NOT_FOUND' });
    expect(tokens).toHaveLength(1);
    await engine.call('settings.update', { extraDrivers: [], caBaseUrl: null });
  });

  it('ok: pulling the key and plugging it in is told', async () => {
    events.length = 0;
    const untilKeys = async (count: number) => {
      while (!events.some((event) => event.name === 'tokens.changed' && event.data.tokens.length === count)) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    await key.remove();
    await untilKeys(0);
    await key.insert();
    await untilKeys(1);
  });

  it('ok: the report names drivers and the error, and neither it nor the log file holds a PIN', async () => {
    const { text } = await composed.engine.call('app.report', { errorCode: 'PIN_INCORRECT', traceId: 'abc', page: '/keys' });
    expect(text).toContain('test (softhsm2): ready');
    expect(text).toContain('call refused method="tokens.checkPin" code="PIN_INCORRECT"');
    for (const secret of [key.pin, '00000000', '598983', '84620193']) {
      expect(text).not.toContain(secret);
      expect(readFileSync(join(folder, 'bidkey.log'), 'utf8')).not.toContain(secret);
    }
  });
});
