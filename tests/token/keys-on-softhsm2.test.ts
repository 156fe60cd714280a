/** Keys and certificates on a real token (SoftHSM2) through a real host process, and the same token seen by other people's tools. */
import { createPublicKey, verify } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSoftHsm2Token, type SoftHsm2Token } from '../support/softhsm2.ts';
import type { TokenHostClient } from '../../src-main/token/create-token-host-client.ts';
import type { TokenSession } from '../../src-main/token/token-port.ts';
import { CONTAINER, bytes, createOpensslCa, errorOf, makeEnvelope, oaepEncrypt, run, softHsm2Driver, startClient, type OpensslCa } from './token-fixtures.ts';

const OTHER = 'ffeeddccbbaa99887766554433221100';
let key: SoftHsm2Token;
let client: TokenHostClient;
let ca: OpensslCa;
let session: TokenSession;
let signSpki: Uint8Array;
let encSpki: Uint8Array;
let envelope: ReturnType<typeof makeEnvelope>['envelope'];

const pkcs11Tool = (...args: string[]) => run('pkcs11-tool', ['--module', key.modulePath, '--token-label', key.label, ...args], { env: { ...process.env, ...key.env, BIDKEY_PIN: key.pin }, encoding: 'buffer' });

beforeAll(async () => {
  key = await createSoftHsm2Token();
  ca = await createOpensslCa();
  client = await startClient([softHsm2Driver(key)]);
  session = await client.logIn({ driverId: 'softhsm2', serial: key.serial }, bytes(key.pin));
});
afterAll(async () => {
  await session?.close();
  await client?.close();
  await ca?.dispose();
  await key?.dispose();
});

describe('writing to a key', () => {
  it('ok: lists the key with model, serial, label and PIN state', async () => {
    const { tokens, drivers } = await client.list();
    expect(drivers).toMatchObject([{ driverId: 'softhsm2', status: 'ready', errorCode: null, restarts: 0 }]);
    expect(tokens).toMatchObject([{ ref: { driverId: 'softhsm2', serial: key.serial }, modelId: 'softhsm2', label: key.label, manufacturer: 'SoftHSM project', hardwareModel: 'SoftHSM v2', pin: { status: 'ok', triesLeft: null }, certificates: [] }]);
  });

  it('ok: generates the signing pair once, however often it is asked', async () => {
    signSpki = (await session.generateSigningKeyPair(CONTAINER, 'rsa-2048')).publicKeySpkiDer;
    const again = await session.generateSigningKeyPair(CONTAINER, 'rsa-2048');
    expect(Buffer.from(again.publicKeySpkiDer)).toEqual(Buffer.from(signSpki));
    expect(createPublicKey({ key: Buffer.from(signSpki), format: 'der', type: 'spki' }).asymmetricKeyDetails).toMatchObject({ modulusLength: 2048, publicExponent: 65537n });
    expect(await session.readContainer(CONTAINER)).toMatchObject({ containerId: CONTAINER, sign: { hasPrivateKey: true, certificateDer: null }, encrypt: { hasPrivateKey: false, publicKeySpkiDer: null } });
  });

  it('ok: signs so that node verifies', async () => {
    const message = bytes('a request to be signed');
    const signature = await session.sign(CONTAINER, 'sign', message);
    expect(verify('sha256', message, createPublicKey({ key: Buffer.from(signSpki), format: 'der', type: 'spki' }), signature)).toBe(true);
  });

  it('ok: opens the envelope inside the key, twice with the same result', async () => {
    const made = makeEnvelope(signSpki);
    envelope = made.envelope;
    encSpki = made.publicKeySpkiDer;
    await session.importEncryptionKey(CONTAINER, envelope, encSpki);
    await session.importEncryptionKey(CONTAINER, envelope, encSpki);
    expect(Buffer.from((await session.readContainer(CONTAINER))?.encrypt.publicKeySpkiDer ?? [])).toEqual(Buffer.from(encSpki));
    expect(await session.decrypt(CONTAINER, 'encrypt', oaepEncrypt(encSpki, bytes('secret')))).toEqual(Buffer.from('secret'));
  });

  it('refuses: an envelope for another key, and leaves nothing of it', async () => {
    await session.generateSigningKeyPair(OTHER, 'rsa-2048');
    expect((await errorOf(session.importEncryptionKey(OTHER, envelope, encSpki))).code).toBe('ENVELOPE_REFUSED');
    expect(await session.readContainer(OTHER)).toMatchObject({ encrypt: { hasPrivateKey: false, publicKeySpkiDer: null } });
  });

  it('refuses: an envelope that holds another key than announced, and leaves nothing of it', async () => {
    const otherSpki = (await session.readContainer(OTHER))?.sign.publicKeySpkiDer ?? new Uint8Array();
    const made = makeEnvelope(otherSpki);
    expect((await errorOf(session.importEncryptionKey(OTHER, made.envelope, encSpki))).toData()).toMatchObject({ code: 'ENVELOPE_REFUSED', details: { reason: 'another key' } });
    expect(await session.readContainer(OTHER)).toMatchObject({ encrypt: { hasPrivateKey: false, publicKeySpkiDer: null } });
  });

  it('refuses: a damaged inner layer', async () => {
    const otherSpki = (await session.readContainer(OTHER))?.sign.publicKeySpkiDer ?? new Uint8Array();
    const made = makeEnvelope(otherSpki);
    if (made.envelope.format !== 'rsa-oaep+aes-kwp') throw new Error('unexpected format');
    const damaged = Buffer.from(made.envelope.wrappedPrivateKey, 'base64');
    damaged[100] = (damaged[100] ?? 0) ^ 1;
    const error = await errorOf(session.importEncryptionKey(OTHER, { ...made.envelope, wrappedPrivateKey: damaged.toString('base64') }, made.publicKeySpkiDer));
    expect(error.toData()).toMatchObject({ code: 'ENVELOPE_REFUSED', details: { layer: 'private-key' } });
  });

  it('refuses: the envelope of SM2 keys on a model without SM2', async () => {
    expect((await errorOf(session.generateSigningKeyPair('0'.repeat(32), 'sm2'))).code).toBe('DRIVER_MECHANISM');
    expect((await errorOf(session.importEncryptionKey(CONTAINER, { format: 'gmt0092-csr-response', csrResponse: '' }, encSpki))).code).toBe('DRIVER_MECHANISM');
  });

  it('refuses: ciphertexts that do not open, with one answer for every cause', async () => {
    const good = oaepEncrypt(encSpki, bytes('secret'));
    const damaged = Buffer.from(good);
    damaged[10] = (damaged[10] ?? 0) ^ 0xff;
    for (const bad of [damaged, good.subarray(1), new Uint8Array(256), new Uint8Array(1)]) expect((await errorOf(session.decrypt(CONTAINER, 'encrypt', bad))).toData()).toEqual({ code: 'DECRYPT_FAILED', details: {} });
  });

  it('refuses: using a key that is not there', async () => {
    expect((await errorOf(session.sign('a'.repeat(32), 'sign', bytes('x')))).code).toBe('KEY_NOT_FOUND');
    expect(await session.readContainer('a'.repeat(32))).toBeNull();
  });

  it('ok: imports both certificates, replaces one, keeps exactly one a side', async () => {
    const first = await ca.issue(signSpki, '/C=CN/O=测试公司/CN=测试公司', 'digitalSignature');
    const second = await ca.issue(signSpki, '/C=CN/O=测试公司/CN=测试公司 二', 'digitalSignature');
    const encryption = await ca.issue(encSpki, '/C=CN/O=测试公司/CN=测试公司', 'keyEncipherment,dataEncipherment');
    for (const certificate of [first, first, second]) await session.importCertificate(CONTAINER, 'sign', certificate);
    await session.importCertificate(CONTAINER, 'encrypt', encryption);
    const container = await session.readContainer(CONTAINER);
    expect(Buffer.from(container?.sign.certificateDer ?? [])).toEqual(Buffer.from(second));
    expect(Buffer.from(container?.encrypt.certificateDer ?? [])).toEqual(Buffer.from(encryption));
    const certificates = (await client.list()).tokens[0]?.certificates ?? [];
    expect(certificates.map(({ containerId, purpose, subjectCommonName, issuerCommonName, keyAlgorithm, hasPrivateKey }) => ({ containerId, purpose, subjectCommonName, issuerCommonName, keyAlgorithm, hasPrivateKey })).sort((a, b) => a.purpose.localeCompare(b.purpose))).toEqual([
      { containerId: CONTAINER, purpose: 'encrypt', subjectCommonName: '测试公司', issuerCommonName: 'Test CA', keyAlgorithm: 'rsa-2048', hasPrivateKey: true },
      { containerId: CONTAINER, purpose: 'sign', subjectCommonName: '测试公司 二', issuerCommonName: 'Test CA', keyAlgorithm: 'rsa-2048', hasPrivateKey: true },
    ]);
  });

  it('refuses: the certificate of another key', async () => {
    const wrong = await ca.issue(encSpki, '/CN=wrong', 'digitalSignature');
    expect((await errorOf(session.importCertificate(CONTAINER, 'sign', wrong))).code).toBe('CERTIFICATE_KEY_MISMATCH');
    expect((await errorOf(session.importCertificate(CONTAINER, 'sign', wrong.subarray(0, 50)))).code).toBe('DER_MALFORMED');
  });
});

describe('the same key in other hands', () => {
  it('ok: pkcs11-tool lists two pairs and two certificates with matching ids, non-extractable', async () => {
    const listed = (await pkcs11Tool('--login', '--pin', 'env:BIDKEY_PIN', '-O')).stdout.toString();
    const objects = listed.split(/\n(?=\S)/).map((text) => ({ kind: /^(Private Key|Public Key|Certificate)/.exec(text)?.[1], id: /ID:\s+([0-9a-f]+)/.exec(text)?.[1], access: /Access:\s+(.*)/.exec(text)?.[1] ?? '' }));
    const of = (kind: string, role: string) => objects.filter((object) => object.kind === kind && object.id === CONTAINER + role);
    for (const role of ['01', '02']) {
      for (const kind of ['Private Key', 'Public Key', 'Certificate']) expect(of(kind, role), `${kind} ${role}`).toHaveLength(1);
      expect(of('Private Key', role)[0]?.access).toContain('sensitive');
      expect(of('Private Key', role)[0]?.access).not.toMatch(/^(?!.*never extractable).*\bextractable/);
    }
    expect(of('Private Key', '01')[0]?.access).toContain('never extractable');
  });

  it('ok: pkcs11-tool signs and openssl verifies with the certificate', async () => {
    const at = (name: string) => join(ca.folder, name);
    await writeFile(at('message'), 'signed by another tool');
    await pkcs11Tool('--login', '--pin', 'env:BIDKEY_PIN', '--sign', '--mechanism', 'SHA256-RSA-PKCS', '--id', `${CONTAINER}01`, '--input-file', at('message'), '--output-file', at('signature'));
    await pkcs11Tool('--read-object', '--type', 'cert', '--id', `${CONTAINER}01`, '--output-file', at('read.der'));
    await run('openssl', ['x509', '-inform', 'DER', '-in', at('read.der'), '-pubkey', '-noout', '-out', at('read.pub')]);
    expect((await run('openssl', ['dgst', '-sha256', '-verify', at('read.pub'), '-signature', at('signature'), at('message')])).stdout).toContain('Verified OK');
    await run('openssl', ['x509', '-inform', 'DER', '-in', at('read.der'), '-out', at('read.pem')]);
    expect((await run('openssl', ['verify', '-CAfile', ca.caPem, at('read.pem')])).stdout).toContain('OK');
  });

  it('ok: openssl encrypts to the encryption certificate and pkcs11-tool decrypts', async () => {
    const at = (name: string) => join(ca.folder, name);
    await writeFile(at('plain'), 'for the encryption key only');
    await pkcs11Tool('--read-object', '--type', 'cert', '--id', `${CONTAINER}02`, '--output-file', at('enc.der'));
    await run('openssl', ['x509', '-inform', 'DER', '-in', at('enc.der'), '-out', at('enc.pem')]);
    await run('openssl', ['pkeyutl', '-encrypt', '-certin', '-inkey', at('enc.pem'), '-pkeyopt', 'rsa_padding_mode:oaep', '-pkeyopt', 'rsa_oaep_md:sha1', '-in', at('plain'), '-out', at('cipher')]);
    await pkcs11Tool('--login', '--pin', 'env:BIDKEY_PIN', '--decrypt', '--mechanism', 'RSA-PKCS-OAEP', '--hash-algorithm', 'SHA-1', '--mgf', 'MGF1-SHA1', '--id', `${CONTAINER}02`, '--input-file', at('cipher'), '--output-file', at('opened'));
    expect(await readFile(at('opened'), 'utf8')).toBe('for the encryption key only');
  });

  it('ok: a key made by another program is listed as foreign, usable, and not deletable', async () => {
    await pkcs11Tool('--login', '--pin', 'env:BIDKEY_PIN', '--keypairgen', '--key-type', 'rsa:2048', '--id', 'c0ffee', '--label', 'somebody else');
    const containers = await session.listContainers();
    expect(containers.map((container) => container.containerId).sort()).toEqual([CONTAINER, OTHER, 'id:c0ffee'].sort());
    expect(await session.sign('id:c0ffee', 'sign', bytes('x'))).toHaveLength(256);
    expect((await errorOf(session.deleteContainer('id:c0ffee'))).code).toBe('CONTAINER_NOT_FOUND');
  });
});

describe('removing and mending', () => {
  it('ok: completes a pair whose public half is missing', async () => {
    await pkcs11Tool('--login', '--pin', 'env:BIDKEY_PIN', '--delete-object', '--type', 'pubkey', '--id', `${CONTAINER}01`);
    const again = await session.generateSigningKeyPair(CONTAINER, 'rsa-2048');
    expect(Buffer.from(again.publicKeySpkiDer)).toEqual(Buffer.from(signSpki));
    expect((await pkcs11Tool('-O', '--type', 'pubkey', '--id', `${CONTAINER}01`)).stdout.toString()).toContain(`${CONTAINER}01`);
  });

  it('ok: a public half alone is removed and the pair made anew', async () => {
    await pkcs11Tool('--login', '--pin', 'env:BIDKEY_PIN', '--delete-object', '--type', 'privkey', '--id', `${OTHER}01`);
    const before = (await session.readContainer(OTHER))?.sign;
    expect(before?.hasPrivateKey).toBe(false);
    const made = await session.generateSigningKeyPair(OTHER, 'rsa-2048');
    expect(Buffer.from(made.publicKeySpkiDer)).not.toEqual(Buffer.from(before?.publicKeySpkiDer ?? []));
    expect(await session.readContainer(OTHER)).toMatchObject({ sign: { hasPrivateKey: true } });
  });

  it('ok: deletes one container whole and no other; deleting what is gone succeeds', async () => {
    await session.deleteContainer(OTHER);
    await session.deleteContainer(OTHER);
    expect(await session.readContainer(OTHER)).toBeNull();
    expect((await session.readContainer(CONTAINER))?.encrypt.hasPrivateKey).toBe(true);
  });

  it('ok: after log-out the session is closed for good, and time in the driver was counted', async () => {
    await session.close();
    await session.close();
    expect((await errorOf(session.listContainers())).code).toBe('TOKEN_NOT_LOGGED_IN');
    expect(client.driverMilliseconds()).toBeGreaterThan(0);
  });
});
