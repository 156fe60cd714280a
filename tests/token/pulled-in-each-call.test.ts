/** The software UKey pulled, or its power cut, inside each call of both faces: the deed ends with a clear code, nothing half made is taken for whole, and doing it again completes it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppError } from '#shared/errors/app-error.ts';
import { sealSm2Session } from '#shared/sm/sm2-session-envelope.ts';
import { sm2PointOf } from '#shared/sm/sm-provider.ts';
import type { TokenHostClient } from '../../src-main/token/create-token-host-client.ts';
import type { TokenSession } from '../../src-main/token/token-port.ts';
import type { TokenInterface } from '../../src-main/ukey-models/ukey-model-profile.ts';
import { createTestSoftUkey, softUkeyMissing, type TestSoftUkey } from '../support/soft-ukey.ts';
import { createSm2Ca, makeSm2Envelope, random, sm2Seal, type MadeSm2Envelope, type Sm2Ca } from './sm2-fixtures.ts';
import { bytes, errorOf, listThat, startClient } from './token-fixtures.ts';

/** Calls that use keys and read, by face; each of them happens in `use` below. */
const USES: Readonly<Record<TokenInterface, readonly string[]>> = {
  pkcs11: ['C_OpenSession', 'C_Login', 'C_FindObjectsInit', 'C_FindObjects', 'C_GetAttributeValue', 'C_SignInit', 'C_Sign', 'C_DecryptInit', 'C_Decrypt'],
  skf: ['SKF_ConnectDev', 'SKF_OpenApplication', 'SKF_VerifyPIN', 'SKF_EnumContainer', 'SKF_OpenContainer', 'SKF_ExportPublicKey', 'SKF_ExportCertificate', 'SKF_ECCSignData', 'SKF_ImportSessionKey', 'SKF_DecryptInit', 'SKF_Decrypt', 'SKF_ECCDecrypt'],
};
/** Calls that write; each of them happens in `write` below. */
const WRITES: Readonly<Record<TokenInterface, readonly string[]>> = {
  pkcs11: ['C_GenerateKeyPair', 'C_UnwrapKey', 'C_CreateObject', 'C_DestroyObject'],
  skf: ['SKF_CreateContainer', 'SKF_GenECCKeyPair', 'SKF_ImportECCKeyPair', 'SKF_ImportCertificate', 'SKF_DeleteContainer'],
};

describe.skipIf(softUkeyMissing() !== null).each<TokenInterface>(['pkcs11', 'skf'])('over %s', (face) => {
  let key: TestSoftUkey;
  let ca: Sm2Ca;
  let client: TokenHostClient;
  let whole: MadeSm2Envelope;
  let containers = 0;
  const WHOLE = 'a'.repeat(32);
  const ref = () => ({ driverId: 'soft-ukey', serial: key.serial });

  beforeAll(async () => {
    key = await createTestSoftUkey();
    ca = await createSm2Ca();
    client = await startClient([{ driverId: 'soft-ukey', modelId: 'bidkey-soft-ukey', libraryPath: key.libraryPath, interface: face, environment: key.env }]);
    whole = await write(WHOLE);
  });
  afterAll(async () => {
    await client?.close();
    await ca?.dispose();
    await key?.dispose();
  });

  async function inSession<T>(work: (session: TokenSession) => Promise<T>): Promise<T> {
    const session = await client.logIn(ref(), bytes(key.pin));
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  }

  /** Everything that is written to a key. @param made the envelope of an earlier try, which fits as long as the signing key stayed */
  const write = (container: string, remove = false): Promise<MadeSm2Envelope> => inSession(async (session) => {
    const { publicKeySpkiDer } = await session.generateSigningKeyPair(container, 'sm2');
    const made = await makeSm2Envelope(ca, publicKeySpkiDer);
    await session.importEncryptionKey(container, made.envelope, made.publicKeySpkiDer);
    await session.importCertificate(container, 'sign', made.signCertificateDer);
    await session.importCertificate(container, 'encrypt', made.encryptCertificateDer);
    if (remove) await session.deleteContainer(container);
    return made;
  });

  const use = (container: string, made: MadeSm2Envelope): Promise<void> => inSession(async (session) => {
    const read = await session.readContainer(container);
    expect(Buffer.from(read?.sign.certificateDer ?? [])).toEqual(Buffer.from(made.signCertificateDer));
    expect(Buffer.from(read?.encrypt.certificateDer ?? [])).toEqual(Buffer.from(made.encryptCertificateDer));
    await session.sign(container, 'sign', bytes('message'));
    for (const ciphertext of [sealSm2Session(sm2PointOf(made.publicKeySpkiDer), bytes('secret'), random), sm2Seal(made.publicKeySpkiDer, bytes('secret'))]) {
      expect(Buffer.from(await session.decrypt(container, 'encrypt', ciphertext))).toEqual(Buffer.from('secret'));
    }
  });

  async function plugBackIn(): Promise<void> {
    await key.clearFaults();
    await key.insert();
    await listThat(client, ({ tokens, drivers }) => tokens.length === 1 && drivers[0]?.status === 'ready');
  }

  it.each(USES[face])('refuses: using a key that is pulled in %s; ok: back in, it works', async (name) => {
    await key.fault(name, 1, 'unplug');
    expect(['TOKEN_REMOVED', 'TOKEN_NOT_PRESENT']).toContain((await errorOf(use(WHOLE, whole))).code);
    await plugBackIn();
    await use(WHOLE, whole);
  });

  it.each(WRITES[face])('refuses: writing to a key that is pulled in %s; ok: doing it again completes it', async (name) => {
    const container = (++containers).toString(16).padStart(32, '0');
    await key.fault(name, 1, 'unplug');
    expect((await errorOf(write(container, true))).code).toBe('TOKEN_REMOVED');
    await plugBackIn();
    await use(container, await write(container));
  });

  it.each([1, 2, 3, 5, 8])('ok: the power cut at write %i leaves what can be completed', async (step) => {
    const container = (++containers).toString(16).padStart(32, '0');
    await key.fault('write', step, 'power-loss');
    const ended = await write(container).then(() => null, (thrown: unknown) => thrown);
    if (ended !== null) expect((ended as AppError).code).toBe('DRIVER_CRASHED');
    await plugBackIn();
    await use(container, await write(container));
    await use(WHOLE, whole);
  });

  it('ok: two keys with one label are told apart by their serials', async () => {
    const twin = await key.addKey('--label', key.label);
    const { tokens } = await listThat(client, (list) => list.tokens.length === 2);
    expect(new Set(tokens.map(({ label }) => label))).toEqual(new Set([key.label]));
    const session = await client.logIn({ driverId: 'soft-ukey', serial: twin }, bytes(key.pin));
    await session.generateSigningKeyPair('c'.repeat(32), 'sm2');
    await session.close();
    await inSession(async (own) => expect(await own.readContainer('c'.repeat(32))).toBeNull());
  });
});
