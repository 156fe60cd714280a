/** One core, two faces: what is made through PKCS#11 is used through SKF, and the other way round; a login of one is none of the other. */
import { randomBytes } from 'node:crypto';
import pkcs11js, { type Handle, type PKCS11 } from 'pkcs11js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEnvelope, makeSm2Certificate, makeSm2Key, opensslEncrypts } from '../conformance/support/openssl.ts';
import { envelopedKeyBlob, eccCipherBlob, pointOfBlob } from '../conformance/support/skf-blobs.ts';
import { PIN, SAR, SGD, SkfLibrary, cell, type SkfHandle } from '../conformance/support/skf-world.ts';
import { SM2 } from '../conformance/support/pkcs11-world.ts';
import { SOFT_UKEY_LIBRARY, USER_PIN, createSoftUkey, softUkeyMissing, type SoftUkey } from './support/soft-ukey.ts';

const P = pkcs11js;
const missing = softUkeyMissing();
const CONTAINER = '0123456789abcdef0123456789abcdef';
const idOf = (container: string, role: 1 | 2) => Buffer.from(`${container}0${role}`, 'hex');

describe.skipIf(missing !== null)(`two faces of the software UKey${missing === null ? '' : ` (${missing})`}`, () => {
  let key: SoftUkey;
  let pkcs11: PKCS11;
  let session: Handle;
  let skf: SkfLibrary;
  let application: SkfHandle;

  const find = (id: Buffer, objectClass: number): Handle[] => {
    pkcs11.C_FindObjectsInit(session, [{ type: P.CKA_ID, value: id }, { type: P.CKA_CLASS, value: objectClass }]);
    const found = pkcs11.C_FindObjects(session, 10);
    pkcs11.C_FindObjectsFinal(session);
    return found;
  };
  const attribute = (object: Handle, type: number) => pkcs11.C_GetAttributeValue(session, object, [{ type }])[0]?.value as Buffer;

  beforeAll(async () => {
    key = await createSoftUkey();
    Object.assign(process.env, key.env);
    pkcs11 = new P.PKCS11();
    pkcs11.load(SOFT_UKEY_LIBRARY);
    pkcs11.C_Initialize();
    session = pkcs11.C_OpenSession(pkcs11.C_GetSlotList(true)[0] as Handle, P.CKF_SERIAL_SESSION | P.CKF_RW_SESSION);
    pkcs11.C_Login(session, P.CKU_USER, USER_PIN);
    skf = new SkfLibrary(SOFT_UKEY_LIBRARY);
    application = skf.handle('SKF_OpenApplication', skf.handle('SKF_ConnectDev', `BIDKEY-${key.serial}`), 'BidKeyApp');
  });
  afterAll(async () => {
    pkcs11.C_Finalize();
    await key.dispose();
  });

  it('ok: a pair of CKA_ID container ‖ 01 is the signing pair of the SKF container named by the hex of the first 16 bytes', () => {
    const common = [{ type: P.CKA_TOKEN, value: true }, { type: P.CKA_ID, value: idOf(CONTAINER, 1) }];
    const { publicKey } = pkcs11.C_GenerateKeyPair(session, { mechanism: SM2.KEY_PAIR_GEN }, common, common);
    expect(skf.names('SKF_EnumContainer', application)).toEqual([CONTAINER]);
    const container = skf.handle('SKF_OpenContainer', application, CONTAINER);
    expect(pointOfBlob(skf.bytes('SKF_ExportPublicKey', container, 1))).toEqual(attribute(publicKey, P.CKA_EC_POINT).subarray(-65));
    expect(skf.call('SKF_ECCSignData', container, randomBytes(32), 32, Buffer.alloc(128)), 'the PKCS#11 login does not count here').toBe(SAR.USER_NOT_LOGGED_IN);
  });

  it('ok: the encryption pair and certificates brought in through SKF are used through PKCS#11', () => {
    skf.must('SKF_VerifyPIN', application, PIN.USER, USER_PIN, cell());
    const container = skf.handle('SKF_OpenContainer', application, CONTAINER);
    const point = pointOfBlob(skf.bytes('SKF_ExportPublicKey', container, 1)), inner = makeSm2Key(), certificate = makeSm2Certificate(inner, 'enc');
    skf.must('SKF_ImportECCKeyPair', container, envelopedKeyBlob(makeEnvelope(point, inner)));
    skf.must('SKF_ImportCertificate', container, 0, certificate, certificate.length);
    const [privateKey] = find(idOf(CONTAINER, 2), P.CKO_PRIVATE_KEY);
    const plain = randomBytes(32);
    pkcs11.C_DecryptInit(session, { mechanism: SM2.ENCRYPT_DER }, privateKey as Handle);
    expect(pkcs11.C_Decrypt(session, opensslEncrypts(inner.point, plain), Buffer.alloc(300))).toEqual(plain);
    expect(attribute(find(idOf(CONTAINER, 2), P.CKO_CERTIFICATE)[0] as Handle, P.CKA_VALUE)).toEqual(certificate);
    const wrapped = eccCipherBlob(opensslEncrypts(inner.point, randomBytes(16)));
    skf.must('SKF_ImportSessionKey', container, SGD.SM4_CBC, wrapped, wrapped.length, cell());
  });

  it('ok: a container removed through SKF is gone from PKCS#11', () => {
    skf.must('SKF_DeleteContainer', application, CONTAINER);
    expect([...find(idOf(CONTAINER, 1), P.CKO_PRIVATE_KEY), ...find(idOf(CONTAINER, 2), P.CKO_CERTIFICATE)]).toEqual([]);
  });

  it('ok: history: containers side by side keep their keys apart', () => {
    const names = ['a'.repeat(32), 'b'.repeat(32)];
    const points = names.map((name) => {
      const blob = Buffer.alloc(132);
      skf.must('SKF_GenECCKeyPair', skf.handle('SKF_CreateContainer', application, name), SGD.SM2_SIGN_A, blob);
      return pointOfBlob(blob);
    });
    names.forEach((name, i) => expect(attribute(find(idOf(name, 1), P.CKO_PUBLIC_KEY)[0] as Handle, P.CKA_EC_POINT).subarray(-65)).toEqual(points[i]));
  });

  it('ok: after an erasing C_InitToken every login of before is void', async () => {
    skf.must('SKF_VerifyPIN', application, PIN.USER, USER_PIN, cell());
    pkcs11.C_CloseAllSessions(pkcs11.C_GetSlotList(true)[0] as Handle);
    pkcs11.C_InitToken(pkcs11.C_GetSlotList(true)[0] as Handle, '73916428', 'erased'.padEnd(32));
    expect(skf.call('SKF_CreateContainer', application, 'x', cell())).toBe(SAR.USER_NOT_LOGGED_IN);
    expect(skf.names('SKF_EnumContainer', application)).toEqual([]);
    expect(await key.status()).toMatchObject({ label: 'erased', publicObjects: 0, privateObjects: 0 });
  });
});
