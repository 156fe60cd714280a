/** SM2 and SM3 rows of the crypto port over an engine: signatures and ciphertexts in DER, keys as SubjectPublicKeyInfo. */
import type { CryptoProvider } from '../crypto/crypto-port.ts';
import { AppError } from '../errors/app-error.ts';
import { concatBytes } from '../bytes/byte-strings.ts';
import { parsePublicKeyInfo } from '../x509/public-key-info.ts';
import type { SignCallback } from '../x509/signed-structure.ts';
import { readSm2Signature, writeSm2Ciphertext, writeSm2Signature } from './sm2-der.ts';
import { readSm2CiphertextRaw } from './sm2-encrypt.ts';
import { SM2_DEFAULT_USER_ID, sm2UserDigest, type RandomBytes } from './sm2-key.ts';
import type { SmEngine } from './sm-engine.ts';

export function smProvider(engine: SmEngine, randomBytes: RandomBytes): CryptoProvider {
  return {
    name: `sm-${engine.kind}`,
    verifies: ['sm2-sm3'],
    encrypts: ['sm2'],
    digests: { sm3: (message) => engine.sm3Sync(message) },
    async verify(_algorithm, publicKeySpkiDer, message, signature) {
      const publicKey = sm2PointOf(publicKeySpkiDer);
      const digest = await sm2MessageDigestWith(engine, publicKey, message);
      const raw = tryReadSignature(signature);
      return raw !== null && engine.sm2VerifyDigest(publicKey, digest, raw);
    },
    async encrypt(_algorithm, publicKeySpkiDer, plaintext) {
      const raw = await engine.sm2Encrypt(sm2PointOf(publicKeySpkiDer), plaintext, { randomBytes });
      return writeSm2Ciphertext(readSm2CiphertextRaw(raw));
    },
  };
}

/** 04 ‖ X ‖ Y of an SM2 key. @throws KEY_INVALID when it is a key of another kind */
export function sm2PointOf(publicKeySpkiDer: Uint8Array): Uint8Array {
  const info = parsePublicKeyInfo(publicKeySpkiDer);
  if (info.kind !== 'sm2') throw new AppError('KEY_INVALID', { reason: 'not an SM2 key' });
  return info.point;
}

/** e = SM3(Z ‖ M) on the engine, without copying M. */
export async function sm2MessageDigestWith(engine: SmEngine, publicKey: Uint8Array, message: Uint8Array, userId: Uint8Array = SM2_DEFAULT_USER_ID): Promise<Uint8Array> {
  const z = sm2UserDigest(publicKey, userId);
  // Small messages: one call on this thread is cheaper than three through the pool.
  if (message.length <= 4096) return engine.sm3Sync(concatBytes(z, message));
  const stream = engine.createSm3();
  await stream.update(z);
  await stream.update(message);
  return stream.digest();
}

/** Signs messages with a private key held here, default user id: DER signatures for certificates, requests, CMS. */
export function sm2Signer(engine: SmEngine, privateKey: Uint8Array, randomBytes: RandomBytes): SignCallback {
  let publicKey: Uint8Array | null = null;
  return async (message) => {
    publicKey ??= await engine.sm2PublicKey(privateKey);
    const digest = await sm2MessageDigestWith(engine, publicKey, message);
    return writeSm2Signature(await engine.sm2SignDigest(privateKey, digest, { randomBytes }));
  };
}

/** A signature that is not DER is not valid; that is no other answer than a wrong one. */
function tryReadSignature(der: Uint8Array): Uint8Array | null {
  try {
    return readSm2Signature(der);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'DER_MALFORMED') return null;
    throw thrown;
  }
}
