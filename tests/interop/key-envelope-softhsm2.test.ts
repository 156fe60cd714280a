/**
 * The envelope of the key-management centre, opened inside a SoftHSM2 token by plain PKCS#11 calls: RSA-OAEP unwraps the AES key, AES-KWP the private key.
 * Nothing is in clear outside; the unwrapped key is sensitive, cannot be extracted, decrypts and has the public key of the escrow.
 */
import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import pkcs11js from 'pkcs11js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EscrowedKey } from '../../src-ca/authority/authority-port.ts';
import { openOrCreateKeyManagementCentre, type OpenCentre } from '../../src-ca/key-management/open-or-create-centre.ts';
import { fromBase64 } from '../../src-shared/bytes/base64.ts';
import { buildRsaPublicKeyInfo } from '../../src-shared/x509/public-key-info.ts';
import { createSoftHsm2Token, type SoftHsm2Token } from '../support/softhsm2.ts';
import { cryptoPort } from './test-authority.ts';
import { createScratch, type Scratch } from './tools.ts';

/** PKCS#11 v2.40 §2.1.7: the label is given (here: empty). */
const CKZ_DATA_SPECIFIED = 1;
const OAEP_SHA1 = { mechanism: pkcs11js.CKM_RSA_PKCS_OAEP, parameter: { type: pkcs11js.CK_PARAMS_RSA_OAEP, hashAlg: pkcs11js.CKM_SHA_1, mgf: pkcs11js.CKG_MGF1_SHA1, source: CKZ_DATA_SPECIFIED } };

describe('envelope of the key-management centre in SoftHSM2', () => {
  let scratch: Scratch, token: SoftHsm2Token, centre: OpenCentre, module: pkcs11js.PKCS11, session: Buffer;
  let signing: { publicKey: Buffer; privateKey: Buffer };
  let signPublicKeySpkiDer: Uint8Array, escrowed: EscrowedKey;

  beforeAll(async () => {
    scratch = await createScratch();
    token = await createSoftHsm2Token();
    process.env.SOFTHSM2_CONF = token.env.SOFTHSM2_CONF;
    module = new pkcs11js.PKCS11();
    module.load(token.modulePath);
    module.C_Initialize();
    const slot = module.C_GetSlotList(true).find((one) => module.C_GetTokenInfo(one).label.trim() === token.label);
    session = module.C_OpenSession(slot as Buffer, pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION);
    module.C_Login(session, pkcs11js.CKU_USER, token.pin);
    signing = module.C_GenerateKeyPair(session, { mechanism: pkcs11js.CKM_RSA_PKCS_KEY_PAIR_GEN },
      [{ type: pkcs11js.CKA_TOKEN, value: true }, { type: pkcs11js.CKA_MODULUS_BITS, value: 2048 }, { type: pkcs11js.CKA_PUBLIC_EXPONENT, value: Buffer.from([1, 0, 1]) }],
      [{ type: pkcs11js.CKA_TOKEN, value: true }, { type: pkcs11js.CKA_PRIVATE, value: true }, { type: pkcs11js.CKA_SENSITIVE, value: true }, { type: pkcs11js.CKA_EXTRACTABLE, value: false }, { type: pkcs11js.CKA_SIGN, value: true }, { type: pkcs11js.CKA_UNWRAP, value: true }]);
    signPublicKeySpkiDer = publicKeyOf(signing.publicKey);
    centre = await openOrCreateKeyManagementCentre({ file: scratch.path('kmc.keystore'), passphrase: Buffer.from('x'), crypto: cryptoPort, scryptLog2N: 14, onFault: (thrown) => { throw thrown; } });
    escrowed = await centre.centre.generate('rsa-2048');
  });
  afterAll(async () => {
    module.C_Finalize();
    module.close();
    await centre.close();
    await token.dispose();
    await scratch.dispose();
  });

  const publicKeyOf = (object: Buffer) => {
    const [modulus, exponent] = module.C_GetAttributeValue(session, object, [{ type: pkcs11js.CKA_MODULUS }, { type: pkcs11js.CKA_PUBLIC_EXPONENT }]);
    return buildRsaPublicKeyInfo(modulus?.value as Buffer, exponent?.value as Buffer);
  };
  const makeEnvelope = async () => {
    const envelope = await centre.centre.envelope(escrowed, { signPublicKeySpkiDer, signCertificateDer: new Uint8Array(0), encryptCertificateDer: new Uint8Array(0) });
    if (envelope.format !== 'rsa-oaep+aes-kwp') throw new Error('format');
    return { kek: Buffer.from(fromBase64(envelope.wrappedKeyEncryptionKey)), key: Buffer.from(fromBase64(envelope.wrappedPrivateKey)) };
  };
  const unwrapKek = (wrapped: Buffer) => module.C_UnwrapKey(session, OAEP_SHA1, signing.privateKey, wrapped, [
    { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_SECRET_KEY }, { type: pkcs11js.CKA_KEY_TYPE, value: pkcs11js.CKK_AES }, { type: pkcs11js.CKA_TOKEN, value: false },
    { type: pkcs11js.CKA_SENSITIVE, value: true }, { type: pkcs11js.CKA_EXTRACTABLE, value: false }, { type: pkcs11js.CKA_UNWRAP, value: true },
  ]);
  const unwrapPrivateKey = (kek: Buffer, wrapped: Buffer) => module.C_UnwrapKey(session, { mechanism: pkcs11js.CKM_AES_KEY_WRAP_PAD }, kek, wrapped, [
    { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_PRIVATE_KEY }, { type: pkcs11js.CKA_KEY_TYPE, value: pkcs11js.CKK_RSA }, { type: pkcs11js.CKA_TOKEN, value: true }, { type: pkcs11js.CKA_PRIVATE, value: true },
    { type: pkcs11js.CKA_SENSITIVE, value: true }, { type: pkcs11js.CKA_EXTRACTABLE, value: false }, { type: pkcs11js.CKA_DECRYPT, value: true }, { type: pkcs11js.CKA_UNWRAP, value: true }, { type: pkcs11js.CKA_SIGN, value: false },
  ]);

  it('ok: both layers open inside the token; the key is the escrowed one, cannot be read or extracted, and decrypts', async () => {
    const envelope = await makeEnvelope();
    const privateKey = unwrapPrivateKey(unwrapKek(envelope.kek), envelope.key);
    expect(publicKeyOf(privateKey)).toEqual(escrowed.publicKeySpkiDer);
    const [sensitive, extractable, signs] = module.C_GetAttributeValue(session, privateKey, [{ type: pkcs11js.CKA_SENSITIVE }, { type: pkcs11js.CKA_EXTRACTABLE }, { type: pkcs11js.CKA_SIGN }]).map((one) => (one.value as Buffer)[0]);
    expect([sensitive, extractable, signs]).toEqual([1, 0, 0]);
    expect(() => module.C_GetAttributeValue(session, privateKey, [{ type: pkcs11js.CKA_PRIVATE_EXPONENT }])).toThrow(/CKR_ATTRIBUTE_SENSITIVE/);
    const ciphertext = publicEncrypt({ key: createPublicKey({ key: Buffer.from(escrowed.publicKeySpkiDer), format: 'der', type: 'spki' }), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, Buffer.from('标书'));
    module.C_DecryptInit(session, OAEP_SHA1, privateKey);
    expect(module.C_Decrypt(session, ciphertext, Buffer.alloc(256)).toString('utf8')).toBe('标书');
  });
  it('refuses: an envelope with a changed octet in either layer', async () => {
    const envelope = await makeEnvelope();
    const flip = (bytes: Buffer) => Buffer.from(bytes.map((byte, index) => (index === 9 ? byte ^ 1 : byte)));
    expect(() => unwrapKek(flip(envelope.kek))).toThrow(/CKR_/);
    const kek = unwrapKek(envelope.kek);
    expect(() => unwrapPrivateKey(kek, flip(envelope.key))).toThrow(/CKR_/);
  });
});
