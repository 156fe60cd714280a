/** Keys that come and go, drivers that are missing or wrong, and PINs: on SoftHSM2 and with real files, through real host processes. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenList } from '#shared/contract/desktop/tokens.ts';
import { createSoftHsm2Token, softHsm2ModulePath, type SoftHsm2Token } from '../support/softhsm2.ts';
import { findInstalledDrivers, type TokenHostClient } from '../../src-main/token/create-token-host-client.ts';
import { buildHostileDriver, HOSTILE_SERIAL, type HostileDriver } from './hostile-driver/build-hostile-driver.ts';
import { CONTAINER, MODELS_FOLDER, bytes, createOpensslCa, errorOf, listThat, run, softHsm2Driver, startClient } from './token-fixtures.ts';

const serials = (list: TokenList) => list.tokens.map((token) => token.ref.serial).sort();
const ref = (key: SoftHsm2Token, driverId = 'softhsm2') => ({ driverId, serial: key.serial });

describe('plugging', () => {
  let key: SoftHsm2Token;
  let client: TokenHostClient;
  beforeAll(async () => {
    key = await createSoftHsm2Token();
    client = await startClient([softHsm2Driver(key)]);
  });
  afterAll(async () => {
    await client?.close();
    await key?.dispose();
  });

  it('ok: a key pulled out and plugged in again is noticed by events alone', async () => {
    expect(serials(await client.list())).toEqual([key.serial]);
    const gone = listThat(client, (list) => list.tokens.length === 0);
    await key.remove();
    await gone;
    expect((await errorOf(client.logIn(ref(key), bytes(key.pin)))).code).toBe('TOKEN_NOT_PRESENT');
    const back = listThat(client, (list) => list.tokens.length === 1);
    await key.insert();
    expect(serials(await back)).toEqual([key.serial]);
    expect((await client.list()).drivers[0]?.restarts).toBe(0);
  });

  it('ok: a second key at the same driver is noticed, and each is used by its serial', async () => {
    const second = await key.addToken({ label: 'second key', pin: '99887766' });
    const both = await listThat(client, (list) => list.tokens.length === 2);
    expect(serials(both)).toEqual([key.serial, second.serial].sort());
    const one = await client.logIn(ref(key), bytes(key.pin));
    const two = await client.logIn(ref(second), bytes(second.pin));
    await one.generateSigningKeyPair(CONTAINER, 'rsa-2048');
    expect((await one.readContainer(CONTAINER))?.sign.hasPrivateKey).toBe(true);
    expect(await two.readContainer(CONTAINER)).toBeNull();
    // Pulled while both are logged in: the other one goes on.
    await second.remove();
    expect((await errorOf(two.generateSigningKeyPair(CONTAINER, 'rsa-2048'))).code).toBe('TOKEN_REMOVED');
    expect((await errorOf(two.listContainers())).code).toBe('TOKEN_NOT_LOGGED_IN');
    expect(await one.sign(CONTAINER, 'sign', bytes('still here'))).toHaveLength(256);
    await listThat(client, (list) => list.tokens.length === 1);
    await Promise.all([one.close(), two.close()]);
  });

  it('refuses: a second login while one is open; rescan leaves it alone', async () => {
    const session = await client.logIn(ref(key), bytes(key.pin));
    expect((await errorOf(client.logIn(ref(key), bytes(key.pin)))).code).toBe('TOKEN_BUSY');
    expect((await errorOf(client.changePin(ref(key), bytes(key.pin), bytes('new-pin-1')))).code).toBe('TOKEN_BUSY');
    await client.rescan();
    expect((await session.readContainer(CONTAINER))?.sign.hasPrivateKey).toBe(true);
    await session.close();
    const pid = client.hostPids()['softhsm2'];
    expect(serials(await client.rescan())).toEqual([key.serial]);
    expect(client.hostPids()['softhsm2']).not.toBe(pid);
  });

  it('refuses: a session of a host that was killed, even when another login follows', async () => {
    const session = await client.logIn(ref(key), bytes(key.pin));
    process.kill(client.hostPids()['softhsm2'] ?? 0, 'SIGKILL');
    await listThat(client, (list) => (list.drivers[0]?.restarts ?? 0) > 0 && list.drivers[0]?.status === 'ready');
    const next = await client.logIn(ref(key), bytes(key.pin));
    expect((await errorOf(session.sign(CONTAINER, 'sign', bytes('x')))).code).toBe('TOKEN_NOT_LOGGED_IN');
    await session.close();
    expect(await next.sign(CONTAINER, 'sign', bytes('x'))).toHaveLength(256);
    await next.close();
  });

  it('ok: a key that two drivers report is shown once, with certificates or blank', async () => {
    const ca = await createOpensslCa();
    const twice = await startClient([softHsm2Driver(key, 'first'), softHsm2Driver(key, 'second')]);
    try {
      await twice.list();
      expect((await listThat(twice, (list) => list.drivers.every((driver) => driver.status === 'ready'))).tokens.map((token) => token.ref)).toEqual([ref(key, 'first')]);
      const session = await twice.logIn(ref(key, 'second'), bytes(key.pin));
      const container = await session.readContainer(CONTAINER);
      await session.importCertificate(CONTAINER, 'sign', await ca.issue(container?.sign.publicKeySpkiDer ?? new Uint8Array(), '/CN=twice', 'digitalSignature'));
      await session.close();
      const { tokens } = await twice.list();
      expect(tokens.map((token) => token.ref)).toEqual([ref(key, 'first')]);
      expect(tokens[0]?.certificates).toMatchObject([{ subjectCommonName: 'twice', purpose: 'sign', hasPrivateKey: null }]);
    } finally {
      await twice.close();
      await ca.dispose();
    }
  });
});

describe('PINs', () => {
  let key: SoftHsm2Token;
  let client: TokenHostClient;
  beforeAll(async () => {
    key = await createSoftHsm2Token();
    client = await startClient([softHsm2Driver(key)]);
  });
  afterAll(async () => {
    await client?.close();
    await key?.dispose();
  });

  it('refuses: a wrong PIN, and shows that a try was lost until the right one comes', async () => {
    const error = await errorOf(client.logIn(ref(key), bytes('00000000')));
    expect(error.toData()).toMatchObject({ code: 'PIN_INCORRECT', details: { triesLeft: null, pinStatus: 'low' } });
    expect((await client.get(ref(key))).pin.status).toBe('low');
    await (await client.logIn(ref(key), bytes(key.pin))).close();
    expect((await client.list()).tokens[0]?.pin.status).toBe('ok');
  });

  it('ok: changes the PIN; the old one no longer opens the key', async () => {
    expect((await client.changePin(ref(key), bytes(key.pin), bytes('n3w-secret'))).status).toBe('ok');
    expect((await errorOf(client.logIn(ref(key), bytes(key.pin)))).code).toBe('PIN_INCORRECT');
    await (await client.logIn(ref(key), bytes('n3w-secret'))).close();
    expect((await errorOf(client.changePin(ref(key), bytes(key.pin), bytes('another-1')))).code).toBe('PIN_INCORRECT');
    await client.changePin(ref(key), bytes('n3w-secret'), bytes(key.pin));
  });

  it('refuses: new PINs that break rules, naming them, before the key is asked', async () => {
    const rulesBroken = async (newPin: string) => (await errorOf(client.changePin(ref(key), bytes('wrong-old-pin'), bytes(newPin)))).toData();
    expect(await rulesBroken('12345678')).toEqual({ code: 'PIN_RULE', details: { rules: ['sequence'] } });
    expect(await rulesBroken('111')).toEqual({ code: 'PIN_RULE', details: { rules: ['length', 'repeat'] } });
    expect(await rulesBroken('口令口令')).toEqual({ code: 'PIN_RULE', details: { rules: ['characters', 'classes'] } });
    expect(await rulesBroken('wrong-old-pin')).toEqual({ code: 'PIN_RULE', details: { rules: ['same-as-old'] } });
    expect((await client.list()).tokens[0]?.pin.status).toBe('ok');
  });

  it('ok: PIN bytes are wiped after use, right or wrong', async () => {
    const [right, wrong, oldPin, newPin] = [bytes(key.pin), bytes('00000000'), bytes('00000000'), bytes('n3w-secret')];
    await (await client.logIn(ref(key), right)).close();
    await errorOf(client.logIn(ref(key), wrong));
    await errorOf(client.changePin(ref(key), oldPin, newPin));
    for (const used of [right, wrong, oldPin, newPin]) expect(used.every((byte) => byte === 0)).toBe(true);
  });

  it('refuses: an empty or overlong PIN, without asking the key', async () => {
    for (const pin of ['', 'x'.repeat(65)]) expect((await errorOf(client.logIn(ref(key), bytes(pin)))).code).toBe('INPUT_INVALID');
  });
});

describe('drivers that are not there', () => {
  let folder: string;
  let hostile: HostileDriver;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bidkey-libraries-'));
    hostile = await buildHostileDriver();
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await hostile?.dispose();
  });

  async function stateOf(modelId: string, libraryPath: string | null): Promise<TokenList['drivers'][number] | undefined> {
    const client = await startClient([{ driverId: 'd', modelId, libraryPath, interface: 'pkcs11' }]);
    try {
      return (await client.list()).drivers[0];
    } finally {
      await client.close();
    }
  }

  it('refuses: a library for another processor, by name, without loading it', async () => {
    const library = await readFile(softHsm2ModulePath());
    library.writeUInt16LE(258, 18);
    const path = join(folder, 'loongarch.so');
    await writeFile(path, library);
    expect(await stateOf('generic-pkcs11', path)).toMatchObject({ status: 'failed', errorCode: 'DRIVER_WRONG_PROCESSOR', errorDetails: { wanted: `linux ${process.arch}`, found: 'linux loong64' } });
  });

  it('refuses: files that are no library, are cut off, or lack the entry', async () => {
    const text = join(folder, 'text.so');
    await writeFile(text, '/* GNU ld script */');
    expect(await stateOf('generic-pkcs11', text)).toMatchObject({ errorCode: 'DRIVER_LOAD_FAILED', errorDetails: { reason: 'not a library' } });
    const cut = join(folder, 'cut.so');
    await writeFile(cut, (await readFile(softHsm2ModulePath())).subarray(0, 3000));
    expect(await stateOf('generic-pkcs11', cut)).toMatchObject({ status: 'failed', errorCode: 'DRIVER_LOAD_FAILED', errorDetails: { reason: 'cut off' }, restarts: 0 });
    const other = join(folder, 'other.so');
    await writeFile(`${other}.c`, 'int nothing(void) { return 0; }');
    await run('cc', ['-shared', '-fPIC', '-o', other, `${other}.c`]);
    expect(await stateOf('generic-pkcs11', other)).toMatchObject({ status: 'failed', errorCode: 'DRIVER_LOAD_FAILED' });
  });

  it('refuses: paths that do not exist, relative paths, models without library here, unknown models', async () => {
    expect(await stateOf('generic-pkcs11', join(folder, 'none.so'))).toMatchObject({ status: 'missing', errorCode: 'DRIVER_NOT_FOUND' });
    expect(await stateOf('generic-pkcs11', 'libsofthsm2.so')).toMatchObject({ status: 'missing', errorCode: 'DRIVER_NOT_FOUND' });
    expect(await stateOf('longmai-gm3000', null)).toMatchObject({ status: 'missing', errorCode: 'DRIVER_NOT_FOUND' });
    expect(await stateOf('no-such-model', null)).toMatchObject({ status: 'failed', errorCode: 'UKEY_MODEL_UNKNOWN' });
  });

  it('ok: the library of a model is found by search; models say so', async () => {
    expect(await findInstalledDrivers(MODELS_FOLDER)).toContainEqual({ driverId: 'softhsm2', modelId: 'softhsm2', libraryPath: null, interface: 'pkcs11' });
    const client = await startClient([{ driverId: 'found', modelId: 'softhsm2', libraryPath: null, interface: 'pkcs11', environment: { SOFTHSM2_CONF: '/dev/null' } }]);
    try {
      expect((await client.list()).drivers[0]).toMatchObject({ libraryPath: expect.stringContaining('libsofthsm2.so') });
      const models = client.ukeyModels();
      expect(models.length).toBeGreaterThanOrEqual(8);
      expect(models.find((model) => model.id === 'softhsm2')).toMatchObject({ driverAvailable: true, software: true });
      expect(models.find((model) => model.id === 'watchdata-watchkey')).toMatchObject({ driverAvailable: false });
    } finally {
      await client.close();
    }
  });

  it('ok: drivers are taken up and dropped while others go on', async () => {
    const key = await createSoftHsm2Token();
    const client = await startClient([softHsm2Driver(key)]);
    try {
      await client.list();
      const pid = client.hostPids()['softhsm2'];
      await client.setDrivers([softHsm2Driver(key), hostile.config('late', null)]);
      await listThat(client, (list) => list.tokens.length === 2);
      await client.setDrivers([softHsm2Driver(key)]);
      expect(await client.list()).toMatchObject({ tokens: [{ ref: ref(key) }], drivers: [{ driverId: 'softhsm2' }] });
      expect(client.hostPids()).toEqual({ softhsm2: pid });
    } finally {
      await client.close();
      await key.dispose();
    }
  });

  it('ok: what a driver prints reaches no log', async () => {
    const lines: string[] = [];
    const note = (event: string, fields?: object) => void lines.push(JSON.stringify([event, fields]));
    const client = await startClient([hostile.config('talker', 'return:C_Login:0x5')], { logger: { info: note, warn: note } });
    try {
      await errorOf(client.logIn({ driverId: 'talker', serial: HOSTILE_SERIAL }, bytes('PIN-in-the-open')));
      expect(lines.join('\n')).not.toContain('PIN-in-the-open');
    } finally {
      await client.close();
    }
  });

  it('ok: the host dies with its parent even while the driver hangs', async () => {
    const parent = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('parent-that-dies.ts', import.meta.url)), hostile.libraryPath, hostile.logOf('orphan'), MODELS_FOLDER], { stdio: ['ignore', 'pipe', 'inherit'] });
    const hostPid = await new Promise<number>((resolve) => parent.stdout.once('data', (data: Buffer) => resolve(Number(data.toString().trim()))));
    // Only inside the driver the host cannot hear that its channel was closed.
    while (!(await hostile.calls('orphan')).includes('C_Login')) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isAlive(hostPid)).toBe(true);
    parent.kill('SIGKILL');
    while (isAlive(hostPid)) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isAlive(hostPid)).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw thrown;
  }
}
