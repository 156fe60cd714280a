/** SM2, SM3, SM4 and key files beside Debian's OpenSSL, both ways. */
import { randomBytes as nodeRandomBytes } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { concatBytes } from '#shared/bytes/byte-strings.ts';
import { fromHex, toHex } from '#shared/bytes/hex.ts';
import { toUtf8 } from '#shared/bytes/utf8.ts';
import { encryptPrivateKeyInfo } from '#shared/pkcs/encrypted-private-key.ts';
import { readSm2PrivateKeyInfo, writeSm2PrivateKeyInfo } from '#shared/pkcs/sm2-private-key-info.ts';
import { readSm2Ciphertext, readSm2Signature, writeSm2Ciphertext, writeSm2Signature } from '#shared/sm/sm2-der.ts';
import { readSm2CiphertextRaw, writeSm2CiphertextRaw } from '#shared/sm/sm2-encrypt.ts';
import { generateSm2KeyPair, sm2MessageDigest } from '#shared/sm/sm2-key.ts';
import { parsePublicKeyInfo, buildEcPublicKeyInfo } from '#shared/x509/public-key-info.ts';
import { eachEngine } from './each-engine.ts';
import { openSsl } from './openssl.ts';

const random = (length: number) => new Uint8Array(nodeRandomBytes(length));
const ssl = openSsl();
afterAll(() => ssl.remove());

const pair = generateSm2KeyPair(random);
ssl.write('ours.p8', writeSm2PrivateKeyInfo(pair));
ssl.write('ours.pub', buildEcPublicKeyInfo('sm2', pair.publicKey));
ssl.must('genpkey', '-algorithm', 'SM2', '-out', '@theirs.pem');
ssl.must('pkcs8', '-topk8', '-nocrypt', '-in', '@theirs.pem', '-outform', 'DER', '-out', '@theirs.p8');
ssl.must('pkey', '-in', '@theirs.p8', '-inform', 'DER', '-pubout', '-outform', 'DER', '-out', '@theirs.pub');
const message = toUtf8('招标文件'.repeat(300));
ssl.write('message', message);
const ID = 'distid:1234567812345678';
const WRONG_ID = 'distid:8765432187654321';

describe('keys', () => {
  it('ok: OpenSSL derives from our PKCS#8 the public key that we have', () => {
    ssl.must('pkey', '-in', '@ours.p8', '-inform', 'DER', '-pubout', '-outform', 'DER', '-out', '@ours.again');
    expect(toHex(ssl.read('ours.again'))).toBe(toHex(ssl.read('ours.pub')));
  });

  it('ok: we read the PKCS#8 key that OpenSSL makes', () => {
    const info = parsePublicKeyInfo(ssl.read('theirs.pub'));
    expect(info.kind).toBe('sm2');
    expect(toHex(readSm2PrivateKeyInfo(ssl.read('theirs.p8')).publicKey)).toBe(toHex(info.keyBits));
  });

  it('ok: OpenSSL opens our encrypted PKCS#8 (AES-256, HMAC-SHA-256), and not with another password', () => {
    ssl.write('ours.encrypted', encryptPrivateKeyInfo(toUtf8('correct horse'), writeSm2PrivateKeyInfo(pair), { suite: 'international', randomBytes: random, iterations: 2048 }));
    ssl.must('pkey', '-in', '@ours.encrypted', '-inform', 'DER', '-passin', 'pass:correct horse', '-pubout', '-outform', 'DER', '-out', '@ours.again');
    expect(toHex(ssl.read('ours.again'))).toBe(toHex(ssl.read('ours.pub')));
    expect(ssl.run('pkey', '-in', '@ours.encrypted', '-inform', 'DER', '-passin', 'pass:wrong', '-noout').ok).toBe(false);
  });
});

eachEngine((engine) => {
  it('ok: OpenSSL verifies our signature with the default id, and refuses it with another', async () => {
    const raw = await engine.sm2SignDigest(pair.privateKey, sm2MessageDigest(pair.publicKey, message), { randomBytes: random });
    ssl.write('signature', writeSm2Signature(raw));
    const verify = (id: string) => ssl.run('pkeyutl', '-verify', '-pubin', '-inkey', '@ours.pub', '-keyform', 'DER', '-rawin', '-digest', 'sm3', '-in', '@message', '-sigfile', '@signature', '-pkeyopt', id);
    expect(verify(ID)).toMatchObject({ ok: true });
    expect(verify(WRONG_ID).ok).toBe(false);
  });

  it('ok: we verify the signature of OpenSSL with its id, and refuse it with another', async () => {
    ssl.must('pkeyutl', '-sign', '-inkey', '@theirs.p8', '-keyform', 'DER', '-rawin', '-digest', 'sm3', '-in', '@message', '-out', '@signature', '-pkeyopt', ID);
    const { keyBits } = parsePublicKeyInfo(ssl.read('theirs.pub'));
    const raw = readSm2Signature(ssl.read('signature'));
    expect(await engine.sm2VerifyDigest(keyBits, sm2MessageDigest(keyBits, message), raw)).toBe(true);
    expect(await engine.sm2VerifyDigest(keyBits, sm2MessageDigest(keyBits, message, toUtf8('8765432187654321')), raw)).toBe(false);
  });

  it('ok: OpenSSL decrypts what we encrypt', async () => {
    const plain = random(48);
    ssl.write('ciphertext', writeSm2Ciphertext(readSm2CiphertextRaw(await engine.sm2Encrypt(pair.publicKey, plain, { randomBytes: random }))));
    ssl.must('pkeyutl', '-decrypt', '-inkey', '@ours.p8', '-keyform', 'DER', '-in', '@ciphertext', '-out', '@plain');
    expect(toHex(ssl.read('plain'))).toBe(toHex(plain));
  });

  it('ok: we decrypt what OpenSSL encrypts', async () => {
    const plain = random(48);
    ssl.write('plain', plain);
    ssl.must('pkeyutl', '-encrypt', '-pubin', '-inkey', '@ours.pub', '-keyform', 'DER', '-in', '@plain', '-out', '@ciphertext');
    expect(toHex(await engine.sm2Decrypt(pair.privateKey, writeSm2CiphertextRaw(readSm2Ciphertext(ssl.read('ciphertext')))))).toBe(toHex(plain));
  });

  it.each([0, 1, 16, 1000, 100_003])('ok: SM4-CTR and SM4-CBC of %i octets are those of OpenSSL', async (length) => {
    const [key, iv, plain] = [random(16), random(16), random(length)];
    ssl.write('plain', plain);
    const theirs = (cipher: string) => {
      ssl.must('enc', `-${cipher}`, '-K', toHex(key), '-iv', toHex(iv), '-in', '@plain', '-out', '@ciphertext');
      return toHex(ssl.read('ciphertext'));
    };
    expect(toHex(await engine.sm4Ctr(key, iv, plain))).toBe(theirs('sm4-ctr'));
    expect(toHex(await engine.sm4CbcEncrypt(key, iv, plain))).toBe(theirs('sm4-cbc'));
    expect(toHex(await engine.sm4CbcDecrypt(key, iv, fromHex(theirs('sm4-cbc'))))).toBe(toHex(plain));
  });

  it.each([0, 55, 56, 63, 64, 65, 119, 120, 1_000_001])('ok: SM3 of %i octets is that of OpenSSL', async (length) => {
    const data = random(length);
    ssl.write('plain', data);
    const wanted = ssl.must('dgst', '-sm3', '-r', '@plain').split(' ')[0];
    expect(toHex(await engine.sm3(data))).toBe(wanted);
    expect(toHex(engine.sm3Sync(concatBytes(data)))).toBe(wanted);
  });
});
