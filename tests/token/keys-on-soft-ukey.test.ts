/** A second, unlike library (BidKey's software UKey: counts PIN tries, can be pulled, can be full), so that nothing rests on how SoftHSM2 happens to behave. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenHostClient } from '../../src-main/token/create-token-host-client.ts';
import { CONTAINER, bytes, createOpensslCa, errorOf, listThat, makeEnvelope, oaepEncrypt, startClient } from './token-fixtures.ts';

const NATIVE = fileURLToPath(new URL('../../dist/native', import.meta.url));
const isBuilt = existsSync(join(NATIVE, 'libbidkey-soft-ukey.so')) && existsSync(join(NATIVE, 'ukeyctl'));
const PIN = '28461937';

// Skipped where the native part is not built: node tools/native builds it.
describe.skipIf(!isBuilt)('keys on the software UKey', () => {
  let folder: string;
  let serial: string;
  let client: TokenHostClient;
  const ukeyctl = async (...args: string[]) => (await promisify(execFile)(join(NATIVE, 'ukeyctl'), ['--dir', folder, ...args])).stdout.trim();
  const ref = () => ({ driverId: 'soft-ukey', serial });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bidkey-soft-ukey-'));
    serial = await ukeyctl('create', '--label', '标书 key', '--user-tries', '4', '--test', '--user-pin', PIN, '--admin-pin', '73916428');
    client = await startClient([{ driverId: 'soft-ukey', modelId: 'bidkey-soft-ukey', libraryPath: null, interface: 'pkcs11', environment: { BIDKEY_SOFT_UKEY_DIR: folder } }], { ownLibraryFolders: [NATIVE] });
  });
  afterAll(async () => {
    await client?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('ok: is found by its own name, matched by its strings, with free space', async () => {
    const { tokens, drivers } = await client.list();
    expect(drivers).toMatchObject([{ status: 'ready', libraryPath: join(NATIVE, 'libbidkey-soft-ukey.so') }]);
    expect(tokens).toMatchObject([{ ref: ref(), modelId: 'bidkey-soft-ukey', label: '标书 key', pin: { status: 'ok' } }]);
    expect(tokens[0]?.freeBytes).toBeGreaterThan(1000);
  });

  it('ok: makes a signing key, signs, takes its certificate, reads it back', async () => {
    const ca = await createOpensslCa();
    const session = await client.logIn(ref(), bytes(PIN));
    const { publicKeySpkiDer } = await session.generateSigningKeyPair(CONTAINER, 'rsa-2048');
    expect(await session.sign(CONTAINER, 'sign', bytes('message'))).toHaveLength(256);
    const certificate = await ca.issue(publicKeySpkiDer, '/CN=soft', 'digitalSignature');
    await session.importCertificate(CONTAINER, 'sign', certificate);
    expect(Buffer.from((await session.readContainer(CONTAINER))?.sign.certificateDer ?? [])).toEqual(Buffer.from(certificate));
    await session.close();
    await ca.dispose();
  });

  it('ok: opens the envelope of an encryption key inside the key', async () => {
    const session = await client.logIn(ref(), bytes(PIN));
    const made = makeEnvelope((await session.generateSigningKeyPair(CONTAINER, 'rsa-2048')).publicKeySpkiDer);
    await session.importEncryptionKey(CONTAINER, made.envelope, made.publicKeySpkiDer);
    expect(await session.decrypt(CONTAINER, 'encrypt', oaepEncrypt(made.publicKeySpkiDer, bytes('secret')))).toEqual(Buffer.from('secret'));
    await session.close();
  });

  it('refuses: what does not fit on a full key, as TOKEN_FULL', async () => {
    await ukeyctl('set-free-space', serial, '64');
    const session = await client.logIn(ref(), bytes(PIN));
    expect((await errorOf(session.generateSigningKeyPair('f'.repeat(32), 'rsa-2048'))).code).toBe('TOKEN_FULL');
    await session.close();
    await ukeyctl('set-free-space', serial, '200000');
  });

  it('refuses: a key pulled during a session; back in, a login is needed and what was written is there', async () => {
    const session = await client.logIn(ref(), bytes(PIN));
    await ukeyctl('remove', serial);
    expect((await errorOf(session.sign(CONTAINER, 'sign', bytes('x')))).code).toBe('TOKEN_REMOVED');
    await listThat(client, (list) => list.tokens.length === 0);
    await ukeyctl('insert', serial);
    await listThat(client, (list) => list.tokens.length === 1);
    expect((await errorOf(session.sign(CONTAINER, 'sign', bytes('x')))).code).toBe('TOKEN_NOT_LOGGED_IN');
    const again = await client.logIn(ref(), bytes(PIN));
    expect(await again.sign(CONTAINER, 'sign', bytes('x'))).toHaveLength(256);
    await again.close();
  });

  it('refuses: wrong PINs one try each, down to the lock', async () => {
    const states: unknown[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      const { code, details } = await errorOf(client.logIn(ref(), bytes('00000000')));
      states.push([code, details['pinStatus'], details['triesLeft']]);
    }
    expect(states).toEqual([['PIN_INCORRECT', 'low', null], ['PIN_INCORRECT', 'low', null], ['PIN_INCORRECT', 'final-try', 1], ['PIN_LOCKED', 'locked', 0]]);
    expect((await client.get(ref())).pin).toMatchObject({ status: 'locked', triesLeft: 0 });
    expect((await errorOf(client.logIn(ref(), bytes(PIN)))).code).toBe('PIN_LOCKED');
  });
});
