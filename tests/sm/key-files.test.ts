/** PKCS#8 and PKCS#12 files of SM2 keys: round trips, OpenSSL on the other side, and what a reader must refuse. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { derBitString, derContext, derInteger, derOctetString, derOid, derSequence } from '#shared/asn1/der-writer.ts';
import { OIDS } from '#shared/asn1/oids.ts';
import { fromHex, toHex } from '#shared/bytes/hex.ts';
import { toUtf8 } from '#shared/bytes/utf8.ts';
import { decryptPrivateKeyInfo, encryptPrivateKeyInfo } from '#shared/pkcs/encrypted-private-key.ts';
import { readPkcs12, writePkcs12 } from '#shared/pkcs/pkcs12.ts';
import { readSm2PrivateKeyInfo, writeSm2PrivateKeyInfo } from '#shared/pkcs/sm2-private-key-info.ts';
import { SM2_CURVE } from '#shared/sm/sm2-curve.ts';
import { generateSm2KeyPair } from '#shared/sm/sm2-key.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import { buildPrivateKeyInfo } from '#shared/x509/private-key-info.ts';
import { openSsl } from './openssl.ts';
import { random, sm2Person, type Person } from './people.ts';

const ssl = openSsl();
afterAll(() => ssl.remove());
const pair = generateSm2KeyPair(random);
const iterations = 2048;
const password = '密码 correct-horse';

describe('PKCS#8', () => {
  const ecKey = (...parts: Uint8Array[]) => buildPrivateKeyInfo(OIDS.ecPublicKey, derOid(OIDS.curveSm2), derSequence(derInteger(1), ...parts));
  const wanted = { privateKey: toHex(pair.privateKey), publicKey: toHex(pair.publicKey) };
  const read = (der: Uint8Array) => {
    const { privateKey, publicKey } = readSm2PrivateKeyInfo(der);
    return { privateKey: toHex(privateKey), publicKey: toHex(publicKey) };
  };

  it('ok: with and without the public key, with and without the curve inside', () => {
    expect(read(writeSm2PrivateKeyInfo(pair))).toEqual(wanted);
    expect(read(ecKey(derOctetString(pair.privateKey)))).toEqual(wanted);
    expect(read(ecKey(derOctetString(pair.privateKey), derContext(0, derOid(OIDS.curveSm2)), derContext(1, derBitString(pair.publicKey))))).toEqual(wanted);
  });

  it.each([
    ['zero', ecKey(derOctetString(new Uint8Array(32)))], ['n − 1', ecKey(derOctetString(fromHex((SM2_CURVE.n - 1n).toString(16))))], ['31 octets', ecKey(derOctetString(pair.privateKey.subarray(1)))],
    ['another public key', ecKey(derOctetString(pair.privateKey), derContext(1, derBitString(generateSm2KeyPair(random).publicKey)))],
    ['another curve inside', ecKey(derOctetString(pair.privateKey), derContext(0, derOid(OIDS.curveP256)))],
  ])('refuses: a private key of %s', (_, der) => {
    expect(() => readSm2PrivateKeyInfo(der)).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }));
  });

  it('refuses: a key of another curve', () => {
    const der = buildPrivateKeyInfo(OIDS.ecPublicKey, derOid(OIDS.curveP256), derSequence(derInteger(1), derOctetString(pair.privateKey)));
    expect(() => readSm2PrivateKeyInfo(der)).toThrow(expect.objectContaining({ code: 'ALGORITHM_UNSUPPORTED' }));
  });

  it.each(['sm', 'international'] as const)('ok: under a password, suite %s; refuses every other password', (suite) => {
    const encrypted = encryptPrivateKeyInfo(toUtf8(password), writeSm2PrivateKeyInfo(pair), { suite, randomBytes: random, iterations });
    expect(read(decryptPrivateKeyInfo(toUtf8(password), encrypted))).toEqual(wanted);
    // Many, because one in 256 leaves well-formed padding.
    for (let i = 0; i < 300; i++) expect(() => decryptPrivateKeyInfo(toUtf8(`${i}`), encryptedOnce)).toThrow(expect.objectContaining({ code: 'DECRYPT_FAILED' }));
  });
  const encryptedOnce = encryptPrivateKeyInfo(toUtf8(password), writeSm2PrivateKeyInfo(pair), { suite: 'sm', randomBytes: random, iterations: 1 });
});

describe('PKCS#12', () => {
  let person: Person;
  beforeAll(async () => {
    person = await sm2Person(portableEngine, '张三', pair);
  });
  const box = (suite: 'sm' | 'international', text = password) =>
    writePkcs12(text, { keys: [{ pkcs8Der: person.pkcs8Der, localKeyId: Uint8Array.of(1, 2) }], certificates: [{ certificateDer: person.certificateDer, localKeyId: Uint8Array.of(1, 2), friendlyName: '签名证书' }] }, { suite, randomBytes: random, iterations });

  it.each(['sm', 'international'] as const)('ok: a box opens to what was put in, suite %s', (suite) => {
    expect(readPkcs12(password, box(suite))).toEqual({
      keys: [{ pkcs8Der: person.pkcs8Der, localKeyId: Uint8Array.of(1, 2) }],
      certificates: [{ certificateDer: person.certificateDer, localKeyId: Uint8Array.of(1, 2), friendlyName: '签名证书' }],
    });
  });

  it('refuses: a wrong password and a changed octet alike', () => {
    const der = box('international');
    expect(() => readPkcs12('wrong', der)).toThrow(expect.objectContaining({ code: 'DECRYPT_FAILED' }));
    // Inside the authenticated part, away from lengths and tags.
    const changed = der.map((byte, i) => (i === der.length - 140 ? byte ^ 1 : byte));
    expect(() => readPkcs12(password, changed)).toThrow(expect.objectContaining({ code: 'DECRYPT_FAILED' }));
  });

  it('refuses: truncation and trailing octets', () => {
    const der = box('international');
    for (const wrong of [der.subarray(0, -1), Uint8Array.from([...der, 0]), new Uint8Array(0)]) expect(() => readPkcs12(password, wrong)).toThrow(expect.objectContaining({ code: 'DER_MALFORMED' }));
  });

  it('ok: OpenSSL opens our box (AES-256, SHA-256)', () => {
    ssl.write('box', box('international', 'correct-horse'));
    const text = ssl.must('pkcs12', '-in', '@box', '-passin', 'pass:correct-horse', '-nodes', '-out', '@out.pem') + new TextDecoder().decode(ssl.read('out.pem'));
    expect(text).toContain('BEGIN PRIVATE KEY');
    ssl.must('pkey', '-in', '@out.pem', '-outform', 'DER', '-pubout', '-out', '@out.pub');
    expect(toHex(ssl.read('out.pub'))).toContain(toHex(pair.publicKey));
    expect(ssl.run('pkcs12', '-in', '@box', '-passin', 'pass:wrong', '-nodes').ok).toBe(false);
  });

  it('ok: we open the box of OpenSSL', () => {
    ssl.write('key.der', person.pkcs8Der);
    ssl.write('certificate.der', person.certificateDer);
    ssl.must('pkey', '-inform', 'DER', '-in', '@key.der', '-out', '@key.pem');
    ssl.must('x509', '-inform', 'DER', '-in', '@certificate.der', '-out', '@certificate.pem');
    ssl.must('pkcs12', '-export', '-inkey', '@key.pem', '-in', '@certificate.pem', '-name', 'bidder', '-passout', 'pass:correct-horse', '-out', '@box');
    const { keys, certificates } = readPkcs12('correct-horse', ssl.read('box'));
    expect(keys.map(({ pkcs8Der }) => toHex(readSm2PrivateKeyInfo(pkcs8Der).privateKey))).toEqual([toHex(pair.privateKey)]);
    expect(certificates).toMatchObject([{ friendlyName: 'bidder' }]);
    expect(toHex(certificates[0]?.certificateDer ?? new Uint8Array(0))).toBe(toHex(person.certificateDer));
  });

  it('refuses: old password encryption (triple DES)', () => {
    ssl.must('pkcs12', '-export', '-inkey', '@key.pem', '-in', '@certificate.pem', '-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1', '-passout', 'pass:correct-horse', '-out', '@box');
    expect(() => readPkcs12('correct-horse', ssl.read('box'))).toThrow(expect.objectContaining({ code: 'ALGORITHM_UNSUPPORTED' }));
  });
});
