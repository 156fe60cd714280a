/** People with keys and self-signed certificates, for the tests of messages and key files. */
import { constants, createPrivateKey, createPublicKey, generateKeyPairSync, privateDecrypt, randomBytes, sign as nodeSign, type KeyObject } from 'node:crypto';
import { createCryptoPort, type CryptoPort } from '#shared/crypto/crypto-port.ts';
import { webCryptoProvider } from '#shared/crypto/webcrypto-provider.ts';
import { readSm2Ciphertext } from '#shared/sm/sm2-der.ts';
import { writeSm2CiphertextRaw } from '#shared/sm/sm2-encrypt.ts';
import { writeSm2PrivateKeyInfo } from '#shared/pkcs/sm2-private-key-info.ts';
import { generateSm2KeyPair, type Sm2KeyPair } from '#shared/sm/sm2-key.ts';
import { smProvider, sm2Signer } from '#shared/sm/sm-provider.ts';
import type { SmEngine } from '#shared/sm/sm-engine.ts';
import type { SignAlgorithmId } from '#shared/crypto/algorithms.ts';
import { signCertificate } from '#shared/x509/certificate.ts';
import { SUBJECT_KEY_IDENTIFIER } from '#shared/x509/extensions/subject-key-identifier.ts';
import { buildName } from '#shared/x509/name.ts';
import { buildEcPublicKeyInfo, keyIdentifierOf } from '#shared/x509/public-key-info.ts';
import type { SignCallback } from '#shared/x509/signed-structure.ts';

export interface Person {
  readonly algorithm: SignAlgorithmId;
  readonly certificateDer: Uint8Array;
  readonly pkcs8Der: Uint8Array;
  readonly sign: SignCallback;
  readonly decrypt: (ciphertext: Uint8Array) => Promise<Uint8Array>;
}

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

export const cryptoOver = (engine: SmEngine): CryptoPort => createCryptoPort([webCryptoProvider(globalThis.crypto as Crypto), smProvider(engine, random)], globalThis.crypto);

async function certify(commonName: string, publicKeySpkiDer: Uint8Array, signAlgorithm: SignAlgorithmId, sign: SignCallback): Promise<Uint8Array> {
  const name = buildName([{ type: 'countryName', value: 'CN' }, { type: 'commonName', value: commonName }]);
  return signCertificate({
    serialHex: Buffer.from(random(8)).toString('hex').replace(/^./, '4'), signAlgorithm, issuerDer: name, subjectDer: name, publicKeySpkiDer,
    notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2099-01-01T00:00:00Z'),
    extensions: [{ oid: SUBJECT_KEY_IDENTIFIER.oid, critical: false, valueDer: SUBJECT_KEY_IDENTIFIER.write(keyIdentifierOf(publicKeySpkiDer)) }],
  }, sign);
}

export async function sm2Person(engine: SmEngine, commonName: string, pair: Sm2KeyPair = generateSm2KeyPair(random)): Promise<Person> {
  const sign = sm2Signer(engine, pair.privateKey, random);
  return {
    algorithm: 'sm2-sm3', sign, pkcs8Der: writeSm2PrivateKeyInfo(pair),
    certificateDer: await certify(commonName, buildEcPublicKeyInfo('sm2', pair.publicKey), 'sm2-sm3', sign),
    decrypt: (ciphertext) => engine.sm2Decrypt(pair.privateKey, writeSm2CiphertextRaw(readSm2Ciphertext(ciphertext))),
  };
}

export async function rsaPerson(commonName: string): Promise<Person> {
  const pkcs8Der = new Uint8Array(generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'der' }, privateKeyEncoding: { type: 'pkcs8', format: 'der' } }).privateKey);
  const key: KeyObject = createPrivateKey({ key: Buffer.from(pkcs8Der), format: 'der', type: 'pkcs8' });
  const spki = new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }));
  const sign: SignCallback = async (message) => new Uint8Array(nodeSign('sha256', message, key));
  return {
    algorithm: 'rsa-sha256', sign, pkcs8Der, certificateDer: await certify(commonName, spki, 'rsa-sha256', sign),
    decrypt: async (ciphertext) => new Uint8Array(privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, ciphertext)),
  };
}
