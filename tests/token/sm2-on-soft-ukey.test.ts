/** SM2 on the software UKey through both of its faces, PKCS#11 and SKF: the token port gives the same answers, and openssl agrees with them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenHostClient } from '../../src-main/token/create-token-host-client.ts';
import type { DriverConfig } from '../../src-main/token/driver-watch.ts';
import type { TokenSession } from '../../src-main/token/token-port.ts';
import type { TokenInterface } from '../../src-main/ukey-models/ukey-model-profile.ts';
import { sealSm2Session } from '#shared/sm/sm2-session-envelope.ts';
import { toBase64 } from '#shared/bytes/base64.ts';
import type { Sm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import { writeEnvelopedKeyBlob } from '../../src-main/token/host/skf/blobs.ts';
import { readSm2Ciphertext } from '#shared/sm/sm2-der.ts';
import { sm2PointOf } from '#shared/sm/sm-provider.ts';
import { sm4EcbEncrypt } from '#shared/sm/sm4-modes.ts';
import { parsePublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { createTestSoftUkey, softUkeyMissing, type TestSoftUkey } from '../support/soft-ukey.ts';
import { createSm2Ca, makeSm2Envelope, random, sm2Seal, type MadeSm2Envelope, type Sm2Ca } from './sm2-fixtures.ts';
import { CONTAINER, bytes, errorOf, listThat, startClient } from './token-fixtures.ts';

const OTHER = 'ffeeddccbbaa99887766554433221100';
const missing = softUkeyMissing();
const driverOf = (key: TestSoftUkey, face: TokenInterface): DriverConfig => ({ driverId: 'soft-ukey', modelId: 'bidkey-soft-ukey', libraryPath: key.libraryPath, interface: face, environment: key.env });

describe.skipIf(missing !== null).each<TokenInterface>(['pkcs11', 'skf'])('SM2 over %s', (face) => {
  let key: TestSoftUkey;
  let ca: Sm2Ca;
  let client: TokenHostClient;
  let session: TokenSession;
  let signSpki: Uint8Array;
  let made: MadeSm2Envelope;
  const ref = () => ({ driverId: 'soft-ukey', serial: key.serial });
  const logIn = () => client.logIn(ref(), bytes(key.pin));

  beforeAll(async () => {
    key = await createTestSoftUkey({ label: '标书 key', create: ['--user-tries', '5'] });
    ca = await createSm2Ca();
    client = await startClient([driverOf(key, face)]);
    session = await logIn();
  });
  afterAll(async () => {
    await session?.close();
    await client?.close();
    await ca?.dispose();
    await key?.dispose();
  });

  // SKF tells that the PIN is still the one the key was issued with; PKCS#11 only that it has to be changed.
  it('ok: lists the key with model, label, PIN state and free space', async () => {
    const { tokens, drivers } = await client.list();
    expect(drivers).toMatchObject([{ status: 'ready', errorCode: null }]);
    expect(tokens).toMatchObject([{ ref: ref(), modelId: 'bidkey-soft-ukey', label: '标书 key', manufacturer: 'BidKey', pin: { status: 'ok', mustChange: face === 'skf' } }]);
    expect(tokens[0]?.freeBytes).toBeGreaterThan(1000);
    if (face === 'skf') expect(tokens[0]?.pin).toMatchObject({ triesLeft: 5, maxTries: 5 });
  });

  it('ok: generates the signing pair once, however often it is asked', async () => {
    signSpki = (await session.generateSigningKeyPair(CONTAINER, 'sm2')).publicKeySpkiDer;
    expect(Buffer.from((await session.generateSigningKeyPair(CONTAINER, 'sm2')).publicKeySpkiDer)).toEqual(Buffer.from(signSpki));
    expect(parsePublicKeyInfo(signSpki).kind).toBe('sm2');
    expect(await session.readContainer(CONTAINER)).toMatchObject({ containerId: CONTAINER, sign: { hasPrivateKey: true, certificateDer: null }, encrypt: { hasPrivateKey: false, publicKeySpkiDer: null } });
    expect(await session.readContainer(OTHER)).toBeNull();
  });

  it('ok: signs so that openssl verifies with the default id, and only with that', async () => {
    for (const message of [bytes('a request to be signed'), random(100_000)]) {
      const signature = await session.sign(CONTAINER, 'sign', message);
      expect(await ca.verifies(signSpki, message, signature)).toBe(true);
      expect(await ca.verifies(signSpki, message, signature, '8765432187654321')).toBe(false);
    }
  });

  it('refuses: an envelope for another key, for another certificate, off the curve, or damaged; nothing of it stays', async () => {
    const otherSpki = (await session.generateSigningKeyPair(OTHER, 'sm2')).publicKeySpkiDer;
    const nothing = async () => expect(await session.readContainer(OTHER)).toMatchObject({ sign: { hasPrivateKey: true }, encrypt: { hasPrivateKey: false, publicKeySpkiDer: null } });
    const flip = (from: Uint8Array, at: number) => from.map((byte, index) => (index === at ? byte ^ 1 : byte));
    const wrongRecipient = await makeSm2Envelope(ca, otherSpki, { recipientPoint: sm2PointOf(signSpki) });
    const damagedKey = await makeSm2Envelope(ca, otherSpki, { change: (one) => ({ ...one, encryptedPrivateKey: flip(one.encryptedPrivateKey, 5) }) });
    const damagedWrap = await makeSm2Envelope(ca, otherSpki, { change: (one) => ({ ...one, encryptedKey: { ...one.encryptedKey, digest: flip(one.encryptedKey.digest, 0) } }) });
    const offCurve = await makeSm2Envelope(ca, otherSpki, { change: (one) => ({ ...one, encryptedKey: { ...one.encryptedKey, point: flip(one.encryptedKey.point, 40) } }) });
    for (const bad of [wrongRecipient, damagedKey, damagedWrap, offCurve]) {
      expect((await errorOf(session.importEncryptionKey(OTHER, bad.envelope, bad.publicKeySpkiDer))).code).toBe('ENVELOPE_REFUSED');
      await nothing();
    }
    const good = await makeSm2Envelope(ca, otherSpki);
    const elsewhere = await makeSm2Envelope(ca, signSpki);
    expect((await errorOf(session.importEncryptionKey(OTHER, good.envelope, elsewhere.publicKeySpkiDer))).toData()).toMatchObject({ code: 'ENVELOPE_REFUSED', details: { reason: 'another key' } });
    expect((await errorOf(session.importEncryptionKey(OTHER, elsewhere.envelope, elsewhere.publicKeySpkiDer))).toData()).toMatchObject({ code: 'ENVELOPE_REFUSED', details: { reason: 'the signing certificate is of another key' } });
    expect((await errorOf(session.importEncryptionKey(OTHER, { format: 'gmt0092-csr-response', csrResponse: 'MAA=' }, good.publicKeySpkiDer))).code).toBe('ENVELOPE_REFUSED');
    await nothing();
  });

  it('refuses: an envelope for a container without signing key', async () => {
    const one = await makeSm2Envelope(ca, signSpki);
    expect((await errorOf(session.importEncryptionKey('0'.repeat(32), one.envelope, one.publicKeySpkiDer))).code).toBe('KEY_NOT_FOUND');
  });

  it('ok: opens the envelope inside the key, twice with the same result', async () => {
    made = await makeSm2Envelope(ca, signSpki);
    await session.importEncryptionKey(CONTAINER, made.envelope, made.publicKeySpkiDer);
    await session.importEncryptionKey(CONTAINER, made.envelope, made.publicKeySpkiDer);
    expect(Buffer.from((await session.readContainer(CONTAINER))?.encrypt.publicKeySpkiDer ?? [])).toEqual(Buffer.from(made.publicKeySpkiDer));
  });

  it.each([48, 64])('ok: takes an envelope whose encrypted key has %i bytes', async (length) => {
    const container = length.toString(16).padStart(32, '0');
    const spki = (await session.generateSigningKeyPair(container, 'sm2')).publicKeySpkiDer;
    const one = await makeEnvelopeOfLength(ca, spki, length);
    await session.importEncryptionKey(container, one.envelope, one.publicKeySpkiDer);
    expect(Buffer.from(await session.decrypt(container, 'encrypt', await ca.encrypt(one.publicKeySpkiDer, bytes('secret'))))).toEqual(Buffer.from('secret'));
    await session.deleteContainer(container);
  });

  it.each(['right-aligned', 'left-aligned', 'whole-field'] as const)('ok: takes a ready-made ENVELOPEDKEYBLOB, %s; refuses: one for another certificate or another key', async (layout) => {
    const container = 'd4'.repeat(16);
    const spki = (await session.generateSigningKeyPair(container, 'sm2')).publicKeySpkiDer;
    const blobFor = async (recipientSpki: Uint8Array) => {
      const blobs: (Uint8Array | null)[] = [];
      const one = await makeSm2Envelope(ca, recipientSpki, {
        change: (envelope, pair) => {
          const sealed = layout === 'whole-field' ? reSealed(envelope, recipientSpki, Buffer.concat([Buffer.alloc(32), pair.privateKey])) : envelope;
          blobs.push(writeEnvelopedKeyBlob(sealed, layout, 4));
          return sealed;
        },
      });
      return { envelope: { format: 'skf-enveloped-key-blob', envelopedKeyBlob: toBase64(blobs[0] ?? new Uint8Array()) } as const, publicKeySpkiDer: one.publicKeySpkiDer };
    };
    const good = await blobFor(spki);
    const other = await blobFor(signSpki);
    expect((await errorOf(session.importEncryptionKey(container, good.envelope, other.publicKeySpkiDer))).toData()).toMatchObject({ code: 'ENVELOPE_REFUSED', details: { reason: 'another key' } });
    expect((await errorOf(session.importEncryptionKey(container, other.envelope, other.publicKeySpkiDer))).code).toBe('ENVELOPE_REFUSED');
    await session.importEncryptionKey(container, good.envelope, good.publicKeySpkiDer);
    expect(Buffer.from(await session.decrypt(container, 'encrypt', sm2Seal(good.publicKeySpkiDer, bytes('secret'))))).toEqual(Buffer.from('secret'));
    await session.deleteContainer(container);
  });

  it('ok: decrypts what openssl and BidKey encrypted, and a session envelope', async () => {
    expect(Buffer.from(await session.decrypt(CONTAINER, 'encrypt', await ca.encrypt(made.publicKeySpkiDer, bytes('by openssl'))))).toEqual(Buffer.from('by openssl'));
    expect(Buffer.from(await session.decrypt(CONTAINER, 'encrypt', sm2Seal(made.publicKeySpkiDer, bytes('by BidKey'))))).toEqual(Buffer.from('by BidKey'));
    const secret = random(32);
    expect(Buffer.from(await session.decrypt(CONTAINER, 'encrypt', sealSm2Session(sm2PointOf(made.publicKeySpkiDer), secret, random)))).toEqual(Buffer.from(secret));
  });

  it('refuses: ciphertexts that do not open, with one answer for every cause', async () => {
    const good = sm2Seal(made.publicKeySpkiDer, bytes('secret'));
    const session1 = sealSm2Session(sm2PointOf(made.publicKeySpkiDer), bytes('secret'), random);
    const damaged = (from: Uint8Array) => from.map((byte, index) => (index === from.length - 1 ? byte ^ 0xff : byte));
    const others = [damaged(good), good.subarray(1), new Uint8Array(256), Uint8Array.of(0x30, 0), sm2Seal(signSpki, bytes('secret')), damaged(session1)];
    for (const bad of others) expect((await errorOf(session.decrypt(CONTAINER, 'encrypt', bad))).toData()).toEqual({ code: 'DECRYPT_FAILED', details: {} });
  });

  it('ok: a call that the driver refuses costs that call; the next ones of the same login work', async () => {
    const uses = { decrypt: () => session.decrypt(CONTAINER, 'encrypt', sm2Seal(made.publicKeySpkiDer, bytes('again'))), sign: () => session.sign(CONTAINER, 'sign', bytes('again')) };
    const calls = face === 'pkcs11' ? { C_Decrypt: uses.decrypt, C_Sign: uses.sign } : { SKF_ECCSignData: uses.sign };
    for (const [call, use] of Object.entries(calls)) {
      await key.fault(call, 1, 'return', '0x80000312');
      expect((await errorOf(use())).toData(), call).toMatchObject({ code: 'DRIVER_FUNCTION_FAILED', details: { functionName: call } });
      await key.clearFaults();
      for (const next of Object.values(uses)) await next();
    }
  });

  it('ok: takes both certificates, reads them back, lists them; a second import changes nothing', async () => {
    for (const [purpose, der] of [['sign', made.signCertificateDer], ['encrypt', made.encryptCertificateDer], ['sign', made.signCertificateDer]] as const) await session.importCertificate(CONTAINER, purpose, der);
    const container = await session.readContainer(CONTAINER);
    expect(Buffer.from(container?.sign.certificateDer ?? [])).toEqual(Buffer.from(made.signCertificateDer));
    expect(Buffer.from(container?.encrypt.certificateDer ?? [])).toEqual(Buffer.from(made.encryptCertificateDer));
    const { certificates } = await listThat(client, ({ tokens }) => tokens[0]?.certificates.length === 2).then(({ tokens }) => tokens[0] ?? { certificates: [] });
    expect(certificates.map(({ containerId, purpose, keyAlgorithm }) => ({ containerId, purpose, keyAlgorithm })).sort((a, b) => b.purpose.localeCompare(a.purpose)))
      .toEqual([{ containerId: CONTAINER, purpose: 'sign', keyAlgorithm: 'sm2' }, { containerId: CONTAINER, purpose: 'encrypt', keyAlgorithm: 'sm2' }]);
  });

  it('refuses: a certificate of another key', async () => {
    expect((await errorOf(session.importCertificate(CONTAINER, 'sign', made.encryptCertificateDer))).code).toBe('CERTIFICATE_KEY_MISMATCH');
    expect((await errorOf(session.importCertificate('0'.repeat(32), 'sign', made.signCertificateDer))).code).toBe('KEY_NOT_FOUND');
  });

  it('ok: a new certificate replaces the old one', async () => {
    const renewed = await ca.issue(signSpki, '/C=CN/CN=renewed', 'digitalSignature');
    await session.importCertificate(CONTAINER, 'sign', renewed);
    expect(Buffer.from((await session.readContainer(CONTAINER))?.sign.certificateDer ?? [])).toEqual(Buffer.from(renewed));
    await session.importCertificate(CONTAINER, 'sign', made.signCertificateDer);
  });

  it('refuses: a second login while one is open', async () => expect((await errorOf(logIn())).code).toBe('TOKEN_BUSY'));

  it('ok: deletes one container whole and no other; deleting what is gone succeeds', async () => {
    await session.deleteContainer(OTHER);
    await session.deleteContainer(OTHER);
    expect(await session.readContainer(OTHER)).toBeNull();
    expect((await session.listContainers()).map(({ containerId }) => containerId)).toEqual([CONTAINER]);
    expect((await errorOf(session.deleteContainer('id:c0ffee'))).code).toBe('CONTAINER_NOT_FOUND');
  });

  it('refuses: what does not fit on a full key, as TOKEN_FULL; the pair that is there goes on working', async () => {
    await key.setFreeSpace(64);
    expect((await errorOf(session.generateSigningKeyPair('f'.repeat(32), 'sm2'))).code).toBe('TOKEN_FULL');
    expect(await ca.verifies(signSpki, bytes('x'), await session.sign(CONTAINER, 'sign', bytes('x')))).toBe(true);
    await key.setFreeSpace(200_000);
    await session.deleteContainer('f'.repeat(32));
  });

  it('refuses: a key pulled during a session; back in, a login is needed and everything is there', async () => {
    await key.remove();
    expect((await errorOf(session.sign(CONTAINER, 'sign', bytes('x')))).code).toBe('TOKEN_REMOVED');
    await listThat(client, ({ tokens }) => tokens.length === 0);
    expect((await errorOf(logIn())).code).toBe('TOKEN_NOT_PRESENT');
    await key.insert();
    await listThat(client, ({ tokens }) => tokens.length === 1);
    expect((await errorOf(session.sign(CONTAINER, 'sign', bytes('x')))).code).toBe('TOKEN_NOT_LOGGED_IN');
    await session.close();
    session = await logIn();
    expect(await ca.verifies(signSpki, bytes('x'), await session.sign(CONTAINER, 'sign', bytes('x')))).toBe(true);
    expect(await session.readContainer(CONTAINER)).toMatchObject({ sign: { hasPrivateKey: true }, encrypt: { hasPrivateKey: true } });
  });

  it('ok: a PIN that is locked by another program during a session leaves the session usable and refuses the next login', async () => {
    await key.lock();
    expect(await ca.verifies(signSpki, bytes('x'), await session.sign(CONTAINER, 'sign', bytes('x')))).toBe(true);
    await session.close();
    expect((await errorOf(logIn())).code).toBe('PIN_LOCKED');
    expect((await client.get(ref())).pin).toMatchObject({ status: 'locked', triesLeft: 0 });
  });

  it('refuses: unblocking with a wrong administrator PIN; ok: with the right one, and keys are still there', async () => {
    expect((await errorOf(client.unblockPin(ref(), bytes('00000000'), bytes('62841937')))).toData()).toMatchObject({ code: 'ADMIN_PIN_INCORRECT', details: { triesLeft: face === 'skf' ? 9 : null } });
    expect(await client.unblockPin(ref(), bytes(key.adminPin), bytes('62841937'))).toMatchObject({ status: 'ok' });
    session = await client.logIn(ref(), bytes('62841937'));
    expect(await ca.verifies(signSpki, bytes('x'), await session.sign(CONTAINER, 'sign', bytes('x')))).toBe(true);
    await session.close();
  });

  it('ok: changes the PIN; refuses: one that breaks a rule, or the wrong old one', async () => {
    expect((await errorOf(client.changePin(ref(), bytes('62841937'), bytes('123456')))).code).toBe('PIN_RULE');
    expect((await errorOf(client.changePin(ref(), bytes('99999999'), bytes('28461937')))).code).toBe('PIN_INCORRECT');
    expect(await client.changePin(ref(), bytes('62841937'), bytes(key.pin))).toMatchObject({ status: 'ok', mustChange: false });
  });

  it('refuses: wrong PINs one try each, down to the lock', async () => {
    const states: unknown[] = [];
    for (let attempt = 0; attempt < 5; attempt++) {
      const { code, details } = await errorOf(client.logIn(ref(), bytes('00000000')));
      states.push([code, details['triesLeft']]);
    }
    const exact = face === 'skf';
    expect(states).toEqual([['PIN_INCORRECT', exact ? 4 : null], ['PIN_INCORRECT', exact ? 3 : null], ['PIN_INCORRECT', exact ? 2 : null], ['PIN_INCORRECT', 1], ['PIN_LOCKED', 0]]);
    expect((await key.status()).userPin).toMatchObject({ triesLeft: 0, locked: true });
  });
});

/** 48: padded with a block of 16s before encryption; 64: the whole field with 32 zeros in front. */
function makeEnvelopeOfLength(ca: Sm2Ca, signSpki: Uint8Array, length: number): Promise<MadeSm2Envelope> {
  return makeSm2Envelope(ca, signSpki, { change: (envelope, { privateKey }) => reSealed(envelope, signSpki, length === 48 ? Buffer.concat([privateKey, Buffer.alloc(16, 16)]) : Buffer.concat([Buffer.alloc(32), privateKey])) });
}

function reSealed(envelope: Sm2EnvelopedKey, signSpki: Uint8Array, plaintext: Uint8Array): Sm2EnvelopedKey {
  const sessionKey = random(16);
  return { ...envelope, encryptedKey: readSm2Ciphertext(sm2Seal(signSpki, sessionKey)), encryptedPrivateKey: sm4EcbEncrypt(sessionKey, plaintext) };
}
