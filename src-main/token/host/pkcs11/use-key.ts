/** Using a private key on the key: signing and decrypting. A signature leaves only after the public key has verified it in software. */
import pkcs11 from 'pkcs11js';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { KeyPurpose } from '../../token-port.ts';
import { keyIdOf } from './container-ids.ts';
import { RSA_OAEP, RSA_SIGN, usableMechanisms } from './key-mechanisms.ts';
import { returnCodeOf } from './return-codes.ts';
import { readRsaPublicKey, verifiesInSoftware, type RsaPublicKey } from './rsa-public-key.ts';
import type { LoggedIn } from './logged-in.ts';
import type { ObjectHandle } from './token-session.ts';

/** What drivers return for a ciphertext that does not open; which of them says nothing reliable about the cause. */
const DOES_NOT_OPEN = new Set(['CKR_ENCRYPTED_DATA_INVALID', 'CKR_ENCRYPTED_DATA_LEN_RANGE', 'CKR_DATA_INVALID', 'CKR_DATA_LEN_RANGE', 'CKR_GENERAL_ERROR', 'CKR_FUNCTION_FAILED', 'CKR_ARGUMENTS_BAD']);

/** @throws KEY_NOT_FOUND */
export function requirePrivateKey(at: LoggedIn, containerId: string, purpose: KeyPurpose): { readonly object: ObjectHandle; readonly publicKey: RsaPublicKey } {
  const keyId = keyIdOf(containerId, purpose);
  const [object] = at.session.findByClass(pkcs11.CKO_PRIVATE_KEY, keyId);
  if (object === undefined) return refuse('KEY_NOT_FOUND', { containerId, purpose });
  const [publicObject] = at.session.findByClass(pkcs11.CKO_PUBLIC_KEY, keyId);
  const publicKey = readRsaPublicKey(at.session, object) ?? (publicObject === undefined ? null : readRsaPublicKey(at.session, publicObject));
  return { object, publicKey: publicKey ?? refuse('KEY_NOT_FOUND', { containerId, purpose, reason: 'its public key cannot be read' }) };
}

/** RSASSA-PKCS1-v1_5 with SHA-256. @throws KEY_NOT_FOUND, DRIVER_MECHANISM, KEY_PROOF_FAILED */
export function signMessage(at: LoggedIn, containerId: string, purpose: KeyPurpose, message: Uint8Array): Uint8Array {
  const key = requirePrivateKey(at, containerId, purpose);
  const signature = signByFirstThatWorks(at, key.object, key.publicKey.modulus.length, message);
  if (!verifiesInSoftware(key.publicKey, message, signature)) refuse('KEY_PROOF_FAILED', { containerId, purpose, use: 'sign' });
  return signature;
}

function signByFirstThatWorks(at: LoggedIn, key: ObjectHandle, signatureBytes: number, message: Uint8Array): Uint8Array {
  const { handle, cryptoki } = at.session;
  let last: unknown;
  for (const name of usableMechanisms(at.profile.rsa?.sign ?? [], at.mechanisms, 'RSA signature')) {
    const { mechanism, prepare } = RSA_SIGN[name];
    try {
      cryptoki.native('C_SignInit', (native) => native.C_SignInit(handle, mechanism, key));
      return cryptoki.native('C_Sign', (native) => native.C_Sign(handle, prepare(message), Buffer.alloc(signatureBytes)));
    } catch (thrown) {
      // Some keys list a mechanism and refuse it for this key, or take only short messages: the next one gets the digest.
      const another = thrown instanceof AppError && (thrown.code === 'DRIVER_MECHANISM' || returnCodeOf(thrown) === 'CKR_DATA_LEN_RANGE');
      if (!another) throw thrown;
      last = thrown;
    }
  }
  throw last;
}

/** RSA-OAEP with SHA-1. @throws KEY_NOT_FOUND, DRIVER_MECHANISM, DECRYPT_FAILED */
export function decryptCiphertext(at: LoggedIn, containerId: string, purpose: KeyPurpose, ciphertext: Uint8Array): Uint8Array {
  const key = requirePrivateKey(at, containerId, purpose);
  usableMechanisms(at.profile.rsa?.decrypt ?? [], at.mechanisms, 'RSA decryption');
  if (ciphertext.length !== key.publicKey.modulus.length) refuse('DECRYPT_FAILED');
  return decryptWith(at, key.object, ciphertext);
}

export function decryptWith(at: LoggedIn, key: ObjectHandle, ciphertext: Uint8Array): Uint8Array {
  const { handle, cryptoki } = at.session;
  cryptoki.native('C_DecryptInit', (native) => native.C_DecryptInit(handle, RSA_OAEP, key));
  try {
    return cryptoki.native('C_Decrypt', (native) => native.C_Decrypt(handle, Buffer.from(ciphertext), Buffer.alloc(ciphertext.length)));
  } catch (thrown) {
    if (DOES_NOT_OPEN.has(returnCodeOf(thrown) ?? '') && at.isPresent()) throw new AppError('DECRYPT_FAILED', {}, thrown);
    throw thrown;
  }
}
