/** Two SKF keys of one driver used at the same time, each by a process of its own: neither a wait, nor a fault, nor a pulled key of one is felt by the other. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenHostClient } from '../../src-main/token/create-token-host-client.ts';
import type { TokenSession } from '../../src-main/token/token-port.ts';
import { createTestSoftUkey, softUkeyMissing, type TestSoftUkey } from '../support/soft-ukey.ts';
import { createSm2Ca, makeSm2Envelope, type Sm2Ca } from './sm2-fixtures.ts';
import { CONTAINER, bytes, errorOf, listThat, startClient } from './token-fixtures.ts';

describe.skipIf(softUkeyMissing() !== null)('two SKF keys at once', () => {
  let key: TestSoftUkey;
  let serials: readonly string[];
  let ca: Sm2Ca;
  let client: TokenHostClient;
  let sessions: TokenSession[];
  const ref = (at: number) => ({ driverId: 'skf', serial: serials[at] ?? '' });
  const session = (at: number): TokenSession => sessions[at] ?? expect.unreachable();
  const signs = async (at: number) => {
    const spki = (await session(at).readContainer(CONTAINER))?.sign.publicKeySpkiDer ?? new Uint8Array();
    expect(await ca.verifies(spki, bytes('x'), await session(at).sign(CONTAINER, 'sign', bytes('x')))).toBe(true);
  };

  beforeAll(async () => {
    key = await createTestSoftUkey();
    serials = [key.serial, await key.addKey(), await key.addKey()];
    ca = await createSm2Ca();
    client = await startClient([{ driverId: 'skf', modelId: 'bidkey-soft-ukey', libraryPath: key.libraryPath, interface: 'skf', environment: key.env }], { limits: { sign: 1500 } });
    await listThat(client, ({ tokens }) => tokens.length === 3);
  });
  afterAll(async () => {
    for (const one of sessions ?? []) await one.close();
    await client?.close();
    await ca?.dispose();
    await key?.dispose();
  });

  it('ok: both are logged in to and written side by side; the list shows all keys with what is on them', async () => {
    sessions = await Promise.all([client.logIn(ref(0), bytes(key.pin)), client.logIn(ref(1), bytes(key.pin))]);
    await Promise.all([0, 1].map(async (at) => {
      const { publicKeySpkiDer } = await session(at).generateSigningKeyPair(CONTAINER, 'sm2');
      const made = await makeSm2Envelope(await createSm2CaOf(at), publicKeySpkiDer);
      await session(at).importEncryptionKey(CONTAINER, made.envelope, made.publicKeySpkiDer);
      await session(at).importCertificate(CONTAINER, 'sign', made.signCertificateDer);
      await session(at).importCertificate(CONTAINER, 'encrypt', made.encryptCertificateDer);
    }));
    for (const at of [0, 1]) await signs(at);
    const { tokens } = await client.list();
    expect(tokens.map((token) => [token.ref.serial, token.certificates.length])).toEqual([...serials].sort().map((serial) => [serial, serial === serials[2] ? 0 : 2]));
  });

  it('refuses: a second login to the same key, also one begun at the same moment', async () => {
    expect((await errorOf(client.logIn(ref(0), bytes(key.pin)))).code).toBe('TOKEN_BUSY');
    expect((await errorOf(client.changePin(ref(0), bytes(key.pin), bytes('62841937')))).code).toBe('TOKEN_BUSY');
    const both = await Promise.allSettled([client.logIn(ref(2), bytes(key.pin)), client.logIn(ref(2), bytes(key.pin))]);
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    for (const one of both) if (one.status === 'fulfilled') await one.value.close();
    for (const at of [0, 1]) await signs(at);
  });

  it('ok: a wrong PIN and a changed PIN on a third key disturb neither', async () => {
    expect((await errorOf(client.logIn(ref(2), bytes('00000000')))).code).toBe('PIN_INCORRECT');
    expect((await client.get(ref(2))).pin).toMatchObject({ triesLeft: 9 });
    expect(await client.changePin(ref(2), bytes(key.pin), bytes('62841937'))).toMatchObject({ status: 'ok' });
    for (const at of [0, 1]) await signs(at);
  });

  it('ok: pulling one ends its login alone', async () => {
    await key.ukeyctl('remove', ref(1).serial);
    expect((await errorOf(session(1).sign(CONTAINER, 'sign', bytes('x')))).code).toBe('TOKEN_REMOVED');
    await listThat(client, ({ tokens }) => tokens.length === 2);
    await signs(0);
    await key.ukeyctl('insert', ref(1).serial);
    await listThat(client, ({ tokens }) => tokens.length === 3);
    // Nobody has closed the login that ended with the key.
    sessions[1] = await client.logIn(ref(1), bytes(key.pin));
    for (const at of [0, 1]) await signs(at);
  });

  it('ok: a driver that hangs or crashes in a call on one key costs that login and nothing else', async () => {
    for (const action of [['hang', '30'], ['crash']]) {
      await key.ukeyctl('fault', ref(1).serial, 'add', 'SKF_ECCSignData', '1', ...action);
      const code = errorOf(session(1).sign(CONTAINER, 'sign', bytes('x'))).then((error) => error.code);
      await signs(0);
      expect(await code).toBe(action[0] === 'hang' ? 'DRIVER_TIMEOUT' : 'DRIVER_CRASHED');
      expect((await errorOf(session(1).sign(CONTAINER, 'sign', bytes('x')))).code).toBe('TOKEN_NOT_LOGGED_IN');
      await key.ukeyctl('fault', ref(1).serial, 'clear');
      await session(1).close();
      sessions[1] = await client.logIn(ref(1), bytes(key.pin));
      for (const at of [0, 1]) await signs(at);
    }
    expect((await client.list()).drivers).toMatchObject([{ status: 'ready', restarts: 2 }]);
  });

  it('ok: when the process that looks for keys dies, logins go on, and a new one leaves their keys alone', async () => {
    process.kill(client.hostPids()['skf'] ?? 0, 'SIGKILL');
    for (const at of [0, 1]) await signs(at);
    const { tokens } = await listThat(client, (list) => list.drivers[0]?.status === 'ready' && list.drivers[0].restarts === 3);
    expect(tokens.map((token) => token.ref.serial)).toEqual([...serials].sort());
    for (const at of [0, 1]) await signs(at);
    for (const one of sessions) await one.close();
    expect(Object.keys(client.hostPids())).toEqual(['skf']);
    sessions = [await client.logIn(ref(1), bytes(key.pin))];
    expect((await client.list()).tokens).toHaveLength(3);
  });

  /** Each writes its files in a folder of its own, because both run at once. */
  async function createSm2CaOf(at: number): Promise<Sm2Ca> {
    return at === 0 ? ca : own;
  }
  let own: Sm2Ca;
  beforeAll(async () => {
    own = await createSm2Ca();
  });
  afterAll(() => own?.dispose());
});
