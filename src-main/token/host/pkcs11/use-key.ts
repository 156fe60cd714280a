/** Using a private key on the key: signing and decrypting. A signature leaves only after the public key has verified it in software. */
import pkcs11 from 'pkcs11js';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { KeyPurpose } from '../../token-port.ts';
import { keyIdOf } from './container-ids.ts';
import { RSA_OAEP, RSA_SIGN, usableMechanisms } from './key-mechanisms.ts';
import type { PublicKey } from '../public-key.ts';
import { readPublicKey } from './public-key.ts';
import { returnCodeOf } from './return-codes.ts';
import { verifiesInSoftware, type RsaPublicKey } from '../rsa-public-key.ts';
import type { LoggedIn } from './logged-in.ts';
import { beginOperation, finishOperation } from './operate.ts';
import { DOES_NOT_OPEN, decryptBySm2, signBySm2 } from './sm2-use.ts';
import type { ObjectHandle } from './token-session.ts';

export interface UsableKey {
  readonly object: ObjectHandle;
  readonly publicKey: PublicKey;
}

/** @throws KEY_NOT_FOUND */
export function requirePrivateKey(at: LoggedIn, containerId: string, purpose: KeyPurpose): UsableKey {
  const keyId = keyIdOf(containerId, purpose);
  const [object] = at.session.findByClass(pkcs11.CKO_PRIVATE_KEY, keyId);
  if (object === undefined) return refuse('KEY_NOT_FOUND', { containerId, purpose });
  const [publicObject] = at.session.findByClass(pkcs11.CKO_PUBLIC_KEY, keyId);
  const publicKey = readPublicKey(at.session, object) ?? (publicObject === undefined ? null : readPublicKey(at.session, publicObject));
  return { object, publicKey: publicKey ?? refuse('KEY_NOT_FOUND', { containerId, purpose, reason: 'its public key cannot be read' }) };
}

/** RSASSA-PKCS1-v1_5 with SHA-256, or SM2 with SM3. @throws KEY_NOT_FOUND, DRIVER_MECHANISM, KEY_PROOF_FAILED */
export function signMessage(at: LoggedIn, containerId: string, purpose: KeyPurpose, message: Uint8Array): Uint8Array {
  const { object, publicKey } = requirePrivateKey(at, containerId, purpose);
  if (publicKey.kind === 'sm2') return signBySm2(at, object, publicKey, message);
  const signature = signByFirstThatWorks(at, object, publicKey.modulus.length, message);
  if (!verifiesInSoftware(publicKey, message, signature)) refuse('KEY_PROOF_FAILED', { containerId, purpose, use: 'sign' });
  return signature;
}

function signByFirstThatWorks(at: LoggedIn, key: ObjectHandle, signatureBytes: number, message: Uint8Array): Uint8Array {
  let last: unknown;
  for (const name of usableMechanisms(at.profile.rsa?.sign ?? [], at.mechanisms, 'RSA signature')) {
    const { mechanism, prepare } = RSA_SIGN[name];
    try {
      beginOperation(at, 'C_Sign', mechanism, key);
      return finishOperation(at, 'C_Sign', prepare(message), signatureBytes);
    } catch (thrown) {
      // Some keys list a mechanism and refuse it for this key, or take only short messages: the next one gets the digest.
      const another = thrown instanceof AppError && (thrown.code === 'DRIVER_MECHANISM' || returnCodeOf(thrown) === 'CKR_DATA_LEN_RANGE');
      if (!another) throw thrown;
      last = thrown;
    }
  }
  throw last;
}

/** RSA-OAEP with SHA-1, or SM2. @throws KEY_NOT_FOUND, DRIVER_MECHANISM, DECRYPT_FAILED */
export function decryptCiphertext(at: LoggedIn, containerId: string, purpose: KeyPurpose, ciphertext: Uint8Array): Uint8Array {
  const { object, publicKey } = requirePrivateKey(at, containerId, purpose);
  return publicKey.kind === 'sm2' ? decryptBySm2(at, object, ciphertext) : decryptByRsa(at, object, publicKey, ciphertext);
}

function decryptByRsa(at: LoggedIn, key: ObjectHandle, publicKey: RsaPublicKey, ciphertext: Uint8Array): Uint8Array {
  usableMechanisms(at.profile.rsa?.decrypt ?? [], at.mechanisms, 'RSA decryption');
  if (ciphertext.length !== publicKey.modulus.length) refuse('DECRYPT_FAILED');
  return decryptWith(at, key, ciphertext);
}

export function decryptWith(at: LoggedIn, key: ObjectHandle, ciphertext: Uint8Array): Uint8Array {
  beginOperation(at, 'C_Decrypt', RSA_OAEP, key);
  try {
    return finishOperation(at, 'C_Decrypt', ciphertext, ciphertext.length);
  } catch (thrown) {
    if (DOES_NOT_OPEN.has(returnCodeOf(thrown) ?? '') && at.isPresent()) throw new AppError('DECRYPT_FAILED', {}, thrown);
    throw thrown;
  }
}
