/** PKCS#11 §5.11 to §5.14 with RSA: signatures, encryption, wrapping, checked by Node's own RSA on the other side. */
import { createCipheriv, constants, createPublicKey, generateKeyPairSync, publicEncrypt, randomBytes, sign, verify, type KeyObject } from 'node:crypto';
import type { Handle, Mechanism, RsaOAEP, RsaPSS, Template } from 'pkcs11js';
import { beforeAll, expect, it } from 'vitest';
import { P, codeOf, describePkcs11, type Pkcs11World } from '../support/pkcs11-world.ts';

const CKG_MGF1_SHA1 = 1, CKG_MGF1_SHA256 = 2;
const oaep = (hashAlg: number, mgf: number): Mechanism => {
  const parameter: RsaOAEP = { type: P.CK_PARAMS_RSA_OAEP, hashAlg, mgf, source: 1 };
  return { mechanism: P.CKM_RSA_PKCS_OAEP, parameter };
};
const OAEP_SHA1 = oaep(P.CKM_SHA_1, CKG_MGF1_SHA1), OAEP_SHA256 = oaep(P.CKM_SHA256, CKG_MGF1_SHA256);
const PSS_PARAMETER: RsaPSS = { type: P.CK_PARAMS_RSA_PSS, hashAlg: P.CKM_SHA256, mgf: CKG_MGF1_SHA256, saltLen: 32 };
const PSS_SHA256: Mechanism = { mechanism: P.CKM_SHA256_RSA_PKCS_PSS, parameter: PSS_PARAMETER };

/** AES key wrap with padding, RFC 5649, by OpenSSL inside Node. */
function kwp(key: Buffer, data: Buffer): Buffer {
  const cipher = createCipheriv('id-aes256-wrap-pad', key, Buffer.from('a65959a6', 'hex'));
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

function nodePublicKey(world: Pkcs11World, publicKey: Handle): KeyObject {
  const n = world.attribute(publicKey, P.CKA_MODULUS), e = world.attribute(publicKey, P.CKA_PUBLIC_EXPONENT);
  return createPublicKey({ key: { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') }, format: 'jwk' });
}

const unwrapTemplate = (objectClass: number, keyType: number, ...more: Template): Template => [
  { type: P.CKA_CLASS, value: objectClass }, { type: P.CKA_KEY_TYPE, value: keyType }, { type: P.CKA_TOKEN, value: objectClass === P.CKO_PRIVATE_KEY }, { type: P.CKA_PRIVATE, value: true },
  { type: P.CKA_SENSITIVE, value: true }, { type: P.CKA_EXTRACTABLE, value: false }, ...more,
];

describePkcs11('RSA keys', (world) => {
  let pair: { publicKey: Handle; privateKey: Handle };
  let outside: KeyObject;
  beforeAll(() => {
    pair = world.rsaPair('rsa-main');
    outside = nodePublicKey(world, pair.publicKey);
  });

  it('ok: the pair carries what it is: 2048 bits, local, private part sensitive and never extractable', () => {
    expect(world.attribute(pair.publicKey, P.CKA_MODULUS)).toHaveLength(256);
    for (const type of [P.CKA_LOCAL, P.CKA_SENSITIVE, P.CKA_ALWAYS_SENSITIVE, P.CKA_NEVER_EXTRACTABLE, P.CKA_PRIVATE]) expect(world.attribute(pair.privateKey, type)[0], `attribute ${type}`).toBe(1);
    for (const type of [P.CKA_PRIVATE_EXPONENT, P.CKA_PRIME_1, P.CKA_COEFFICIENT]) expect(codeOf(() => world.attribute(pair.privateKey, type))).toBe(P.CKR_ATTRIBUTE_SENSITIVE);
  });

  for (const [name, mechanism, digest] of [['SHA1', P.CKM_SHA1_RSA_PKCS, 'sha1'], ['SHA256', P.CKM_SHA256_RSA_PKCS, 'sha256'], ['SHA384', P.CKM_SHA384_RSA_PKCS, 'sha384'], ['SHA512', P.CKM_SHA512_RSA_PKCS, 'sha512']] as const) {
    it(`ok: ${name} with PKCS#1 v1.5, whole and in pieces`, (context) => {
      world.needs(context, mechanism);
      const data = randomBytes(500);
      const signature = world.sign({ mechanism }, pair.privateKey, data);
      expect(verify(digest, data, outside, signature)).toBe(true);
      world.pkcs11.C_SignInit(world.session, { mechanism }, pair.privateKey);
      world.pkcs11.C_SignUpdate(world.session, data.subarray(0, 123));
      world.pkcs11.C_SignUpdate(world.session, data.subarray(123));
      expect(world.pkcs11.C_SignFinal(world.session, Buffer.alloc(256))).toEqual(signature);
      expect(world.verifies({ mechanism }, pair.publicKey, data, signature)).toBe(true);
    });
  }

  it('refuses: a signature over other data, one of other length, one with a changed bit', () => {
    const mechanism = { mechanism: P.CKM_SHA256_RSA_PKCS }, data = Buffer.from('data');
    const signature = world.sign(mechanism, pair.privateKey, data);
    expect(world.verifies(mechanism, pair.publicKey, Buffer.from('datb'), signature)).toBe(false);
    expect(world.verifies(mechanism, pair.publicKey, data, signature.subarray(1))).toBe(false);
    const changed = Buffer.from(signature);
    changed.writeUInt8(changed.readUInt8(100) ^ 1, 100);
    expect(world.verifies(mechanism, pair.publicKey, data, changed)).toBe(false);
  });

  it('ok: PSS with SHA-256 is verified outside, and the other way round', (context) => {
    world.needs(context, P.CKM_SHA256_RSA_PKCS_PSS);
    const data = randomBytes(300), padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    expect(verify('sha256', data, { key: outside, ...padding }, world.sign(PSS_SHA256, pair.privateKey, data))).toBe(true);
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = other.publicKey.export({ format: 'jwk' });
    const imported = world.pkcs11.C_CreateObject(world.session, [{ type: P.CKA_CLASS, value: P.CKO_PUBLIC_KEY }, { type: P.CKA_KEY_TYPE, value: P.CKK_RSA }, { type: P.CKA_TOKEN, value: false }, { type: P.CKA_VERIFY, value: true },
      { type: P.CKA_MODULUS, value: Buffer.from(jwk.n ?? '', 'base64url') }, { type: P.CKA_PUBLIC_EXPONENT, value: Buffer.from(jwk.e ?? '', 'base64url') }]);
    expect(world.verifies(PSS_SHA256, imported, data, sign('sha256', data, { key: other.privateKey, ...padding }))).toBe(true);
  });

  it('ok: decrypts what was encrypted outside: PKCS#1 v1.5, OAEP with SHA-1 and, where offered, SHA-256', (context) => {
    world.needs(context, P.CKM_RSA_PKCS, P.CKM_RSA_PKCS_OAEP);
    const plain = randomBytes(32);
    expect(world.decrypt({ mechanism: P.CKM_RSA_PKCS }, pair.privateKey, publicEncrypt({ key: outside, padding: constants.RSA_PKCS1_PADDING }, plain))).toEqual(plain);
    expect(world.decrypt(OAEP_SHA1, pair.privateKey, publicEncrypt({ key: outside, oaepHash: 'sha1' }, plain))).toEqual(plain);
  });

  it('ok: OAEP with SHA-256', (context) => {
    world.needs(context, P.CKM_RSA_PKCS_OAEP);
    const plain = randomBytes(32), cipher = publicEncrypt({ key: outside, oaepHash: 'sha256' }, plain);
    const begun = codeOf(() => world.pkcs11.C_DecryptInit(world.session, OAEP_SHA256, pair.privateKey));
    context.skip(begun !== 0, `${world.library.name} has OAEP with SHA-1 only`);
    expect(world.pkcs11.C_Decrypt(world.session, cipher, Buffer.alloc(256))).toEqual(plain);
  });

  it('refuses: a ciphertext of another key, one of the wrong length', () => {
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    expect(codeOf(() => world.decrypt(OAEP_SHA1, pair.privateKey, publicEncrypt({ key: stranger, oaepHash: 'sha1' }, Buffer.alloc(32))))).not.toBe(0);
    expect(codeOf(() => world.decrypt(OAEP_SHA1, pair.privateKey, Buffer.alloc(255, 1)))).not.toBe(0);
  });

  it('ok: an encryption key arrives in two layers (RSA-OAEP, AES-KWP) and decrypts', (context) => {
    world.needs(context, P.CKM_RSA_PKCS_OAEP, P.CKM_AES_KEY_WRAP_PAD);
    const inner = generateKeyPairSync('rsa', { modulusLength: 2048 }), kek = randomBytes(32), id = Buffer.from('arrived');
    const wrappedKek = publicEncrypt({ key: outside, oaepHash: 'sha1' }, kek);
    const kekHandle = world.pkcs11.C_UnwrapKey(world.session, OAEP_SHA1, pair.privateKey, wrappedKek, unwrapTemplate(P.CKO_SECRET_KEY, P.CKK_AES, { type: P.CKA_UNWRAP, value: true }));
    const pkcs8 = inner.privateKey.export({ format: 'der', type: 'pkcs8' });
    const key = world.pkcs11.C_UnwrapKey(world.session, { mechanism: P.CKM_AES_KEY_WRAP_PAD }, kekHandle, kwp(kek, pkcs8), unwrapTemplate(P.CKO_PRIVATE_KEY, P.CKK_RSA, { type: P.CKA_ID, value: id }, { type: P.CKA_DECRYPT, value: true }));
    const plain = randomBytes(32);
    expect(world.decrypt(OAEP_SHA1, key, publicEncrypt({ key: inner.publicKey, oaepHash: 'sha1' }, plain))).toEqual(plain);
    for (const type of [P.CKA_LOCAL, P.CKA_ALWAYS_SENSITIVE, P.CKA_NEVER_EXTRACTABLE]) expect(world.attribute(key, type)[0]).toBe(0);
    expect(world.find([{ type: P.CKA_CLASS, value: P.CKO_PRIVATE_KEY }, { type: P.CKA_ID, value: id }])).toHaveLength(1);
    const broken = kwp(kek, pkcs8);
    broken.writeUInt8(broken.readUInt8(200) ^ 1, 200);
    expect(codeOf(() => world.pkcs11.C_UnwrapKey(world.session, { mechanism: P.CKM_AES_KEY_WRAP_PAD }, kekHandle, broken, unwrapTemplate(P.CKO_PRIVATE_KEY, P.CKK_RSA)))).not.toBe(0);
  });

  it('ok: wraps an extractable secret key and takes it back; refuses one that is not', (context) => {
    world.needs(context, P.CKM_AES_KEY_GEN, P.CKM_AES_KEY_WRAP);
    const make = (extractable: boolean) => world.pkcs11.C_GenerateKey(world.session, { mechanism: P.CKM_AES_KEY_GEN }, [
      { type: P.CKA_TOKEN, value: false }, { type: P.CKA_VALUE_LEN, value: 32 }, { type: P.CKA_EXTRACTABLE, value: extractable }, { type: P.CKA_SENSITIVE, value: true },
      { type: P.CKA_WRAP, value: true }, { type: P.CKA_UNWRAP, value: true }, { type: P.CKA_ENCRYPT, value: true }, { type: P.CKA_DECRYPT, value: true }]);
    const kek = make(false), key = make(true), block = randomBytes(16), wrap = { mechanism: P.CKM_AES_KEY_WRAP };
    const wrapped = world.pkcs11.C_WrapKey(world.session, wrap, kek, key, Buffer.alloc(64));
    expect(wrapped).toHaveLength(40);
    const back = world.pkcs11.C_UnwrapKey(world.session, wrap, kek, wrapped, unwrapTemplate(P.CKO_SECRET_KEY, P.CKK_AES, { type: P.CKA_ENCRYPT, value: true }));
    expect(world.encrypt({ mechanism: P.CKM_AES_ECB }, back, block)).toEqual(world.encrypt({ mechanism: P.CKM_AES_ECB }, key, block));
    expect(codeOf(() => world.pkcs11.C_WrapKey(world.session, wrap, kek, make(false), Buffer.alloc(64)))).toBe(P.CKR_KEY_UNEXTRACTABLE);
    expect(codeOf(() => world.pkcs11.C_WrapKey(world.session, wrap, kek, pair.privateKey, Buffer.alloc(4096)))).toBe(P.CKR_KEY_UNEXTRACTABLE);
  });

  it('refuses: to sign with a key that may not, or with a public key', () => {
    const silent = world.rsaPair('rsa-no-sign');
    world.pkcs11.C_SetAttributeValue(world.session, silent.privateKey, [{ type: P.CKA_SIGN, value: false }]);
    expect(codeOf(() => world.pkcs11.C_SignInit(world.session, { mechanism: P.CKM_SHA256_RSA_PKCS }, silent.privateKey))).toBe(P.CKR_KEY_FUNCTION_NOT_PERMITTED);
    expect(codeOf(() => world.pkcs11.C_SignInit(world.session, { mechanism: P.CKM_SHA256_RSA_PKCS }, silent.publicKey))).not.toBe(0);
  });
});
