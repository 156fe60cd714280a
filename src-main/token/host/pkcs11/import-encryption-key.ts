/**
 * The encryption key of the key-management centre, opened inside the key. RSA: RSA-OAEP by the signing key gives an AES-256 key, which gives the PKCS#8 private
 * key by AES key wrap with padding (RFC 5649). SM2: one vendor mechanism takes the SM2EnvelopedKey (GM/T 0009) whole. None of it ever exists outside the key,
 * and it cannot be taken out. Idempotent; a key that is not the wanted one, or that does not decrypt what its public key encrypted, does not stay.
 */
import pkcs11 from 'pkcs11js';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { writeSm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import type { Sm2EnvelopeForm } from '../../host-protocol.ts';
import { readKeyEnvelope } from '../enveloped-key.ts';
import { answers, makeSm2Challenge } from '../software-proofs.ts';
import { isOwnContainerId, keyIdOf } from './container-ids.ts';
import { common, createPublicKeyObject, keepExistingKey } from './generate-signing-key.ts';
import { AES_KEY_WRAP_PAD, RSA_OAEP, requireAlgorithm, usableMechanisms } from './key-mechanisms.ts';
import type { LoggedIn } from './logged-in.ts';
import { returnCodeOf } from './return-codes.ts';
import { publicKeyFromSpki, samePublicKey, sm2PublicKeyFromSpki, type PublicKey } from '../public-key.ts';
import { readPublicKey } from './public-key.ts';
import { makeDecryptionChallenge, type RsaPublicKey } from '../rsa-public-key.ts';
import { requireSm2Number, sm2NumbersFor } from './sm2-families.ts';
import { decryptBySm2 } from './sm2-use.ts';
import { decryptWith, requirePrivateKey } from './use-key.ts';
import type { ObjectHandle, Template } from './token-session.ts';

export interface RsaEnvelope {
  readonly wrappedKeyEncryptionKey: Uint8Array;
  readonly wrappedPrivateKey: Uint8Array;
}

/** Failures that mean the envelope is not for this key or damaged, rather than the key out of order. */
const NOT_THE_ENVELOPE = new Set(['CKR_DEVICE_ERROR', 'CKR_HOST_MEMORY', 'CKR_OPERATION_ACTIVE', 'CKR_TEMPLATE_INCONSISTENT', 'CKR_TEMPLATE_INCOMPLETE', 'CKR_ATTRIBUTE_TYPE_INVALID', 'CKR_ATTRIBUTE_READ_ONLY', 'CKR_SESSION_READ_ONLY', 'CKR_TOKEN_WRITE_PROTECTED']);

/** @throws KEY_NOT_FOUND when the container has no signing key, ENVELOPE_REFUSED, DRIVER_MECHANISM, KEY_PROOF_FAILED */
export function importRsaEncryptionKey(at: LoggedIn, containerId: string, envelope: RsaEnvelope, publicKeySpkiDer: Uint8Array): void {
  importOnce(at, containerId, publicKeyFromSpki(publicKeySpkiDer), () => {
    usableMechanisms(['CKM_RSA_PKCS_OAEP'], at.mechanisms, 'RSA-OAEP');
    usableMechanisms(at.profile.rsa?.unwrapPrivateKey ?? [], at.mechanisms, 'key unwrapping');
    return openRsaEnvelope(at, containerId, envelope);
  });
}

/** @throws KEY_NOT_FOUND, ENVELOPE_REFUSED, DRIVER_MECHANISM, KEY_PROOF_FAILED */
export function importSm2EncryptionKey(at: LoggedIn, containerId: string, form: Sm2EnvelopeForm, bytes: Uint8Array, publicKeySpkiDer: Uint8Array): void {
  requireAlgorithm(at.profile, 'sm2');
  const wanted = sm2PublicKeyFromSpki(publicKeySpkiDer);
  importOnce(at, containerId, wanted, () => {
    const numbers = sm2NumbersFor(at.profile, at.mechanisms);
    const mechanism = { mechanism: requireSm2Number(numbers, 'unwrapEnveloped', at.mechanisms) };
    const signingKey = requirePrivateKey(at, containerId, 'sign');
    if (signingKey.publicKey.kind !== 'sm2') return refuse('ENVELOPE_REFUSED', { layer: form, reason: 'the signing key is no SM2 key' });
    const envelope = readKeyEnvelope(form, bytes, signingKey.publicKey.point, wanted.point);
    return unwrap(at, 'private-key', mechanism, signingKey.object, writeSm2EnvelopedKey(envelope), encryptionKeyTemplate(containerId, numbers.keyType));
  });
}

function importOnce(at: LoggedIn, containerId: string, wanted: PublicKey, open: () => ObjectHandle): void {
  if (!isOwnContainerId(containerId)) refuse('CONTAINER_NOT_FOUND', { containerId });
  const there = keepExistingKey(at, containerId, 'encrypt');
  if (there !== null && samePublicKey(there, wanted)) return proveDecryption(at, requirePrivateKey(at, containerId, 'encrypt').object, wanted, containerId);
  if (there !== null) removeKeys(at, containerId);
  const privateKey = open();
  try {
    // Some libraries tell no point with a private key; that it belongs to the public key is then what the proof shows.
    const got = readPublicKey(at.session, privateKey);
    if (got === null ? wanted.kind === 'rsa' : !samePublicKey(got, wanted)) refuse('ENVELOPE_REFUSED', { layer: 'private-key', reason: 'another key' });
    proveDecryption(at, privateKey, wanted, containerId);
    createPublicKeyObject(at, containerId, 'encrypt', wanted);
  } catch (thrown) {
    if (at.isPresent()) removeKeys(at, containerId);
    throw thrown;
  }
}

function openRsaEnvelope(at: LoggedIn, containerId: string, envelope: RsaEnvelope): ObjectHandle {
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
    return unwrap(at, 'private-key', AES_KEY_WRAP_PAD, keyEncryptionKey, envelope.wrappedPrivateKey, encryptionKeyTemplate(containerId, pkcs11.CKK_RSA));
  } finally {
    at.session.destroy(keyEncryptionKey);
  }
}

function encryptionKeyTemplate(containerId: string, keyType: number): Template {
  return [
    { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PRIVATE_KEY },
    { type: pkcs11.CKA_KEY_TYPE, value: keyType },
    ...common(containerId, 'encrypt', true),
    { type: pkcs11.CKA_SENSITIVE, value: true },
    { type: pkcs11.CKA_EXTRACTABLE, value: false },
    { type: pkcs11.CKA_DECRYPT, value: true },
    // Later keys may come enveloped under this one, as file keys do.
    { type: pkcs11.CKA_UNWRAP, value: true },
    { type: pkcs11.CKA_SIGN, value: false },
  ];
}

function unwrap(at: LoggedIn, layer: string, mechanism: { mechanism: number }, key: ObjectHandle, wrapped: Uint8Array, template: Template): ObjectHandle {
  try {
    return at.session.cryptoki.native('C_UnwrapKey', (native) => native.C_UnwrapKey(at.session.handle, mechanism, key, Buffer.from(wrapped), template));
  } catch (thrown) {
    const returnCode = returnCodeOf(thrown);
    const failed = thrown instanceof AppError && thrown.code === 'DRIVER_FUNCTION_FAILED' && returnCode !== null && !NOT_THE_ENVELOPE.has(returnCode);
    if (failed && at.isPresent()) throw new AppError('ENVELOPE_REFUSED', { layer, returnCode }, thrown);
    throw thrown;
  }
}

function proveDecryption(at: LoggedIn, privateKey: ObjectHandle, key: PublicKey, containerId: string): void {
  const works = key.kind === 'sm2' ? decryptsSm2(at, privateKey, key.point) : decryptsRsa(at, privateKey, key);
  if (!works) refuse('KEY_PROOF_FAILED', { containerId, use: 'decrypt' });
}

function decryptsRsa(at: LoggedIn, privateKey: ObjectHandle, key: RsaPublicKey): boolean {
  const { plaintext, ciphertext } = makeDecryptionChallenge(key);
  return equalBytes(decryptWith(at, privateKey, ciphertext), plaintext);
}

function decryptsSm2(at: LoggedIn, privateKey: ObjectHandle, point: Uint8Array): boolean {
  const challenge = makeSm2Challenge(point);
  return answers(challenge, decryptBySm2(at, privateKey, challenge.ciphertextDer));
}

function removeKeys(at: LoggedIn, containerId: string): void {
  const keyId = keyIdOf(containerId, 'encrypt');
  for (const objectClass of [pkcs11.CKO_PRIVATE_KEY, pkcs11.CKO_PUBLIC_KEY]) at.session.findByClass(objectClass, keyId).forEach((object) => at.session.destroy(object));
}
