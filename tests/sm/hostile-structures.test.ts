/** Readers under changed structures: whatever octet is changed, dropped or doubled, the answer is a value or a code, never another exception. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { concatBytes } from '#shared/bytes/byte-strings.ts';
import { readEnvelopedData } from '#shared/cms/enveloped-data.ts';
import { sealEnvelope } from '#shared/cms/envelope.ts';
import { signCms } from '#shared/cms/sign-cms.ts';
import { readSignedData } from '#shared/cms/signed-data.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { decryptPrivateKeyInfo, encryptPrivateKeyInfo } from '#shared/pkcs/encrypted-private-key.ts';
import { readPkcs12, writePkcs12 } from '#shared/pkcs/pkcs12.ts';
import { readSm2PrivateKeyInfo } from '#shared/pkcs/sm2-private-key-info.ts';
import { readCsrResponse, writeCsrResponse } from '#shared/sm/csr-response.ts';
import { portableEngine as engine } from '#shared/sm/portable-engine.ts';
import { readSm2Ciphertext, readSm2Signature, writeSm2Ciphertext } from '#shared/sm/sm2-der.ts';
import { readSm2CiphertextRaw } from '#shared/sm/sm2-encrypt.ts';
import { generateSm2KeyPair } from '#shared/sm/sm2-key.ts';
import { readSm2EnvelopedKey, sealSm2EnvelopedKey, writeSm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import { cryptoOver, random, sm2Person } from './people.ts';

type Change = (der: Uint8Array) => Uint8Array;
const changes: fc.Arbitrary<Change> = fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'drop', 'insert', 'cut', 'double')).map(([position, value, kind]) => (der) => {
  const at = position % der.length;
  const [before, after] = [der.subarray(0, at), der.subarray(at + 1)];
  return { set: concatBytes(before, Uint8Array.of(value), after), drop: concatBytes(before, after), insert: concatBytes(before, Uint8Array.of(value), der.subarray(at)), cut: before, double: concatBytes(der, der.subarray(at)) }[kind];
});

const readers: Readonly<Record<string, (der: Uint8Array) => unknown>> = {
  signedData: readSignedData, envelopedData: readEnvelopedData, envelopedKey: readSm2EnvelopedKey, csrResponse: readCsrResponse, ciphertext: readSm2Ciphertext, signature: readSm2Signature,
  privateKey: readSm2PrivateKeyInfo, encryptedPrivateKey: (der) => decryptPrivateKeyInfo(new Uint8Array(3), der), pkcs12: (der) => readPkcs12('abc', der),
};
let samples: Readonly<Record<string, Uint8Array>>;

beforeAll(async () => {
  const pair = generateSm2KeyPair(random);
  const person = await sm2Person(engine, '张三', pair);
  const crypto = cryptoOver(engine);
  const content = new Uint8Array(40);
  const envelopedKey = await sealSm2EnvelopedKey(engine, pair.publicKey, pair, random);
  samples = {
    signedData: await signCms({ family: 'gm', content: { kind: 'attached', bytes: content }, signedAttributes: true, signers: [{ certificateDer: person.certificateDer, algorithm: 'sm2-sm3', sign: person.sign, signingTime: new Date(0) }], chain: [] }, crypto),
    envelopedData: await sealEnvelope({ family: 'gm', content, cipher: 'sm4-cbc', recipientCertificates: [person.certificateDer] }, crypto, engine),
    envelopedKey: writeSm2EnvelopedKey(envelopedKey),
    csrResponse: writeCsrResponse({ signCertificates: [person.certificateDer], envelopedKey, encryptCertificates: [person.certificateDer] }),
    ciphertext: writeSm2Ciphertext(readSm2CiphertextRaw(await engine.sm2Encrypt(pair.publicKey, content, { randomBytes: random }))),
    signature: await person.sign(content),
    privateKey: person.pkcs8Der,
    encryptedPrivateKey: encryptPrivateKeyInfo(new Uint8Array(3), person.pkcs8Der, { suite: 'sm', randomBytes: random, iterations: 1 }),
    pkcs12: writePkcs12('abc', { keys: [{ pkcs8Der: person.pkcs8Der, localKeyId: null }], certificates: [{ certificateDer: person.certificateDer, localKeyId: null, friendlyName: 'x' }] }, { suite: 'international', randomBytes: random, iterations: 1 }),
  };
});

describe('readers', () => {
  it.each(Object.keys(readers))('ok: %s reads what was written, and answers changes by value or code', (name) => {
    const [read, sample] = [readers[name]!, samples[name]!];
    read(sample);
    fc.assert(fc.property(fc.array(changes, { minLength: 1, maxLength: 3 }), (list) => {
      const changed = list.reduce((der, change) => (der.length > 0 ? change(der) : der), sample);
      try {
        read(changed);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(AppError);
        expect((thrown as AppError).code).not.toBe('INTERNAL');
      }
    }), { numRuns: 1500 });
  });
});
