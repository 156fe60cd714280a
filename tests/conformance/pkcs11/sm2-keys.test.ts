/** SM2, SM3 and the enveloped encryption key over PKCS#11, with OpenSSL as the other side of every signature and ciphertext. */
import { createHash, randomBytes } from 'node:crypto';
import type { Handle, Template } from 'pkcs11js';
import { beforeAll, expect, it } from 'vitest';
import { DEFAULT_ID, envelopedKeyDer, makeEnvelope, makeSm2Key, opensslDecrypts, opensslEncrypts, opensslSigns, opensslVerifies, tlv, type Sm2Key } from '../support/openssl.ts';
import { P, SM2, codeOf, describePkcs11 } from '../support/pkcs11-world.ts';

const CURVE = '28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93' + '32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7' + 'bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0';
const sm3 = (...parts: Uint8Array[]) => createHash('sm3').update(Buffer.concat(parts)).digest();

/** e = SM3(Z ‖ M), as a host computes it. */
function digestToSign(point: Uint8Array, message: Uint8Array, id = DEFAULT_ID): Buffer {
  const a = Buffer.from('fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc', 'hex');
  const length = Buffer.from([id.length >> 5, (id.length * 8) & 255]);
  return sm3(sm3(length, Buffer.from(id), a, Buffer.from(CURVE, 'hex'), point.subarray(1)), message);
}

const derOf = (raw: Buffer) => {
  const integer = (part: Buffer) => {
    const short = part.subarray(part.findIndex((byte) => byte !== 0));
    return tlv(0x02, short.readUInt8(0) >= 0x80 ? Buffer.concat([Buffer.from([0]), short]) : short);
  };
  return tlv(0x30, integer(raw.subarray(0, 32)), integer(raw.subarray(32)));
};

describePkcs11('SM2 keys', (world) => {
  let pair: { publicKey: Handle; privateKey: Handle };
  let point: Buffer;
  beforeAll(() => {
    if (!world.mechanisms.has(SM2.KEY_PAIR_GEN)) return;
    pair = world.sm2Pair('sm2-main');
    point = world.attribute(pair.publicKey, P.CKA_EC_POINT).subarray(-65);
  });
  const publicObject = (key: Sm2Key): Template => [
    { type: P.CKA_CLASS, value: P.CKO_PUBLIC_KEY }, { type: P.CKA_KEY_TYPE, value: SM2.CKK_SM2 }, { type: P.CKA_TOKEN, value: false }, { type: P.CKA_VERIFY, value: true }, { type: P.CKA_ENCRYPT, value: true },
    { type: P.CKA_EC_POINT, value: tlv(0x04, key.point) }];

  it('ok: the pair is on the SM2 curve; the private value is not shown', (context) => {
    world.needs(context, SM2.KEY_PAIR_GEN);
    expect(world.attribute(pair.publicKey, P.CKA_EC_PARAMS).toString('hex')).toBe('06082a811ccf5501822d');
    expect(point[0]).toBe(4);
    expect(codeOf(() => world.attribute(pair.privateKey, P.CKA_VALUE))).toBe(P.CKR_ATTRIBUTE_SENSITIVE);
  });

  it('ok: a signature over e (DER, and raw) is verified by OpenSSL', (context) => {
    world.needs(context, SM2.SIGN_DER, SM2.SIGN_RAW);
    const message = randomBytes(100), e = digestToSign(point, message);
    expect(opensslVerifies(point, message, world.sign({ mechanism: SM2.SIGN_DER }, pair.privateKey, e))).toBe(true);
    expect(opensslVerifies(point, message, derOf(world.sign({ mechanism: SM2.SIGN_RAW }, pair.privateKey, e)))).toBe(true);
  });

  it('ok: SM3 with SM2 over the message; another id gives another signature', (context) => {
    world.needs(context, SM2.SM3_SM2_DER, SM2.SM3_SM2_RAW);
    const message = randomBytes(5000);
    const signature = world.sign({ mechanism: SM2.SM3_SM2_DER }, pair.privateKey, message);
    expect(opensslVerifies(point, message, signature)).toBe(true);
    expect(opensslVerifies(point, message, signature, '8765432187654321')).toBe(false);
    const otherId = world.sign({ mechanism: SM2.SM3_SM2_DER, parameter: Buffer.from('alice@example.cn') }, pair.privateKey, message);
    expect(opensslVerifies(point, message, otherId, 'alice@example.cn')).toBe(true);
    expect(opensslVerifies(point, message, derOf(world.sign({ mechanism: SM2.SM3_SM2_RAW }, pair.privateKey, message)))).toBe(true);
  });

  it('ok: verifies what OpenSSL signed; refuses a changed message', (context) => {
    world.needs(context, SM2.SM3_SM2_DER);
    const key = makeSm2Key(), message = Buffer.from('message digest');
    const imported = world.pkcs11.C_CreateObject(world.session, publicObject(key));
    const signature = opensslSigns(key, message);
    expect(world.verifies({ mechanism: SM2.SM3_SM2_DER }, imported, message, signature)).toBe(true);
    expect(world.verifies({ mechanism: SM2.SM3_SM2_DER }, imported, Buffer.from('message digesu'), signature)).toBe(false);
    expect(world.verifies({ mechanism: SM2.SM3_SM2_DER }, imported, message, Buffer.concat([signature, Buffer.from([0])]))).toBe(false);
  });

  it('refuses: an e that has not 32 bytes', (context) => {
    world.needs(context, SM2.SIGN_DER);
    expect(codeOf(() => world.sign({ mechanism: SM2.SIGN_DER }, pair.privateKey, Buffer.alloc(31)))).toBe(P.CKR_DATA_LEN_RANGE);
  });

  it('ok: decrypts what OpenSSL encrypted, in both forms', (context) => {
    world.needs(context, SM2.ENCRYPT_DER, SM2.ENCRYPT_RAW);
    const plain = randomBytes(32), cipher = opensslEncrypts(point, plain);
    expect(world.decrypt({ mechanism: SM2.ENCRYPT_DER }, pair.privateKey, cipher)).toEqual(plain);
    expect(world.decrypt({ mechanism: SM2.ENCRYPT_RAW }, pair.privateKey, cipher)).toEqual(plain);
    const raw = world.encrypt({ mechanism: SM2.ENCRYPT_RAW }, pair.publicKey, plain);
    expect(raw).toHaveLength(97 + 32);
    expect(world.decrypt({ mechanism: SM2.ENCRYPT_RAW }, pair.privateKey, raw)).toEqual(plain);
  });

  it('ok: OpenSSL decrypts what was encrypted here', (context) => {
    world.needs(context, SM2.ENCRYPT_DER);
    const key = makeSm2Key(), plain = randomBytes(48);
    const imported = world.pkcs11.C_CreateObject(world.session, publicObject(key));
    expect(opensslDecrypts(key, world.encrypt({ mechanism: SM2.ENCRYPT_DER }, imported, plain))).toEqual(plain);
  });

  it('refuses: a ciphertext with a changed byte anywhere', (context) => {
    world.needs(context, SM2.ENCRYPT_RAW);
    const raw = world.encrypt({ mechanism: SM2.ENCRYPT_RAW }, pair.publicKey, Buffer.alloc(32, 5));
    for (const at of [0, 10, 50, 70, 100, raw.length - 1]) {
      const changed = Buffer.from(raw);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(codeOf(() => world.decrypt({ mechanism: SM2.ENCRYPT_RAW }, pair.privateKey, changed)), `byte ${at}`).toBe(P.CKR_ENCRYPTED_DATA_INVALID);
    }
  });

  const unwrapTemplate = (id: string): Template => [
    { type: P.CKA_CLASS, value: P.CKO_PRIVATE_KEY }, { type: P.CKA_KEY_TYPE, value: SM2.CKK_SM2 }, { type: P.CKA_TOKEN, value: true }, { type: P.CKA_PRIVATE, value: true }, { type: P.CKA_SENSITIVE, value: true },
    { type: P.CKA_EXTRACTABLE, value: false }, { type: P.CKA_DECRYPT, value: true }, { type: P.CKA_ID, value: Buffer.from(id) }];
  const unwrap = (der: Buffer, id: string, key = pair.privateKey) => world.pkcs11.C_UnwrapKey(world.session, { mechanism: SM2.UNWRAP_ENVELOPED }, key, der, unwrapTemplate(id));

  for (const [layout, widen] of [['32 bytes', (d: Buffer) => d], ['64 bytes, zeros encrypted too', (d: Buffer) => Buffer.concat([Buffer.alloc(32), d])], ['48 bytes, padded', (d: Buffer) => Buffer.concat([d, Buffer.alloc(16, 16)])]] as const) {
    it(`ok: an SM2EnvelopedKey (${layout}) becomes a private key that decrypts`, (context) => {
      world.needs(context, SM2.UNWRAP_ENVELOPED);
      const inner = makeSm2Key(), plain = randomBytes(32);
      const key = unwrap(envelopedKeyDer(makeEnvelope(point, inner, widen(inner.d))), layout);
      expect(world.decrypt({ mechanism: SM2.ENCRYPT_DER }, key, opensslEncrypts(inner.point, plain))).toEqual(plain);
      expect(world.attribute(key, P.CKA_LOCAL)[0]).toBe(0);
      expect(codeOf(() => world.attribute(key, P.CKA_VALUE))).toBe(P.CKR_ATTRIBUTE_SENSITIVE);
    });
  }

  it('refuses: an envelope for someone else, one whose key does not fit its public key, one with anything behind it', (context) => {
    world.needs(context, SM2.UNWRAP_ENVELOPED);
    const inner = makeSm2Key(), stranger = makeSm2Key();
    const good = makeEnvelope(point, inner);
    expect(codeOf(() => unwrap(envelopedKeyDer(makeEnvelope(stranger.point, inner)), 'x'))).toBe(P.CKR_WRAPPED_KEY_INVALID);
    expect(codeOf(() => unwrap(envelopedKeyDer({ ...good, point: stranger.point }), 'x'))).toBe(P.CKR_WRAPPED_KEY_INVALID);
    const offCurve = Buffer.from(good.point);
    offCurve.writeUInt8(offCurve.readUInt8(64) ^ 1, 64);
    expect(codeOf(() => unwrap(envelopedKeyDer({ ...good, point: offCurve }), 'x'))).toBe(P.CKR_WRAPPED_KEY_INVALID);
    expect(codeOf(() => unwrap(Buffer.concat([envelopedKeyDer(good), Buffer.from([0])]), 'x'))).toBe(P.CKR_WRAPPED_KEY_INVALID);
    expect(codeOf(() => unwrap(envelopedKeyDer(good).subarray(0, -1), 'x'))).toBe(P.CKR_WRAPPED_KEY_INVALID);
    expect(world.find([{ type: P.CKA_ID, value: Buffer.from('x') }])).toEqual([]);
  });

  it('refuses: a private key in the clear', (context) => {
    world.needs(context, SM2.KEY_PAIR_GEN);
    const key = makeSm2Key();
    expect(codeOf(() => world.pkcs11.C_CreateObject(world.session, [...unwrapTemplate('clear'), { type: P.CKA_VALUE, value: key.d }]))).toBe(P.CKR_TEMPLATE_INCONSISTENT);
  });

  it('refuses: to make a key on the token that could be taken out', (context) => {
    world.needs(context, SM2.KEY_PAIR_GEN);
    const make = () => world.pkcs11.C_GenerateKeyPair(world.session, { mechanism: SM2.KEY_PAIR_GEN }, [{ type: P.CKA_TOKEN, value: true }], [{ type: P.CKA_TOKEN, value: true }, { type: P.CKA_EXTRACTABLE, value: true }]);
    expect(codeOf(make)).toBe(P.CKR_TEMPLATE_INCONSISTENT);
  });
});
