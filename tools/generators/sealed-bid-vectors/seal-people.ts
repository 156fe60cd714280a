/** People of vectors and tests of sealed bids: self-signed certificates for signing and for opening, SM2 and RSA, and their keys as callbacks, as a token would have them. */
import { constants, createPrivateKey, generateKeyPairSync, privateDecrypt, sign, type KeyObject } from 'node:crypto';
import type { EnvelopeRecipient } from '../../../src-shared/cms/envelope.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { SealSigner } from '../../../src-shared/seal/one-signature.ts';
import type { OpenerCertificate } from '../../../src-shared/seal/opener.ts';
import { readSm2Ciphertext } from '../../../src-shared/sm/sm2-der.ts';
import { writeSm2CiphertextRaw } from '../../../src-shared/sm/sm2-encrypt.ts';
import type { SmEngine } from '../../../src-shared/sm/sm-engine.ts';
import { sm2Signer } from '../../../src-shared/sm/sm-provider.ts';
import { generateSm2KeyPair, type RandomBytes } from '../../../src-shared/sm/sm2-key.ts';
import { signCertificate } from '../../../src-shared/x509/certificate.ts';
import { KEY_USAGE, type KeyUsageName } from '../../../src-shared/x509/extensions/key-usage.ts';
import { makeExtension } from '../../../src-shared/x509/extension.ts';
import { buildName } from '../../../src-shared/x509/name.ts';
import { buildEcPublicKeyInfo, buildRsaPublicKeyInfo } from '../../../src-shared/x509/public-key-info.ts';

export interface Person {
  readonly certificateDer: Uint8Array;
  readonly signer: SealSigner;
  readonly recipient: EnvelopeRecipient;
  readonly opener: OpenerCertificate;
  readonly privateKey: KeyObject | Uint8Array;
}

export interface PersonRequest {
  readonly name: string;
  readonly usages: readonly KeyUsageName[];
  readonly serialHex: string;
  readonly notAfter?: Date;
}

const SIGNING: readonly KeyUsageName[] = ['digitalSignature', 'nonRepudiation'];
const OPENING: readonly KeyUsageName[] = ['keyEncipherment', 'dataEncipherment'];
export const signing = (name: string, serialHex: string): PersonRequest => ({ name, serialHex, usages: SIGNING });
export const opening = (name: string, serialHex: string, notAfter?: Date): PersonRequest => ({ name, serialHex, usages: OPENING, ...(notAfter ? { notAfter } : {}) });

const content = (request: PersonRequest, publicKeySpkiDer: Uint8Array) => {
  const subjectDer = buildName([{ type: 'countryName', value: 'CN' }, { type: 'commonName', value: request.name }]);
  return {
    serialHex: request.serialHex, issuerDer: subjectDer, subjectDer, publicKeySpkiDer, notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: request.notAfter ?? new Date('2046-01-01T00:00:00Z'),
    extensions: [makeExtension(KEY_USAGE, request.usages, { critical: true })],
  };
};

const openerOf = (certificateDer: Uint8Array): OpenerCertificate => ({ certificateDer, revocation: 'good', revocationAt: new Date('2026-06-01T08:00:00Z') });

export async function sm2Person(request: PersonRequest, engine: SmEngine, random: RandomBytes): Promise<Person> {
  const { privateKey, publicKey } = generateSm2KeyPair(random);
  const signMessage = sm2Signer(engine, privateKey, random);
  const certificateDer = await signCertificate({ ...content(request, buildEcPublicKeyInfo('sm2', publicKey)), signAlgorithm: 'sm2-sm3' }, signMessage);
  const decrypt = (ciphertext: Uint8Array) => engine.sm2Decrypt(privateKey, writeSm2CiphertextRaw(readSm2Ciphertext(ciphertext)));
  return { certificateDer, signer: { certificateDer, sign: signMessage }, recipient: { certificateDer, decrypt }, opener: openerOf(certificateDer), privateKey };
}

/** @param pem a fixed key; a new one when missing */
export async function rsaPerson(request: PersonRequest, pem?: string): Promise<Person> {
  const privateKey = pem ? createPrivateKey(pem) : generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const jwk = privateKey.export({ format: 'jwk' });

  const spki = buildRsaPublicKeyInfo(new Uint8Array(Buffer.from(jwk.n ?? '', 'base64url')), new Uint8Array(Buffer.from(jwk.e ?? '', 'base64url')));
  const signMessage = async (message: Uint8Array) => new Uint8Array(sign('sha256', message, privateKey));
  const certificateDer = await signCertificate({ ...content(request, spki), signAlgorithm: 'rsa-sha256' }, signMessage);
  const decrypt = async (ciphertext: Uint8Array) => {
    try {
      return new Uint8Array(privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, ciphertext));
    } catch (thrown) {
      throw new AppError('DECRYPT_FAILED', {}, thrown);
    }
  };
  return { certificateDer, signer: { certificateDer, sign: signMessage }, recipient: { certificateDer, decrypt }, opener: openerOf(certificateDer), privateKey };
}
