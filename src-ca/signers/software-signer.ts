/** Signers whose private key is in memory. One row per signing algorithm; node:crypto and the native engine work in the thread pool, so signing does not hold up the service. */
import { createPrivateKey, createPublicKey, generateKeyPair, randomBytes, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import { readSm2PrivateKeyInfo, writeSm2PrivateKeyInfo } from '#shared/pkcs/sm2-private-key-info.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import { isSm2PrivateKey } from '#shared/sm/sm2-key.ts';
import type { SmEngine } from '#shared/sm/sm-engine.ts';
import { sm2Signer } from '#shared/sm/sm-provider.ts';
import { buildEcPublicKeyInfo } from '#shared/x509/public-key-info.ts';
import type { Signer } from '../authority/authority-port.ts';

interface SoftwareSignerRow {
  readonly make: (keyId: string, pkcs8Der: Uint8Array, engine: SmEngine) => Signer;
  /** A fresh private key in PKCS#8, which the caller wipes. @param bits modulus, for RSA */
  readonly generate: (bits: number, engine: SmEngine) => Promise<Uint8Array>;
}

const generateRsaKeyPair = promisify(generateKeyPair) as unknown as (type: 'rsa', options: { modulusLength: number; publicExponent: number; publicKeyEncoding: { type: 'spki'; format: 'der' }; privateKeyEncoding: { type: 'pkcs8'; format: 'der' } }) => Promise<{ publicKey: Buffer; privateKey: Buffer }>;

/** @returns both halves; the caller wipes the private one */
export async function generateRsaPkcs8(bits: number): Promise<{ publicKeySpkiDer: Uint8Array; pkcs8Der: Uint8Array }> {
  const pair = await generateRsaKeyPair('rsa', { modulusLength: bits, publicExponent: 0x10001, publicKeyEncoding: { type: 'spki', format: 'der' }, privateKeyEncoding: { type: 'pkcs8', format: 'der' } });
  return { publicKeySpkiDer: new Uint8Array(pair.publicKey), pkcs8Der: pair.privateKey };
}

/** @returns both halves; the caller wipes the private one */
export async function generateSm2Pkcs8(engine: SmEngine): Promise<{ publicKeySpkiDer: Uint8Array; pkcs8Der: Uint8Array }> {
  let privateKey = randomBytes(32);
  while (!isSm2PrivateKey(privateKey)) privateKey = randomBytes(32);
  const publicKey = await engine.sm2PublicKey(privateKey);
  const pkcs8Der = writeSm2PrivateKeyInfo({ privateKey, publicKey });
  wipeBytes(privateKey);
  return { publicKeySpkiDer: buildEcPublicKeyInfo('sm2', publicKey), pkcs8Der };
}

const SOFTWARE_SIGNERS: Readonly<Record<Signer['signAlgorithm'], SoftwareSignerRow>> = {
  'rsa-sha256': { make: makeRsaSigner, generate: async (bits) => (await generateRsaPkcs8(bits)).pkcs8Der },
  'sm2-sm3': { make: makeSm2Signer, generate: async (_bits, engine) => (await generateSm2Pkcs8(engine)).pkcs8Der },
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

/** Signs with the default user id, as GM/T 0015 certificates and lists are signed. */
function makeSm2Signer(keyId: string, pkcs8Der: Uint8Array, engine: SmEngine): Signer {
  const { privateKey, publicKey } = readSm2PrivateKeyInfo(pkcs8Der);
  return { keyId, signAlgorithm: 'sm2-sm3', publicKeySpkiDer: buildEcPublicKeyInfo('sm2', publicKey), sign: sm2Signer(engine, privateKey, (length) => randomBytes(length)) };
}

/** @param engine of SM2 keys @throws KEY_INVALID */
export function makeSoftwareSigner(keyId: string, algorithm: Signer['signAlgorithm'], pkcs8Der: Uint8Array, engine: SmEngine = portableEngine): Signer {
  return SOFTWARE_SIGNERS[algorithm].make(keyId, pkcs8Der, engine);
}

/** @returns PKCS#8, which the caller wipes */
export function generateSigningKey(algorithm: Signer['signAlgorithm'], bits: number, engine: SmEngine = portableEngine): Promise<Uint8Array> {
  return SOFTWARE_SIGNERS[algorithm].generate(bits, engine);
}

const THROW_AWAY_BITS = 2048;

/** A signer for lints: its key is forgotten with it, so a certificate that only it signed can do no harm. */
export async function makeThrowAwaySigner(algorithm: Signer['signAlgorithm'], engine: SmEngine = portableEngine): Promise<Signer> {
  const pkcs8Der = await generateSigningKey(algorithm, THROW_AWAY_BITS, engine);
  const signer = makeSoftwareSigner('throw-away', algorithm, pkcs8Der, engine);
  wipeBytes(pkcs8Der);
  return signer;
}
