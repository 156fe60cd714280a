/**
 * What a key goes through after its first pair, on every kind of key: old encryption keys that come back, renewed certificates over the same keys, room for
 * more, the administrator PIN, first PINs, another label.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64 } from '#shared/bytes/base64.ts';
import type { EnvelopedEncryptionKey } from '#shared/contract/rest/issuances.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { sealSm2EnvelopedKey, writeSm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import { generateSm2KeyPair } from '#shared/sm/sm2-key.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import { sm2PointOf } from '#shared/sm/sm-provider.ts';
import { sealSm2Session } from '#shared/sm/sm2-session-envelope.ts';
import { buildEcPublicKeyInfo } from '#shared/x509/public-key-info.ts';
import type { TokenHostClient } from '../../src-main/token/create-token-host-client.ts';
import { sha256Hex } from '../../src-main/token/describe-token.ts';
import type { KeyContainer, TokenSession } from '../../src-main/token/token-port.ts';
import type { TokenInterface } from '../../src-main/ukey-models/ukey-model-profile.ts';
import { createTestSoftUkey, softUkeyMissing } from '../support/soft-ukey.ts';
import { createSoftHsm2Token } from '../support/softhsm2.ts';
import { createSm2Ca, makeSm2Envelope, random } from './sm2-fixtures.ts';
import { CONTAINER, bytes, createOpensslCa, errorOf, listThat, makeEnvelope, oaepEncrypt, softHsm2Driver, startClient } from './token-fixtures.ts';

const HISTORY = 'a1'.repeat(16);
const missing = softUkeyMissing();

interface OldKey {
  readonly envelope: EnvelopedEncryptionKey;
  readonly publicKeySpkiDer: Uint8Array;
  readonly certificateDer: Uint8Array;
}

/** One kind of key, with the CA that belongs to it. */
interface World {
  readonly client: TokenHostClient;
  readonly serial: string;
  readonly driverId: string;
  readonly pin: string;
  /** An encryption key that was in use before, enveloped for an opening key. */
  oldKey(openingSpkiDer: Uint8Array): Promise<OldKey>;
  issue(publicKeySpkiDer: Uint8Array, subject: string, keyUsage: string): Promise<Uint8Array>;
  seal(publicKeySpkiDer: Uint8Array, plaintext: Uint8Array): Uint8Array;
  dispose(): Promise<void>;
}

async function softUkeyWorld(face: TokenInterface): Promise<World> {
  const key = await createTestSoftUkey();
  const ca = await createSm2Ca();
  const client = await startClient([{ driverId: 'soft-ukey', modelId: 'bidkey-soft-ukey', libraryPath: key.libraryPath, interface: face, environment: key.env }]);
  return {
    client, serial: key.serial, driverId: 'soft-ukey', pin: key.pin,
    async oldKey(openingSpkiDer) {
      const pair = generateSm2KeyPair(random);
      const publicKeySpkiDer = buildEcPublicKeyInfo('sm2', pair.publicKey);
      const sealed = await sealSm2EnvelopedKey(portableEngine, sm2PointOf(openingSpkiDer), pair, random);
      return { envelope: { format: 'sm2-enveloped-key', envelopedKey: toBase64(writeSm2EnvelopedKey(sealed)) }, publicKeySpkiDer, certificateDer: await ca.issue(publicKeySpkiDer, '/C=CN/CN=old', 'keyEncipherment') };
    },
    issue: ca.issue,
    seal: (spkiDer, plaintext) => sealSm2Session(sm2PointOf(spkiDer), plaintext, random),
    async dispose() {
      await client.close();
      await ca.dispose();
      await key.dispose();
    },
  };
}

async function softHsm2World(): Promise<World> {
  const key = await createSoftHsm2Token();
  const ca = await createOpensslCa();
  const client = await startClient([softHsm2Driver(key)]);
  return {
    client, serial: key.serial, driverId: 'softhsm2', pin: key.pin,
    async oldKey(openingSpkiDer) {
      const made = makeEnvelope(openingSpkiDer);
      return { ...made, certificateDer: await ca.issue(made.publicKeySpkiDer, '/C=CN/CN=old', 'keyEncipherment') };
    },
    issue: ca.issue,
    seal: oaepEncrypt,
    async dispose() {
      await client.close();
      await ca.dispose();
      await key.dispose();
    },
  };
}

const KINDS: readonly (readonly [string, KeyAlgorithm, string | null, () => Promise<World>])[] = [
  ['SoftHSM2 over PKCS#11', 'rsa-2048', null, softHsm2World],
  ['soft UKey over PKCS#11', 'sm2', missing, () => softUkeyWorld('pkcs11')],
  ['soft UKey over SKF', 'sm2', missing, () => softUkeyWorld('skf')],
];

for (const [name, algorithm, reason, build] of KINDS) {
  describe.skipIf(reason !== null)(`old keys and renewed certificates: ${name}`, () => {
    let world: World;
    let session: TokenSession;
    let old: OldKey;
    beforeAll(async () => {
      world = await build();
      session = await world.client.logIn({ driverId: world.driverId, serial: world.serial }, bytes(world.pin));
    });
    afterAll(async () => {
      await session?.close();
      await world?.dispose();
    });
    const opens = async (containerId: string, spkiDer: Uint8Array) => expect(Buffer.from(await session.decrypt(containerId, 'encrypt', world.seal(spkiDer, bytes('sealed before'))))).toEqual(Buffer.from('sealed before'));

    it('ok: an old encryption key comes back in a container of its own; asking and importing again change nothing', async () => {
      const opening = await session.historyOpeningKey(HISTORY, algorithm);
      expect(Buffer.from((await session.historyOpeningKey(HISTORY, algorithm)).publicKeySpkiDer)).toEqual(Buffer.from(opening.publicKeySpkiDer));
      old = await world.oldKey(opening.publicKeySpkiDer);
      for (let time = 0; time < 2; time++) {
        await session.importHistoryKey(HISTORY, old.envelope, old.publicKeySpkiDer, old.certificateDer);
        await opens(HISTORY, old.publicKeySpkiDer);
      }
    });

    it('ok: it is listed like others and found by the fingerprint of its certificate', async () => {
      const containers = await session.listContainers();
      expect(containers.map(({ containerId }) => containerId)).toEqual([HISTORY]);
      // SKF has no call that takes the opening key away again.
      expect(containers[0]).toMatchObject({ sign: { certificateDer: null, hasPrivateKey: name.includes('SKF') }, encrypt: { hasPrivateKey: true } });
      expect(Buffer.from(containers[0]?.encrypt.certificateDer ?? [])).toEqual(Buffer.from(old.certificateDer));
      expect(findDecryptionKey(containers, sha256Hex(old.certificateDer))).toEqual({ containerId: HISTORY, purpose: 'encrypt' });
      expect(findDecryptionKey(containers, '0'.repeat(64))).toBeNull();
      const { tokens } = await listThat(world.client, (list) => list.tokens[0]?.certificates.length === 1);
      expect(tokens[0]?.certificates).toMatchObject([{ containerId: HISTORY, purpose: 'encrypt', sha256Hex: sha256Hex(old.certificateDer) }]);
    });

    it('ok: an import that was cut off after the key goes on with the certificate', async () => {
      const other = 'b2'.repeat(16);
      const one = await world.oldKey((await session.historyOpeningKey(other, algorithm)).publicKeySpkiDer);
      await session.importEncryptionKey(other, one.envelope, one.publicKeySpkiDer);
      expect(findDecryptionKey(await session.listContainers(), sha256Hex(one.certificateDer))).toBeNull();
      await session.importHistoryKey(other, one.envelope, one.publicKeySpkiDer, one.certificateDer);
      expect(findDecryptionKey(await session.listContainers(), sha256Hex(one.certificateDer))).toEqual({ containerId: other, purpose: 'encrypt' });
      await session.deleteContainer(other);
      await opens(HISTORY, old.publicKeySpkiDer);
    });

    it('refuses: an envelope for another opening key, a certificate of another key, a container that was not asked for; nothing of them stays', async () => {
      const other = 'c3'.repeat(16);
      const unasked = await errorOf(session.importHistoryKey(other, old.envelope, old.publicKeySpkiDer, old.certificateDer));
      expect(unasked.code).toBe('KEY_NOT_FOUND');
      await session.historyOpeningKey(other, algorithm);
      expect((await errorOf(session.importHistoryKey(other, old.envelope, old.publicKeySpkiDer, old.certificateDer))).code).toBe('ENVELOPE_REFUSED');
      const spkiDer = (await session.readContainer(other))?.sign.publicKeySpkiDer ?? new Uint8Array();
      const one = await world.oldKey(spkiDer);
      expect((await errorOf(session.importHistoryKey(other, one.envelope, one.publicKeySpkiDer, old.certificateDer))).code).toBe('CERTIFICATE_KEY_MISMATCH');
      expect(await session.readContainer(other)).toMatchObject({ encrypt: { hasPrivateKey: false, certificateDer: null } });
      await session.deleteContainer(other);
    });

    it('ok: renewed certificates over the same keys take the place of the old ones', async () => {
      const { publicKeySpkiDer: signSpki } = await session.generateSigningKeyPair(CONTAINER, algorithm);
      const encrypt = await world.oldKey(signSpki);
      await session.importEncryptionKey(CONTAINER, encrypt.envelope, encrypt.publicKeySpkiDer);
      for (const year of ['2026', '2027']) {
        await session.importCertificate(CONTAINER, 'sign', await world.issue(signSpki, `/C=CN/CN=${year}`, 'digitalSignature'));
        await session.importCertificate(CONTAINER, 'encrypt', await world.issue(encrypt.publicKeySpkiDer, `/C=CN/CN=${year}`, 'keyEncipherment'));
      }
      const { tokens } = await listThat(world.client, (list) => list.tokens[0]?.certificates.filter((one) => one.subjectCommonName === '2027').length === 2);
      expect(tokens[0]?.certificates.map((one) => one.subjectCommonName).sort()).toEqual(['2027', '2027', 'old']);
      await opens(CONTAINER, encrypt.publicKeySpkiDer);
    });

    it('refuses: to take a container with a pair in use for an old key', async () => {
      expect((await errorOf(session.historyOpeningKey(CONTAINER, algorithm))).code).toBe('CONTAINER_NOT_FOUND');
      expect((await errorOf(session.importHistoryKey(CONTAINER, old.envelope, old.publicKeySpkiDer, old.certificateDer))).code).toBe('CONTAINER_NOT_FOUND');
      expect(await session.readContainer(CONTAINER)).toMatchObject({ sign: { hasPrivateKey: true }, encrypt: { hasPrivateKey: true } });
    });
  });
}

describe('a SoftHSM2 key', () => {
  it('ok: the user PIN is set anew and the administrator PIN changed; room and name are said to be unknown or not to be had', async () => {
    const key = await createSoftHsm2Token();
    const client = await startClient([softHsm2Driver(key)]);
    try {
      const ref = { driverId: 'softhsm2', serial: key.serial };
      expect(await client.unblockPin(ref, bytes(key.soPin), bytes('62841937'))).toMatchObject({ status: 'ok' });
      await (await client.logIn(ref, bytes('62841937'))).close();
      expect(await client.changeAdminPin(ref, bytes(key.soPin), bytes('5f0c11d84b7a'))).toMatchObject({ status: 'ok' });
      expect((await errorOf(client.unblockPin(ref, bytes(key.soPin), bytes('28461937')))).code).toBe('ADMIN_PIN_INCORRECT');
      expect(await client.unblockPin(ref, bytes('5f0c11d84b7a'), bytes('28461937'))).toMatchObject({ status: 'ok' });
      expect(await client.adminPinState(ref)).toMatchObject({ triesLeft: null });
      expect(await client.room(ref)).toEqual({ freeBytes: null, freeContainers: null, furtherPairs: { 'rsa-2048': null, sm2: null } });
      expect((await errorOf(client.renameLabel(ref, 'x'))).code).toBe('DRIVER_MECHANISM');
      expect((await errorOf(client.initialise(ref, { label: 'x', adminPin: bytes('73916428'), userPin: bytes('28461937'), deviceKey: null }))).code).toBe('TOKEN_INITIALISED');
    } finally {
      await client.close();
      await key.dispose();
    }
  });
});

describe.skipIf(missing !== null).each<TokenInterface>(['pkcs11', 'skf'])('a soft UKey over %s', (face) => {
  type Key = Awaited<ReturnType<typeof createTestSoftUkey>>;
  let key: Key;
  let client: TokenHostClient;
  const ref = (serial = key.serial) => ({ driverId: 'soft-ukey', serial });
  beforeAll(async () => {
    key = await createTestSoftUkey({ create: ['--user-tries', '2', '--admin-tries', '3'] });
    client = await startClient([{ driverId: 'soft-ukey', modelId: 'bidkey-soft-ukey', libraryPath: key.libraryPath, interface: face, environment: key.env }]);
  });
  afterAll(async () => {
    await client?.close();
    await key?.dispose();
  });
  const lockUserPin = async () => {
    for (let time = 0; time < 2; time++) await errorOf(client.logIn(ref(), bytes('00000000')));
    expect((await client.get(ref())).pin.status).toBe('locked');
  };

  it('ok: says what unlocks it, and whether it takes another name', async () => {
    expect(await client.get(ref())).toMatchObject({ unlock: { strategy: face === 'skf' ? 'skf-unblock' : 'so-init-pin' }, canRename: face === 'skf' });
  });

  it('ok: a PIN that was locked by wrong tries is set anew with the administrator PIN', async () => {
    await lockUserPin();
    expect(await client.adminPinState(ref())).toMatchObject({ status: 'ok', triesLeft: face === 'skf' ? 3 : null });
    expect(await client.unblockPin(ref(), bytes(key.adminPin), bytes('62841937'))).toMatchObject({ status: 'ok' });
    await (await client.logIn(ref(), bytes('62841937'))).close();
  });

  it('ok: the administrator PIN is changed; the old one opens nothing any more', async () => {
    expect(await client.changeAdminPin(ref(), bytes(key.adminPin), bytes('5f0c11d84b7a'))).toMatchObject({ status: 'ok' });
    expect(await errorOf(client.changeAdminPin(ref(), bytes(key.adminPin), bytes('another-one-1')))).toMatchObject({ code: 'ADMIN_PIN_INCORRECT', details: { triesLeft: face === 'skf' ? 2 : null } });
    await lockUserPin();
    expect(await client.unblockPin(ref(), bytes('5f0c11d84b7a'), bytes(key.pin))).toMatchObject({ status: 'ok' });
    expect(await client.adminPinState(ref())).toMatchObject({ status: 'ok' });
  });

  it('refuses: wrong administrator PINs, one try each, down to the lock, which says that nothing unlocks it', async () => {
    const told: unknown[] = [];
    for (let time = 0; time < 3; time++) {
      const { code, details } = await errorOf(client.unblockPin(ref(), bytes('00000000'), bytes('62841937')));
      told.push([code, details['triesLeft']]);
    }
    expect(told).toEqual([['ADMIN_PIN_INCORRECT', face === 'skf' ? 2 : null], ['ADMIN_PIN_INCORRECT', 1], ['ADMIN_PIN_LOCKED', 0]]);
    expect(await client.adminPinState(ref())).toMatchObject({ status: 'locked', triesLeft: 0 });
    expect((await errorOf(client.unblockPin(ref(), bytes('5f0c11d84b7a'), bytes('62841937')))).code).toBe('ADMIN_PIN_LOCKED');
    expect((await errorOf(client.changeAdminPin(ref(), bytes('5f0c11d84b7a'), bytes('62841937')))).code).toBe('ADMIN_PIN_LOCKED');
    // The user PIN has nothing to do with it.
    await (await client.logIn(ref(), bytes(key.pin))).close();
  });

  it('ok: takes another label where the interface lets it, also during a session', async () => {
    if (face === 'pkcs11') return void expect((await errorOf(client.renameLabel(ref(), '招标 key'))).code).toBe('DRIVER_MECHANISM');
    await client.renameLabel(ref(), '招标 key');
    expect((await client.get(ref())).label).toBe('招标 key');
    const session = await client.logIn(ref(), bytes(key.pin));
    await client.renameLabel(ref(), 'bids 2026');
    await session.close();
    expect((await key.status()).label).toBe('bids 2026');
    expect((await errorOf(client.renameLabel(ref(), '长'.repeat(11)))).code).toBe('INPUT_INVALID');
  });

  it('ok: a login tells whether the PIN is one that keys are handed out with', async () => {
    const serial = await key.addKey('--user-pin', '111111');
    await listThat(client, ({ tokens }) => tokens.length === 2);
    const withDefault = await client.logIn(ref(serial), bytes('111111'));
    expect(withDefault.pinIsDefault).toBe(true);
    await withDefault.close();
    const withOwn = await client.logIn(ref(), bytes(key.pin));
    expect(withOwn.pinIsDefault).toBe(false);
    await withOwn.close();
    expect((await errorOf(client.changePin(ref(), bytes(key.pin), bytes('111111')))).details['rules']).toContain('factory');
  });

  it('ok: as many pairs fit as it says, and a full key says so beforehand', async () => {
    const serial = await key.addKey('--capacity', '20000');
    await listThat(client, ({ tokens }) => tokens.some((one) => one.ref.serial === serial));
    const ca = await createSm2Ca();
    const session = await client.logIn(ref(serial), bytes(key.pin));
    const before = await client.room(ref(serial));
    expect(before.freeBytes).toBeGreaterThan(10_000);
    expect(before.furtherPairs.sm2).toBeGreaterThanOrEqual(2);
    const promised = before.furtherPairs.sm2 ?? 0;
    for (let pair = 0; pair < promised; pair++) await writePair(session, ca, `${pair}${pair}`.repeat(16));
    const after = await client.room(ref(serial));
    expect(after.freeContainers).toBe((before.freeContainers ?? 0) - promised);
    expect(after.freeBytes).toBeLessThan((before.freeBytes ?? 0) - 2_000 * promised);
    expect((await client.list()).tokens.find((one) => one.ref.serial === serial)?.freeBytes).toBe(after.freeBytes);
    await key.ukeyctl('set-free-space', serial, '4000');
    expect(await client.room(ref(serial))).toMatchObject({ freeBytes: 4000, furtherPairs: { sm2: 0, 'rsa-2048': 0 } });
    await session.close();
    await ca.dispose();
  });

  it('ok: a key that was never initialised gets its name and its PINs; refuses: one that has them', async () => {
    const serial = await key.addKey('--blank');
    await listThat(client, ({ tokens }) => tokens.some((one) => one.ref.serial === serial && one.pin.status === 'not-initialised'));
    const secrets = (deviceKey = '1234567812345678') => ({ label: '新 key', adminPin: bytes('73916428'), userPin: bytes('28461937'), deviceKey: bytes(deviceKey) });
    if (face === 'skf') expect((await errorOf(client.initialise(ref(serial), secrets('8765432187654321')))).code).toBe('DEVICE_KEY_WRONG');
    if (face === 'skf') expect((await errorOf(client.initialise(ref(serial), { ...secrets(), deviceKey: null }))).code).toBe('DEVICE_KEY_WRONG');
    expect(await client.initialise(ref(serial), secrets())).toMatchObject({ status: 'ok' });
    expect(await client.get(ref(serial))).toMatchObject({ label: '新 key', pin: { status: 'ok' } });
    const session = await client.logIn(ref(serial), bytes('28461937'));
    await session.generateSigningKeyPair(CONTAINER, 'sm2');
    await session.close();
    expect((await errorOf(client.initialise(ref(serial), secrets()))).code).toBe('TOKEN_INITIALISED');
    await lockedOnce(client, ref(serial));
    expect(await client.unblockPin(ref(serial), bytes('73916428'), bytes('62841937'))).toMatchObject({ status: 'ok' });
  });
});

async function writePair(session: TokenSession, ca: Awaited<ReturnType<typeof createSm2Ca>>, containerId: string): Promise<void> {
  const { publicKeySpkiDer } = await session.generateSigningKeyPair(containerId, 'sm2');
  const made = await makeSm2Envelope(ca, publicKeySpkiDer);
  await session.importEncryptionKey(containerId, made.envelope, made.publicKeySpkiDer);
  await session.importCertificate(containerId, 'sign', made.signCertificateDer);
  await session.importCertificate(containerId, 'encrypt', made.encryptCertificateDer);
}

async function lockedOnce(client: TokenHostClient, ref: TokenSession['ref']): Promise<void> {
  for (let time = 0; time < 10; time++) expect((await errorOf(client.logIn(ref, bytes('00000000')))).code).toMatch(/^PIN_(INCORRECT|LOCKED)$/);
  expect((await client.get(ref)).pin.status).toBe('locked');
}

/** Where the private key of an encryption certificate lies: a listing has to tell that by the fingerprint alone. */
function findDecryptionKey(containers: readonly KeyContainer[], certificateSha256Hex: string): { readonly containerId: string; readonly purpose: 'encrypt' } | null {
  const found = containers.find(({ encrypt }) => encrypt.hasPrivateKey && encrypt.certificateDer !== null && sha256Hex(encrypt.certificateDer) === certificateSha256Hex);
  return found === undefined ? null : { containerId: found.containerId, purpose: 'encrypt' };
}
