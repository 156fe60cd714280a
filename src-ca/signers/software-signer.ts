/** Signers whose private key is in memory. One row per signing algorithm; node:crypto works in its thread pool, so signing does not hold up the service. */
import { createPrivateKey, createPublicKey, generateKeyPair, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { Signer } from '../authority/authority-port.ts';

type MakeSigner = (keyId: string, pkcs8Der: Uint8Array) => Signer;

interface SoftwareSignerRow {
  readonly make: MakeSigner;
  /** A fresh private key in PKCS#8, which the caller wipes. @param bits modulus, for RSA */
  readonly generate: (bits: number) => Promise<Uint8Array>;
}

const generateRsaKeyPair = promisify(generateKeyPair) as unknown as (type: 'rsa', options: { modulusLength: number; publicExponent: number; publicKeyEncoding: { type: 'spki'; format: 'der' }; privateKeyEncoding: { type: 'pkcs8'; format: 'der' } }) => Promise<{ publicKey: Buffer; privateKey: Buffer }>;

/** @returns both halves; the caller wipes the private one */
export async function generateRsaPkcs8(bits: number): Promise<{ publicKeySpkiDer: Uint8Array; pkcs8Der: Uint8Array }> {
  const pair = await generateRsaKeyPair('rsa', { modulusLength: bits, publicExponent: 0x10001, publicKeyEncoding: { type: 'spki', format: 'der' }, privateKeyEncoding: { type: 'pkcs8', format: 'der' } });
  return { publicKeySpkiDer: new Uint8Array(pair.publicKey), pkcs8Der: pair.privateKey };
}

const SOFTWARE_SIGNERS: Partial<Record<Signer['signAlgorithm'], SoftwareSignerRow>> = {
  'rsa-sha256': { make: makeRsaSigner, generate: async (bits) => (await generateRsaPkcs8(bits)).pkcs8Der },
};

function makeRsaSigner(keyId: string, pkcs8Der: Uint8Array): Signer {
  const privateKey = createPrivateKey({ key: Buffer.from(pkcs8Der.buffer, pkcs8Der.byteOffset, pkcs8Der.byteLength), format: 'der', type: 'pkcs8' });
  const publicKeySpkiDer = new Uint8Array(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }));
  return {
    keyId,
    signAlgorithm: 'rsa-sha256',
    publicKeySpkiDer,
    sign: (message) => new Promise((resolve, reject) => sign('sha256', message, privateKey, (error, signature) => (error ? reject(error) : resolve(new Uint8Array(signature))))),
  };
}

const rowOf = (algorithm: Signer['signAlgorithm']): SoftwareSignerRow => {
  const row = SOFTWARE_SIGNERS[algorithm];
  if (!row) throw new AppError('ALGORITHM_UNSUPPORTED', { algorithm });
  return row;
};

/** @throws ALGORITHM_UNSUPPORTED */
export function makeSoftwareSigner(keyId: string, algorithm: Signer['signAlgorithm'], pkcs8Der: Uint8Array): Signer {
  return rowOf(algorithm).make(keyId, pkcs8Der);
}

/** @returns PKCS#8, which the caller wipes. @throws ALGORITHM_UNSUPPORTED */
export function generateSigningKey(algorithm: Signer['signAlgorithm'], bits: number): Promise<Uint8Array> {
  return rowOf(algorithm).generate(bits);
}

const THROW_AWAY_BITS = 2048;

/** A signer for lints: its key is forgotten with it, so a certificate that only it signed can do no harm. */
export async function makeThrowAwaySigner(algorithm: Signer['signAlgorithm']): Promise<Signer> {
  const pkcs8Der = await generateSigningKey(algorithm, THROW_AWAY_BITS);
  const signer = makeSoftwareSigner('throw-away', algorithm, pkcs8Der);
  wipeBytes(pkcs8Der);
  return signer;
}
