/** PKCS#11 §5.8 to §5.10: digests and symmetric ciphers, whole and in pieces, against Node's own. */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { P, SM2, codeOf, describePkcs11, type Pkcs11World } from '../support/pkcs11-world.ts';

const DIGESTS: ReadonlyArray<readonly [string, number]> = [['sha1', P.CKM_SHA_1], ['sha224', P.CKM_SHA224], ['sha256', P.CKM_SHA256], ['sha384', P.CKM_SHA384], ['sha512', P.CKM_SHA512], ['sm3', SM2.SM3]];

interface CipherRow { readonly node: string; readonly mechanism: number; readonly keyType: number; readonly keyBytes: number; readonly padded: boolean; readonly ivBytes: number }
const CIPHERS: readonly CipherRow[] = [
  { node: 'aes-128-ecb', mechanism: P.CKM_AES_ECB, keyType: P.CKK_AES, keyBytes: 16, padded: false, ivBytes: 0 },
  { node: 'aes-256-cbc', mechanism: P.CKM_AES_CBC, keyType: P.CKK_AES, keyBytes: 32, padded: false, ivBytes: 16 },
  { node: 'aes-256-cbc', mechanism: P.CKM_AES_CBC_PAD, keyType: P.CKK_AES, keyBytes: 32, padded: true, ivBytes: 16 },
  { node: 'sm4-ecb', mechanism: SM2.SM4_ECB, keyType: SM2.CKK_SM4, keyBytes: 16, padded: false, ivBytes: 0 },
  { node: 'sm4-cbc', mechanism: SM2.SM4_CBC, keyType: SM2.CKK_SM4, keyBytes: 16, padded: false, ivBytes: 16 },
  { node: 'sm4-cbc', mechanism: SM2.SM4_CBC_PAD, keyType: SM2.CKK_SM4, keyBytes: 16, padded: true, ivBytes: 16 },
];

const importKey = (world: Pkcs11World, row: CipherRow, value: Buffer) => world.pkcs11.C_CreateObject(world.session, [
  { type: P.CKA_CLASS, value: P.CKO_SECRET_KEY }, { type: P.CKA_KEY_TYPE, value: row.keyType }, { type: P.CKA_TOKEN, value: false }, { type: P.CKA_VALUE, value }, { type: P.CKA_ENCRYPT, value: true }, { type: P.CKA_DECRYPT, value: true }]);

describePkcs11('digests and ciphers', (world) => {
  for (const [name, mechanism] of DIGESTS) {
    it(`ok: ${name}, whole and in pieces`, (context) => {
      world.needs(context, mechanism);
      const data = randomBytes(1000);
      const right = createHash(name).update(data).digest();
      expect(world.digest(mechanism, data)).toEqual(right);
      world.pkcs11.C_DigestInit(world.session, { mechanism });
      for (let at = 0; at < data.length; at += 137) world.pkcs11.C_DigestUpdate(world.session, data.subarray(at, at + 137));
      expect(world.pkcs11.C_DigestFinal(world.session, Buffer.alloc(128))).toEqual(right);
    });
  }

  it('ok: SM3 of "abc" is that of GM/T 0004', (context) => {
    world.needs(context, SM2.SM3);
    expect(world.digest(SM2.SM3, Buffer.from('abc')).toString('hex')).toBe('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0');
  });

  it('ok: SM4 of the annex of GM/T 0002', (context) => {
    world.needs(context, SM2.SM4_ECB);
    const block = Buffer.from('0123456789abcdeffedcba9876543210', 'hex');
    const row = CIPHERS.find((one) => one.mechanism === SM2.SM4_ECB) as CipherRow;
    expect(world.encrypt({ mechanism: SM2.SM4_ECB }, importKey(world, row, block), block).toString('hex')).toBe('681edf34d206965e86b3e94f536e4246');
  });

  for (const row of CIPHERS) {
    const name = `${row.node}${row.padded ? ' padded' : ''}`;
    it(`ok: ${name}, whole and in pieces, both ways`, (context) => {
      world.needs(context, row.mechanism);
      const value = randomBytes(row.keyBytes), iv = randomBytes(row.ivBytes), plain = randomBytes(row.padded ? 1003 : 1008);
      const key = importKey(world, row, value);
      const mechanism = row.ivBytes > 0 ? { mechanism: row.mechanism, parameter: iv } : { mechanism: row.mechanism };
      const node = createCipheriv(row.node, value, row.ivBytes > 0 ? iv : null).setAutoPadding(row.padded);
      const right = Buffer.concat([node.update(plain), node.final()]);
      expect(world.encrypt(mechanism, key, plain)).toEqual(right);
      expect(world.decrypt(mechanism, key, right)).toEqual(plain);
      world.pkcs11.C_DecryptInit(world.session, mechanism, key);
      const parts: Buffer[] = [];
      for (let at = 0; at < right.length; at += 100) parts.push(Buffer.from(world.pkcs11.C_DecryptUpdate(world.session, right.subarray(at, at + 100), Buffer.alloc(200))));
      parts.push(Buffer.from(world.pkcs11.C_DecryptFinal(world.session, Buffer.alloc(64))));
      expect(Buffer.concat(parts)).toEqual(plain);
    });

    it(`refuses: ${name} with a broken last block or a partial one`, (context) => {
      world.needs(context, row.mechanism);
      const key = importKey(world, row, Buffer.alloc(row.keyBytes, 3));
      const mechanism = row.ivBytes > 0 ? { mechanism: row.mechanism, parameter: Buffer.alloc(16) } : { mechanism: row.mechanism };
      expect([P.CKR_ENCRYPTED_DATA_LEN_RANGE, P.CKR_ENCRYPTED_DATA_INVALID]).toContain(codeOf(() => world.decrypt(mechanism, key, Buffer.alloc(17))));
    });
  }

  it('refuses: an operation that was not begun, and a second one while one runs', (context) => {
    world.needs(context, P.CKM_SHA256);
    expect(codeOf(() => world.pkcs11.C_Digest(world.session, Buffer.from('x'), Buffer.alloc(64)))).toBe(P.CKR_OPERATION_NOT_INITIALIZED);
    world.pkcs11.C_DigestInit(world.session, { mechanism: P.CKM_SHA256 });
    expect(codeOf(() => world.pkcs11.C_DigestInit(world.session, { mechanism: P.CKM_SHA256 }))).toBe(P.CKR_OPERATION_ACTIVE);
    world.pkcs11.C_Digest(world.session, Buffer.from('x'), Buffer.alloc(64));
  });

  it('refuses: a short buffer, and then gives the same digest into a larger one', (context) => {
    world.needs(context, P.CKM_SHA256);
    world.pkcs11.C_DigestInit(world.session, { mechanism: P.CKM_SHA256 });
    expect(codeOf(() => world.pkcs11.C_Digest(world.session, Buffer.from('x'), Buffer.alloc(8)))).toBe(P.CKR_BUFFER_TOO_SMALL);
    expect(world.pkcs11.C_Digest(world.session, Buffer.from('x'), Buffer.alloc(32))).toEqual(createHash('sha256').update('x').digest());
  });
});
