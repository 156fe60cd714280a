/** GM/T 0016 §7.5 and §7.6: containers, key pairs, enveloped keys, certificates, signatures, session keys, digests and MAC. */
import { createCipheriv, createHash, createPublicKey, publicEncrypt, constants, generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import { expect, it } from 'vitest';
import { cipherOfBlob, eccCipherBlob, eccPrivateKeyBlob, eccPublicKeyBlob, envelopedKeyBlob, pointOfBlob, rawOfSignatureBlob, rsaModulusOfBlob } from '../support/skf-blobs.ts';
import { DEFAULT_ID, makeEnvelope, makeSm2Certificate, makeSm2Key, opensslDecrypts, opensslEncrypts, opensslVerifies, tlv } from '../support/openssl.ts';
import { SAR, SGD, cell, cipherParam, describeSkf, handleIn, numberIn, sizeCell } from '../support/skf-world.ts';

const integer = (part: Buffer): Buffer => {
  const short = part.subarray(Math.max(0, part.findIndex((byte) => byte !== 0)));
  return tlv(0x02, short.readUInt8(0) >= 0x80 ? Buffer.concat([Buffer.from([0]), short]) : short);
};
const derOf = (raw: Buffer): Buffer => tlv(0x30, integer(raw.subarray(0, 32)), integer(raw.subarray(32)));

describeSkf('containers', (world) => {
  const CONTAINER = '00112233445566778899aabbccddeeff';
  const containerType = (container: bigint) => {
    const type = cell();
    world.skf.must('SKF_GetContainerType', container, type);
    return numberIn(type);
  };
  /** e = SM3(Z ‖ M), computed by the key from public key and id. */
  const digestToSign = (point: Buffer, message: Buffer) => {
    const hash = world.skf.handle('SKF_DigestInit', world.device, SGD.SM3, eccPublicKeyBlob(point), Buffer.from(DEFAULT_ID), 16);
    const e = world.skf.bytesAtOnce('SKF_Digest', hash, message, message.length);
    world.skf.must('SKF_CloseHandle', hash);
    return e;
  };

  it('ok: a new container is empty; with a key pair it is one of ECC; its name is listed', () => {
    const container = world.newContainer(CONTAINER);
    expect(containerType(container)).toBe(0);
    world.generate(container);
    expect(containerType(container)).toBe(2);
    expect(world.skf.names('SKF_EnumContainer', world.application)).toContain(CONTAINER);
  });

  it('ok: the exported public key is the generated one, 132 bytes', () => {
    const container = world.newContainer('exported'), point = world.generate(container);
    const blob = world.skf.bytes('SKF_ExportPublicKey', container, 1);
    expect(blob).toHaveLength(132);
    expect(pointOfBlob(blob)).toEqual(point);
    expect(world.skf.call('SKF_ExportPublicKey', container, 0, null, cell())).toBe(SAR.KEYNOTFOUND);
  });

  it('ok: a signature over e is verified by OpenSSL and by the key; a changed one by neither', () => {
    const container = world.newContainer('signs'), point = world.generate(container), message = randomBytes(200);
    const e = digestToSign(point, message), signature = Buffer.alloc(128);
    world.skf.must('SKF_ECCSignData', container, e, 32, signature);
    expect(opensslVerifies(point, message, derOf(rawOfSignatureBlob(signature)))).toBe(true);
    expect(world.skf.call('SKF_ECCVerify', world.device, eccPublicKeyBlob(point), e, 32, signature)).toBe(SAR.OK);
    const changed = Buffer.from(signature);
    changed.writeUInt8(changed.readUInt8(127) ^ 1, 127);
    expect(world.skf.call('SKF_ECCVerify', world.device, eccPublicKeyBlob(point), e, 32, changed)).not.toBe(SAR.OK);
    expect(world.skf.call('SKF_ECCSignData', container, e, 31, signature)).toBe(SAR.INDATALEN);
  });

  for (const [layout, widen] of [['32 bytes at offset 32', (d: Buffer) => d], ['all 64 bytes encrypted', (d: Buffer) => Buffer.concat([Buffer.alloc(32), d])]] as const) {
    it(`ok: an ENVELOPEDKEYBLOB (${layout}) becomes the encryption pair and opens a session key`, () => {
      const container = world.newContainer(`enveloped ${layout.slice(0, 8)}`), point = world.generate(container), inner = makeSm2Key();
      const blob = envelopedKeyBlob(makeEnvelope(point, inner, widen(inner.d)));
      expect(blob).toHaveLength(388);
      world.skf.must('SKF_ImportECCKeyPair', container, blob);
      expect(pointOfBlob(world.skf.bytes('SKF_ExportPublicKey', container, 0))).toEqual(inner.point);
      expect(pointOfBlob(world.skf.bytes('SKF_ExportPublicKey', container, 1))).toEqual(point);
      const sessionKey = randomBytes(16), iv = randomBytes(16), plain = randomBytes(32), wrapped = eccCipherBlob(opensslEncrypts(inner.point, sessionKey));
      const key = world.skf.handle('SKF_ImportSessionKey', container, SGD.SM4_CBC, wrapped, wrapped.length);
      const cipher = createCipheriv('sm4-cbc', sessionKey, iv);
      const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
      world.skf.must('SKF_DecryptInit', key, cipherParam(iv, true));
      expect(world.skf.bytesAtOnce('SKF_Decrypt', key, sealed, sealed.length)).toEqual(plain);
      expect(world.skf.bytesAtOnce('SKF_ECCDecrypt', container, wrapped)).toEqual(sessionKey);
    });
  }

  it('refuses: an envelope without a signing pair, for another key, with a key that does not fit, with lengths that lie', () => {
    const container = world.newContainer('hostile'), inner = makeSm2Key(), stranger = makeSm2Key();
    expect(world.skf.call('SKF_ImportECCKeyPair', container, envelopedKeyBlob(makeEnvelope(stranger.point, inner)))).toBe(SAR.KEYNOTFOUND);
    const point = world.generate(container), good = makeEnvelope(point, inner);
    const refused = (blob: Buffer) => world.skf.call('SKF_ImportECCKeyPair', container, blob);
    expect(refused(envelopedKeyBlob(makeEnvelope(stranger.point, inner)))).toBe(SAR.INDATA);
    expect(refused(envelopedKeyBlob({ ...good, point: stranger.point }))).toBe(SAR.INDATA);
    expect(refused(envelopedKeyBlob(good, { version: 2 }))).toBe(SAR.INDATA);
    expect(refused(envelopedKeyBlob(good, { bits: 512 }))).toBe(SAR.INDATA);
    expect(refused(envelopedKeyBlob(good, { algorithm: 0x101 }))).toBe(SAR.NOTSUPPORTYET);
    const lying = envelopedKeyBlob(good);
    lying.writeUInt32LE(0x7fffffff, 368);
    expect(refused(lying)).toBe(SAR.INDATALEN);
    const offCurve = envelopedKeyBlob(good);
    offCurve.writeUInt8(offCurve.readUInt8(207) ^ 1, 207);
    expect(refused(offCurve)).toBe(SAR.INDATA);
    expect(world.skf.call('SKF_ExportPublicKey', container, 0, null, cell())).toBe(SAR.KEYNOTFOUND);
  });

  it('ok: both certificates are stored, read back, and replaced', () => {
    const container = world.newContainer('certified'), key = makeSm2Key();
    world.generate(container);
    const [sign, encrypt, renewed] = ['sign', 'encrypt', 'renewed'].map((name) => makeSm2Certificate(key, name)) as [Buffer, Buffer, Buffer];
    expect(world.skf.call('SKF_ExportCertificate', container, 1, null, cell())).toBe(SAR.CERTNOTFOUND);
    world.skf.must('SKF_ImportCertificate', container, 1, sign, sign.length);
    world.skf.must('SKF_ImportCertificate', container, 0, encrypt, encrypt.length);
    expect([world.skf.bytes('SKF_ExportCertificate', container, 1), world.skf.bytes('SKF_ExportCertificate', container, 0)]).toEqual([sign, encrypt]);
    world.skf.must('SKF_ImportCertificate', container, 0, renewed, renewed.length);
    expect(world.skf.bytes('SKF_ExportCertificate', container, 0)).toEqual(renewed);
    expect(world.skf.call('SKF_ImportCertificate', container, 1, Buffer.from('no certificate'), 14)).not.toBe(SAR.OK);
  });

  it('ok: a deleted container is gone with all that was in it', () => {
    const container = world.newContainer('doomed');
    world.generate(container);
    world.skf.must('SKF_DeleteContainer', world.application, 'doomed');
    expect(world.skf.names('SKF_EnumContainer', world.application)).not.toContain('doomed');
    expect(world.skf.call('SKF_ECCSignData', container, Buffer.alloc(32, 1), 32, Buffer.alloc(128))).toBe(SAR.KEYNOTFOUND);
  });

  it('ok: keys handed in: encrypt, decrypt, sign, verify, with OpenSSL on the other side', () => {
    const key = makeSm2Key(), plain = randomBytes(40), blob = Buffer.alloc(164 + 40);
    world.skf.must('SKF_ExtECCEncrypt', world.device, eccPublicKeyBlob(key.point), plain, plain.length, blob);
    const { x, y, hash, cipher } = cipherOfBlob(blob);
    expect(opensslDecrypts(key, tlv(0x30, integer(x), integer(y), tlv(0x04, hash), tlv(0x04, cipher)))).toEqual(plain);
    expect(world.skf.bytesAtOnce('SKF_ExtECCDecrypt', world.device, eccPrivateKeyBlob(key.d), blob)).toEqual(plain);
    const message = Buffer.from('message'), e = digestToSign(key.point, message), signature = Buffer.alloc(128);
    world.skf.must('SKF_ExtECCSign', world.device, eccPrivateKeyBlob(key.d), e, 32, signature);
    expect(opensslVerifies(key.point, message, derOf(rawOfSignatureBlob(signature)))).toBe(true);
    expect(world.skf.call('SKF_ExtECCVerify', world.device, eccPublicKeyBlob(key.point), e, 32, signature)).toBe(SAR.OK);
  });

  it('ok: a session key made for another is opened by that other', () => {
    const key = makeSm2Key(), container = world.newContainer('exports'), blob = Buffer.alloc(164 + 16), out = cell();
    world.skf.must('SKF_ECCExportSessionKey', container, SGD.SM4_ECB, eccPublicKeyBlob(key.point), blob, out);
    world.skf.must('SKF_EncryptInit', handleIn(out), cipherParam());
    const sealed = world.skf.bytesAtOnce('SKF_Encrypt', handleIn(out), Buffer.alloc(32, 4), 32);
    const { x, y, hash, cipher } = cipherOfBlob(blob);
    const opened = createCipheriv('sm4-ecb', opensslDecrypts(key, tlv(0x30, integer(x), integer(y), tlv(0x04, hash), tlv(0x04, cipher))), null).setAutoPadding(false);
    expect(sealed).toEqual(opened.update(Buffer.alloc(32, 4)));
  });

  it('ok: long data in pieces gives what it gives at once; wrong padding is refused', () => {
    const value = randomBytes(16), iv = randomBytes(16), plain = randomBytes(1000);
    const key = world.skf.handle('SKF_SetSymmKey', world.device, value, SGD.SM4_CBC);
    const cipher = createCipheriv('sm4-cbc', value, iv);
    const right = Buffer.concat([cipher.update(plain), cipher.final()]);
    world.skf.must('SKF_EncryptInit', key, cipherParam(iv, true));
    const parts: Buffer[] = [];
    for (let at = 0; at < plain.length; at += 77) parts.push(world.skf.bytesAtOnce('SKF_EncryptUpdate', key, plain.subarray(at, at + 77), Math.min(77, plain.length - at)));
    parts.push(world.skf.bytesAtOnce('SKF_EncryptFinal', key));
    expect(Buffer.concat(parts)).toEqual(right);
    const broken = Buffer.from(right);
    broken.writeUInt8(broken.readUInt8(right.length - 17) ^ 0x55, right.length - 17);
    world.skf.must('SKF_DecryptInit', key, cipherParam(iv, true));
    expect(world.skf.call('SKF_Decrypt', key, broken, broken.length, Buffer.alloc(2000), sizeCell(2000))).not.toBe(SAR.OK);
    expect(world.skf.call('SKF_Decrypt', key, right, right.length, Buffer.alloc(2000), sizeCell(2000)), 'a failed run is over').not.toBe(SAR.OK);
  });

  it('ok: digests SM3 and SHA-256, in pieces; a finished one is finished', () => {
    for (const [algorithm, name] of [[SGD.SM3, 'sm3'], [SGD.SHA256, 'sha256']] as const) {
      const hash = world.skf.handle('SKF_DigestInit', world.device, algorithm, null, null, 0), data = randomBytes(300);
      world.skf.must('SKF_DigestUpdate', hash, data.subarray(0, 100), 100);
      world.skf.must('SKF_DigestUpdate', hash, data.subarray(100), 200);
      expect(world.skf.bytesAtOnce('SKF_DigestFinal', hash)).toEqual(createHash(name).update(data).digest());
      expect(world.skf.call('SKF_DigestUpdate', hash, data, 1)).not.toBe(SAR.OK);
      world.skf.must('SKF_CloseHandle', hash);
    }
  });

  it('ok: the MAC is the last block of CBC', () => {
    const value = randomBytes(16), data = randomBytes(64);
    const key = world.skf.handle('SKF_SetSymmKey', world.device, value, SGD.SM4_CBC);
    const mac = world.skf.handle('SKF_MacInit', key, Buffer.alloc(44));
    const cipher = createCipheriv('sm4-cbc', value, Buffer.alloc(16)).setAutoPadding(false);
    expect(world.skf.bytesAtOnce('SKF_Mac', mac, data, data.length)).toEqual(cipher.update(data).subarray(-16));
  });

  it('ok: an RSA container: generated, signs a DigestInfo, takes its encryption pair enveloped', () => {
    const container = world.newContainer('rsa'), blob = Buffer.alloc(268), message = randomBytes(50);
    world.skf.must('SKF_GenRSAKeyPair', container, 2048, blob);
    expect(containerType(container)).toBe(1);
    const { n, e } = rsaModulusOfBlob(blob);
    const publicKey = createPublicKey({ key: { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') }, format: 'jwk' });
    const digestInfo = Buffer.concat([Buffer.from('3031300d060960864801650304020105000420', 'hex'), createHash('sha256').update(message).digest()]);
    const signature = world.skf.bytesAtOnce('SKF_RSASignData', container, digestInfo, digestInfo.length);
    expect(verify('sha256', message, publicKey, signature)).toBe(true);
    expect(world.skf.call('SKF_RSAVerify', world.device, blob, digestInfo, digestInfo.length, signature, signature.length)).toBe(SAR.OK);
    const inner = generateKeyPairSync('rsa', { modulusLength: 2048 }), sessionKey = randomBytes(16);
    const cipher = createCipheriv('sm4-ecb', sessionKey, null);
    const encrypted = Buffer.concat([cipher.update(inner.privateKey.export({ format: 'der', type: 'pkcs1' })), cipher.final()]);
    const wrapped = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, sessionKey);
    world.skf.must('SKF_ImportRSAKeyPair', container, SGD.SM4_ECB, wrapped, wrapped.length, encrypted, encrypted.length);
    expect(rsaModulusOfBlob(world.skf.bytes('SKF_ExportPublicKey', container, 0)).n.toString('base64url')).toBe(inner.publicKey.export({ format: 'jwk' }).n);
    const small = publicEncrypt({ key: inner.publicKey, padding: constants.RSA_PKCS1_PADDING }, sessionKey);
    world.skf.must('SKF_ImportSessionKey', container, SGD.SM4_ECB, small, small.length, cell());
  });

  it('refuses: a wrapped session key whose length lies, down to none', () => {
    const container = world.newContainer('short'), point = world.generate(container);
    const wrapped = eccCipherBlob(opensslEncrypts(point, randomBytes(16)));
    for (const length of [0, 1, 163, 164, wrapped.length - 1]) expect(world.skf.call('SKF_ImportSessionKey', container, SGD.SM4_CBC, wrapped, length, cell()), `length ${length}`).toBe(SAR.INDATALEN);
    const lying = Buffer.from(wrapped);
    lying.writeUInt32LE(17, 160);
    expect(world.skf.call('SKF_ImportSessionKey', container, SGD.SM4_CBC, lying, lying.length, cell())).toBe(SAR.INDATALEN);
  });

  it('refuses: private keys without a login', () => {
    const container = world.newContainer('closed to others'), point = world.generate(container);
    const other = world.skf.handle('SKF_OpenApplication', world.device, world.library.application);
    const seen = world.skf.handle('SKF_OpenContainer', other, 'closed to others');
    expect(pointOfBlob(world.skf.bytes('SKF_ExportPublicKey', seen, 1))).toEqual(point);
    expect(world.skf.call('SKF_ECCSignData', seen, Buffer.alloc(32, 1), 32, Buffer.alloc(128))).toBe(SAR.USER_NOT_LOGGED_IN);
    expect(world.skf.call('SKF_GenECCKeyPair', seen, SGD.SM2_SIGN_A, Buffer.alloc(132))).toBe(SAR.USER_NOT_LOGGED_IN);
    world.skf.must('SKF_CloseApplication', other);
  });
});
