/** RSA on the software UKey over SKF: what GM/T 0016 offers for it, checked by node's own RSA; and the same pair used through PKCS#11. */
import { constants, createCipheriv, createPublicKey, generateKeyPairSync, publicEncrypt, randomBytes, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64 } from '#shared/bytes/base64.ts';
import type { EnvelopedEncryptionKey } from '#shared/contract/rest/issuances.ts';
import { sealRsaSession } from '#shared/pkcs/rsa-session-envelope.ts';
import type { TokenHostClient } from '../../src-main/token/create-token-host-client.ts';
import type { TokenSession } from '../../src-main/token/token-port.ts';
import { createTestSoftUkey, softUkeyMissing, type TestSoftUkey } from '../support/soft-ukey.ts';
import { CONTAINER, bytes, createOpensslCa, errorOf, makeEnvelope, oaepEncrypt, startClient, type OpensslCa } from './token-fixtures.ts';

const random = (length: number) => new Uint8Array(randomBytes(length));
const publicKeyOf = (spkiDer: Uint8Array) => createPublicKey({ key: Buffer.from(spkiDer), format: 'der', type: 'spki' });
const pkcs1Encrypt = (spkiDer: Uint8Array) => (plaintext: Uint8Array) => publicEncrypt({ key: publicKeyOf(spkiDer), padding: constants.RSA_PKCS1_PADDING }, plaintext);

const makePair = () => generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'der' }, privateKeyEncoding: { type: 'pkcs1', format: 'der' } });
/** Two are enough, in turns: what matters is that one is not the other. */
const pairs = [makePair(), makePair()] as const;
let turn = 0;

/** The form of SKF_ImportRSAKeyPair, as a key-management centre makes it. */
function rsaKeyBlob(signSpkiDer: Uint8Array, change: (data: Buffer) => Buffer = (data) => data): { readonly envelope: EnvelopedEncryptionKey; readonly publicKeySpkiDer: Uint8Array } {
  const pair = pairs[turn++ % 2 === 0 ? 0 : 1];
  const key = random(16);
  const cipher = createCipheriv('sm4-ecb', key, null);
  const encryptedPrivateKey = change(Buffer.concat([cipher.update(pair.privateKey), cipher.final()]));
  return { envelope: { format: 'skf-rsa-key-blob', wrappedKey: toBase64(pkcs1Encrypt(signSpkiDer)(key)), encryptedPrivateKey: toBase64(encryptedPrivateKey) }, publicKeySpkiDer: new Uint8Array(pair.publicKey) };
}

describe.skipIf(softUkeyMissing() !== null)('RSA over SKF', () => {
  const OTHER = 'ffeeddccbbaa99887766554433221100';
  let key: TestSoftUkey;
  let ca: OpensslCa;
  let client: TokenHostClient;
  let session: TokenSession;
  let signSpki: Uint8Array;
  let made: ReturnType<typeof rsaKeyBlob>;
  beforeAll(async () => {
    key = await createTestSoftUkey();
    ca = await createOpensslCa();
    const driver = { modelId: 'bidkey-soft-ukey', libraryPath: key.libraryPath, environment: key.env };
    client = await startClient([{ ...driver, driverId: 'skf', interface: 'skf' }, { ...driver, driverId: 'pkcs11', interface: 'pkcs11' }]);
    session = await client.logIn({ driverId: 'skf', serial: key.serial }, bytes(key.pin));
  });
  afterAll(async () => {
    await session?.close();
    await client?.close();
    await ca?.dispose();
    await key?.dispose();
  });
  const opens = async (containerId: string, spkiDer: Uint8Array) =>
    expect(Buffer.from(await session.decrypt(containerId, 'encrypt', sealRsaSession(pkcs1Encrypt(spkiDer), bytes('sealed'), random)))).toEqual(Buffer.from('sealed'));

  it('ok: generates the signing pair once, and signs so that node verifies', async () => {
    signSpki = (await session.generateSigningKeyPair(CONTAINER, 'rsa-2048')).publicKeySpkiDer;
    expect(Buffer.from((await session.generateSigningKeyPair(CONTAINER, 'rsa-2048')).publicKeySpkiDer)).toEqual(Buffer.from(signSpki));
    expect(publicKeyOf(signSpki).asymmetricKeyDetails).toMatchObject({ modulusLength: 2048, publicExponent: 65537n });
    for (const message of [bytes('a request'), random(50_000)]) expect(verify('sha256', message, publicKeyOf(signSpki), await session.sign(CONTAINER, 'sign', message))).toBe(true);
    expect((await errorOf(session.generateSigningKeyPair(CONTAINER, 'sm2'))).code).toBe('KEY_PROOF_FAILED');
  });

  it('ok: opens the encryption key inside, twice with the same result, and takes both certificates', async () => {
    made = rsaKeyBlob(signSpki);
    for (let time = 0; time < 2; time++) await session.importEncryptionKey(CONTAINER, made.envelope, made.publicKeySpkiDer);
    await opens(CONTAINER, made.publicKeySpkiDer);
    await session.importCertificate(CONTAINER, 'sign', await ca.issue(signSpki, '/C=CN/CN=x', 'digitalSignature'));
    await session.importCertificate(CONTAINER, 'encrypt', await ca.issue(made.publicKeySpkiDer, '/C=CN/CN=x', 'keyEncipherment'));
    expect(await session.readContainer(CONTAINER)).toMatchObject({ sign: { hasPrivateKey: true }, encrypt: { hasPrivateKey: true } });
    expect((await client.get({ driverId: 'skf', serial: key.serial })).ref.serial).toBe(key.serial);
  });

  it('refuses: a key for another signing key, damaged, of another certificate, or in the form that SKF has no call for', async () => {
    const otherSpki = (await session.generateSigningKeyPair(OTHER, 'rsa-2048')).publicKeySpkiDer;
    const bad = [rsaKeyBlob(signSpki), rsaKeyBlob(otherSpki, (data) => data.subarray(16)), rsaKeyBlob(otherSpki, (data) => data.subarray(0, -1)), { ...rsaKeyBlob(otherSpki), publicKeySpkiDer: signSpki }];
    for (const one of bad) expect((await errorOf(session.importEncryptionKey(OTHER, one.envelope, one.publicKeySpkiDer))).code).toBe('ENVELOPE_REFUSED');
    const oaep = makeEnvelope(otherSpki);
    expect((await errorOf(session.importEncryptionKey(OTHER, oaep.envelope, oaep.publicKeySpkiDer))).code).toBe('DRIVER_MECHANISM');
    const good = rsaKeyBlob(otherSpki);
    await session.importEncryptionKey(OTHER, good.envelope, good.publicKeySpkiDer);
    await opens(OTHER, good.publicKeySpkiDer);
    await session.deleteContainer(OTHER);
  });

  it('refuses: ciphertexts that do not open; says that it cannot open a bare RSA ciphertext', async () => {
    const good = sealRsaSession(pkcs1Encrypt(made.publicKeySpkiDer), bytes('sealed'), random);
    const damaged = good.map((byte, index) => (index === good.length - 1 ? byte ^ 0xff : byte));
    for (const one of [damaged, good.subarray(0, -1), sealRsaSession(pkcs1Encrypt(signSpki), bytes('sealed'), random)]) expect((await errorOf(session.decrypt(CONTAINER, 'encrypt', one))).toData()).toEqual({ code: 'DECRYPT_FAILED', details: {} });
    expect((await errorOf(session.decrypt(CONTAINER, 'encrypt', oaepEncrypt(made.publicKeySpkiDer, bytes('x'))))).code).toBe('DRIVER_MECHANISM');
  });

  it('ok: an old RSA encryption key comes back', async () => {
    const opening = await session.historyOpeningKey(OTHER, 'rsa-2048');
    const old = rsaKeyBlob(opening.publicKeySpkiDer);
    await session.importHistoryKey(OTHER, old.envelope, old.publicKeySpkiDer, await ca.issue(old.publicKeySpkiDer, '/C=CN/CN=old', 'keyEncipherment'));
    await opens(OTHER, old.publicKeySpkiDer);
  });

  it('ok: the same pair signs and decrypts over PKCS#11', async () => {
    await session.close();
    const other = await client.logIn({ driverId: 'pkcs11', serial: key.serial }, bytes(key.pin));
    expect(verify('sha256', bytes('x'), publicKeyOf(signSpki), await other.sign(CONTAINER, 'sign', bytes('x')))).toBe(true);
    expect(Buffer.from(await other.decrypt(CONTAINER, 'encrypt', oaepEncrypt(made.publicKeySpkiDer, bytes('x'))))).toEqual(Buffer.from('x'));
    await other.close();
  });
});
