/**
 * The encryption key of the key-management centre, opened inside the key: RSA-OAEP by the signing key gives an AES-256 key, which gives the PKCS#8 private key
 * by AES key wrap with padding (RFC 5649). Neither ever exists outside the key, and neither can be taken out.
 * Idempotent; a key that is not the wanted one, or that does not decrypt what its public key encrypted, does not stay.
 */
import pkcs11 from 'pkcs11js';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { isOwnContainerId, keyIdOf } from './container-ids.ts';
import { common, createPublicKeyObject, keepExistingKey } from './generate-signing-key.ts';
import { AES_KEY_WRAP_PAD, RSA_OAEP, usableMechanisms } from './key-mechanisms.ts';
import type { LoggedIn } from './logged-in.ts';
import { returnCodeOf } from './return-codes.ts';
import { makeDecryptionChallenge, readRsaPublicKey, rsaPublicKeyFromSpki, sameRsaKey, type RsaPublicKey } from './rsa-public-key.ts';
import { decryptWith, requirePrivateKey } from './use-key.ts';
import type { ObjectHandle, Template } from './token-session.ts';

export interface RsaEnvelope {
  readonly wrappedKeyEncryptionKey: Uint8Array;
  readonly wrappedPrivateKey: Uint8Array;
}

/** Failures that mean the envelope is not for this key or damaged, rather than the key out of order. */
const NOT_THE_ENVELOPE = new Set(['CKR_DEVICE_ERROR', 'CKR_HOST_MEMORY', 'CKR_OPERATION_ACTIVE', 'CKR_TEMPLATE_INCONSISTENT', 'CKR_TEMPLATE_INCOMPLETE', 'CKR_ATTRIBUTE_TYPE_INVALID', 'CKR_ATTRIBUTE_READ_ONLY', 'CKR_SESSION_READ_ONLY', 'CKR_TOKEN_WRITE_PROTECTED']);

/** @throws KEY_NOT_FOUND when the container has no signing key, ENVELOPE_REFUSED, DRIVER_MECHANISM, KEY_PROOF_FAILED */
export function importEncryptionKey(at: LoggedIn, containerId: string, envelope: RsaEnvelope, publicKeySpkiDer: Uint8Array): void {
  if (!isOwnContainerId(containerId)) refuse('CONTAINER_NOT_FOUND', { containerId });
  const wanted = rsaPublicKeyFromSpki(publicKeySpkiDer);
  const there = keepExistingKey(at, containerId, 'encrypt');
  if (there !== null && sameRsaKey(there, wanted)) return proveDecryption(at, requirePrivateKey(at, containerId, 'encrypt').object, wanted, containerId);
  if (there !== null) removeKeys(at, containerId);
  usableMechanisms(['CKM_RSA_PKCS_OAEP'], at.mechanisms, 'RSA-OAEP');
  usableMechanisms(at.profile.rsa?.unwrapPrivateKey ?? [], at.mechanisms, 'key unwrapping');
  const privateKey = openEnvelope(at, containerId, envelope);
  try {
    const got = readRsaPublicKey(at.session, privateKey);
    if (got === null || !sameRsaKey(got, wanted)) refuse('ENVELOPE_REFUSED', { layer: 'private-key', reason: 'another key' });
    proveDecryption(at, privateKey, wanted, containerId);
    createPublicKeyObject(at, containerId, 'encrypt', wanted);
  } catch (thrown) {
    if (at.isPresent()) removeKeys(at, containerId);
    throw thrown;
  }
}

function openEnvelope(at: LoggedIn, containerId: string, envelope: RsaEnvelope): ObjectHandle {
  const signingKey = requirePrivateKey(at, containerId, 'sign');
  const keyEncryptionKey = unwrap(at, 'key-encryption-key', RSA_OAEP, signingKey.object, envelope.wrappedKeyEncryptionKey, [
    { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_SECRET_KEY },
    { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_AES },
    { type: pkcs11.CKA_TOKEN, value: false },
    { type: pkcs11.CKA_PRIVATE, value: true },
    { type: pkcs11.CKA_SENSITIVE, value: true },
    { type: pkcs11.CKA_EXTRACTABLE, value: false },
    { type: pkcs11.CKA_UNWRAP, value: true },
  ]);
  try {
    return unwrap(at, 'private-key', AES_KEY_WRAP_PAD, keyEncryptionKey, envelope.wrappedPrivateKey, [
      { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PRIVATE_KEY },
      { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_RSA },
      ...common(containerId, 'encrypt', true),
      { type: pkcs11.CKA_SENSITIVE, value: true },
      { type: pkcs11.CKA_EXTRACTABLE, value: false },
      { type: pkcs11.CKA_DECRYPT, value: true },
      // Later keys may come enveloped under this one, as file keys do.
      { type: pkcs11.CKA_UNWRAP, value: true },
      { type: pkcs11.CKA_SIGN, value: false },
    ]);
  } finally {
    at.session.destroy(keyEncryptionKey);
  }
}

function unwrap(at: LoggedIn, layer: string, mechanism: typeof RSA_OAEP, key: ObjectHandle, wrapped: Uint8Array, template: Template): ObjectHandle {
  try {
    return at.session.cryptoki.native('C_UnwrapKey', (native) => native.C_UnwrapKey(at.session.handle, mechanism, key, Buffer.from(wrapped), template));
  } catch (thrown) {
    const returnCode = returnCodeOf(thrown);
    const failed = thrown instanceof AppError && thrown.code === 'DRIVER_FUNCTION_FAILED' && returnCode !== null && !NOT_THE_ENVELOPE.has(returnCode);
    if (failed && at.isPresent()) throw new AppError('ENVELOPE_REFUSED', { layer, returnCode }, thrown);
    throw thrown;
  }
}

function proveDecryption(at: LoggedIn, privateKey: ObjectHandle, key: RsaPublicKey, containerId: string): void {
  const { plaintext, ciphertext } = makeDecryptionChallenge(key);
  if (!equalBytes(decryptWith(at, privateKey, ciphertext), plaintext)) refuse('KEY_PROOF_FAILED', { containerId, use: 'decrypt' });
}

function removeKeys(at: LoggedIn, containerId: string): void {
  const keyId = keyIdOf(containerId, 'encrypt');
  for (const objectClass of [pkcs11.CKO_PRIVATE_KEY, pkcs11.CKO_PUBLIC_KEY]) at.session.findByClass(objectClass, keyId).forEach((object) => at.session.destroy(object));
}
