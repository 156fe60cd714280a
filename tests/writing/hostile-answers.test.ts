/**
 * A faulty or hostile CA: what it sends for the encryption key is wrong in one way each. Rule proved: it is refused with a clear code before the pair counts, nothing of
 * it stays on the key, and with the right answer the same deed goes on to its end.
 */
import { createCipheriv, generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EnvelopedEncryptionKey, Issuance, IssuedPair } from '#shared/contract/rest/issuances.ts';
import { fromBase64, toBase64 } from '#shared/bytes/base64.ts';
import { readCsrResponse, writeCsrResponse, type CsrResponse } from '#shared/sm/csr-response.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import { sm2PointOf } from '#shared/sm/sm-provider.ts';
import { sealSm2EnvelopedKey, type Sm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import { generateSm2KeyPair } from '#shared/sm/sm2-key.ts';
import { parseCertificate } from '#shared/x509/certificate.ts';
import { KEY_KINDS, type KeyKind } from '../support/key-kinds.ts';
import { oaepEncrypt } from '../token/token-fixtures.ts';
import { openWritingWorld, type WritingWorld } from './writing-world.ts';

let world: WritingWorld;
beforeAll(async () => {
  world = await openWritingWorld();
});
afterAll(() => world?.close());

const random = (length: number) => new Uint8Array(randomBytes(length));
const flip = (from: Uint8Array, at: number) => from.map((byte, index) => (index === at ? byte ^ 1 : byte));
const publicKeyOf = (certificate: string) => parseCertificate(fromBase64(certificate)).publicKeySpkiDer;

type ChangePair = (pair: IssuedPair) => IssuedPair | Promise<IssuedPair>;
const withEnvelope = (pair: IssuedPair, envelopedEncryptionKey: EnvelopedEncryptionKey): IssuedPair => ({ ...pair, envelopedEncryptionKey });

/** Changes the CSRResponse of a pair. */
const inResponse = (change: (response: CsrResponse, pair: IssuedPair) => CsrResponse | Promise<CsrResponse>): ChangePair => async (pair) => {
  if (pair.envelopedEncryptionKey?.format !== 'gmt0092-csr-response') throw new Error('not an SM2 pair');
  const response = readCsrResponse(fromBase64(pair.envelopedEncryptionKey.csrResponse));
  return withEnvelope(pair, { format: 'gmt0092-csr-response', csrResponse: toBase64(writeCsrResponse(await change(response, pair))) });
};
/** Changes the SM2EnvelopedKey in it. */
const inKey = (change: (key: Sm2EnvelopedKey, pair: IssuedPair) => Sm2EnvelopedKey | Promise<Sm2EnvelopedKey>): ChangePair =>
  inResponse(async (response, pair) => ({ ...response, envelopedKey: response.envelopedKey && (await change(response.envelopedKey, pair)) }));
const csrResponse = (make: (der: Uint8Array) => Uint8Array): ChangePair => (pair) => {
  if (pair.envelopedEncryptionKey?.format !== 'gmt0092-csr-response') throw new Error('not an SM2 pair');
  return withEnvelope(pair, { format: 'gmt0092-csr-response', csrResponse: toBase64(make(fromBase64(pair.envelopedEncryptionKey.csrResponse))) });
};

const SM2_CHANGES: Readonly<Record<string, ChangePair>> = {
  'sealed for another key': inKey(async (key) => ({ ...(await sealSm2EnvelopedKey(portableEngine, generateSm2KeyPair(random).publicKey, generateSm2KeyPair(random), random)), publicKey: key.publicKey })),
  'another key pair than the certificate has': inKey((_, pair) => sealSm2EnvelopedKey(portableEngine, sm2PointOf(publicKeyOf(pair.signCertificateDer)), generateSm2KeyPair(random), random)),
  'the public key of the certificate over the private key of another': inKey(async (key, pair) => ({ ...(await sealSm2EnvelopedKey(portableEngine, sm2PointOf(publicKeyOf(pair.signCertificateDer)), generateSm2KeyPair(random), random)), publicKey: key.publicKey })),
  'a point off the curve around the session key': inKey((key) => ({ ...key, encryptedKey: { ...key.encryptedKey, point: flip(key.encryptedKey.point, 40) } })),
  'a public key off the curve': inKey((key) => ({ ...key, publicKey: flip(key.publicKey, 40) })),
  'a session key with a wrong check sum': inKey((key) => ({ ...key, encryptedKey: { ...key.encryptedKey, digest: flip(key.encryptedKey.digest, 0) } })),
  'a damaged private key': inKey((key) => ({ ...key, encryptedPrivateKey: flip(key.encryptedPrivateKey, 5) })),
  'a private key of nothing but zeros': inKey((key) => ({ ...key, encryptedPrivateKey: new Uint8Array(32) })),
  'no key at all': inResponse((response) => ({ ...response, envelopedKey: null, encryptCertificates: [] })),
  'the two certificates exchanged': inResponse((response) => ({ ...response, signCertificates: response.encryptCertificates, encryptCertificates: response.signCertificates })),
  'bytes after the end': csrResponse((der) => Uint8Array.of(...der, 0)),
  'a cut structure': csrResponse((der) => der.slice(0, der.length - 7)),
  'an empty structure': csrResponse(() => Uint8Array.of(0x30, 0)),
  'the form of RSA': (pair) => withEnvelope(pair, { format: 'rsa-oaep+aes-kwp', wrappedKeyEncryptionKey: toBase64(random(256)), wrappedPrivateKey: toBase64(random(1232)) }),
};

/** An RSA key under a key of our choice. */
function rsaEnvelope(recipientSpki: Uint8Array): EnvelopedEncryptionKey {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'der' }, privateKeyEncoding: { type: 'pkcs8', format: 'der' } });
  const kek = randomBytes(32);
  const wrap = createCipheriv('id-aes256-wrap-pad', kek, Buffer.from('a65959a6', 'hex'));
  return { format: 'rsa-oaep+aes-kwp', wrappedKeyEncryptionKey: oaepEncrypt(recipientSpki, kek).toString('base64'), wrappedPrivateKey: Buffer.concat([wrap.update(pair.privateKey), wrap.final()]).toString('base64') };
}
const inRsa = (field: 'wrappedKeyEncryptionKey' | 'wrappedPrivateKey', change: (from: Uint8Array) => Uint8Array): ChangePair => (pair) => {
  const envelope = pair.envelopedEncryptionKey;
  if (envelope?.format !== 'rsa-oaep+aes-kwp') throw new Error('not an RSA pair');
  return withEnvelope(pair, { ...envelope, [field]: toBase64(change(fromBase64(envelope[field]))) });
};
const RSA_CHANGES: Readonly<Record<string, ChangePair>> = {
  'sealed for another key': (pair) => withEnvelope(pair, rsaEnvelope(publicKeyOf(pair.encryptionCertificateDer))),
  'another key pair than the certificate has': (pair) => withEnvelope(pair, rsaEnvelope(publicKeyOf(pair.signCertificateDer))),
  'a damaged wrapping key': inRsa('wrappedKeyEncryptionKey', (from) => flip(from, 20)),
  'a damaged private key': inRsa('wrappedPrivateKey', (from) => flip(from, 20)),
  'a cut private key': inRsa('wrappedPrivateKey', (from) => from.slice(0, from.length - 8)),
  'an empty private key': inRsa('wrappedPrivateKey', () => new Uint8Array(0)),
  'the form of SM2': (pair) => withEnvelope(pair, { format: 'gmt0092-csr-response', csrResponse: toBase64(Uint8Array.of(0x30, 0)) }),
};

/** What the deed may say to it. */
const REFUSED = ['ENVELOPE_REFUSED', 'ISSUED_PAIR_INVALID', 'CA_ANSWER_INVALID'];

for (const kind of KEY_KINDS) {
  describe.skipIf(kind.missing !== null)(`hostile answers, ${kind.name}`, () => {
    afterEach(() => world.endTest());

    it.each(Object.entries(changesFor(kind)))('refuses: an encryption key with %s; ok: goes on with the right one', async (_, change) => {
      const desk = await world.openDesk(kind);
      const order = await desk.order();
      world.changeIssuances(async (issuance: Issuance) => (issuance.pair ? { ...issuance, pair: await change(issuance.pair) } : issuance));
      const stopped = await desk.write(order);
      expect([stopped.state, stopped.error && REFUSED.includes(stopped.error.code)], JSON.stringify(stopped.error)).toEqual(['interrupted', true]);
      // Refused again, however often it is tried; the key has neither certificate nor the wrong key.
      const again = await desk.resume(stopped);
      expect([again.state, again.error?.code]).toEqual(['interrupted', stopped.error?.code]);
      expect(await desk.certificates()).toEqual([]);
      expect(await world.statesOnKey(desk.key.serial)).toEqual(['pending', 'pending']);
      const session = await desk.composed.tokens.logIn({ driverId: 'test', serial: desk.key.serial }, new TextEncoder().encode(desk.key.pin));
      const containers = await session.listContainers();
      await session.close();
      expect(containers.map(({ sign, encrypt }) => [sign.hasPrivateKey, encrypt.hasPrivateKey, encrypt.certificateDer])).toEqual([[true, false, null]]);

      world.changeIssuances(null);
      const done = await desk.resume(again);
      expect([done.state, done.error, done.remainingQuantity]).toEqual(['completed', null, 1]);
      expect(await world.statesOnKey(desk.key.serial)).toEqual(['active', 'active']);
    });
  });
}

function changesFor(kind: KeyKind): Readonly<Record<string, ChangePair>> {
  return kind.algorithm === 'sm2' ? SM2_CHANGES : RSA_CHANGES;
}
