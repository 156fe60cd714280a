/**
 * The signing key pair of a container, born on the key and never extractable. Idempotent: a container that has one keeps it.
 * A pair that a power cut left half made is told by what is there: a private key is kept and completed, a public key alone is removed.
 */
import pkcs11 from 'pkcs11js';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import type { KeyPurpose } from '../../token-port.ts';
import { isOwnContainerId, keyIdOf, labelOf } from './container-ids.ts';
import { RSA_KEY_PAIR_GENERATION, requireAlgorithm, usableMechanisms } from './key-mechanisms.ts';
import type { LoggedIn } from './logged-in.ts';
import { samePublicKey, type PublicKey } from '../public-key.ts';
import { readPublicKey } from './public-key.ts';
import { requireSm2Number, sm2NumbersFor } from './sm2-families.ts';
import { SM2_EC_PARAMETERS, writeEcPoint } from './sm2-public-key.ts';
import type { Template } from './token-session.ts';

const RSA_BITS = 2048;
const PUBLIC_EXPONENT = Buffer.from([1, 0, 1]);
const KIND_OF = { 'rsa-2048': 'rsa', sm2: 'sm2' } as const satisfies Record<KeyAlgorithm, PublicKey['kind']>;

interface Generation {
  readonly mechanism: { mechanism: number };
  /** What the public template has beside the attributes of every key. */
  readonly publicKey: Template;
}

/** How a pair is made. @throws DRIVER_MECHANISM when the key cannot */
const GENERATIONS: Readonly<Record<KeyAlgorithm, (at: LoggedIn) => Generation>> = {
  'rsa-2048': (at) => {
    usableMechanisms(['CKM_RSA_PKCS_KEY_PAIR_GEN'], at.mechanisms, 'RSA key generation');
    return { mechanism: RSA_KEY_PAIR_GENERATION, publicKey: [{ type: pkcs11.CKA_MODULUS_BITS, value: RSA_BITS }, { type: pkcs11.CKA_PUBLIC_EXPONENT, value: PUBLIC_EXPONENT }] };
  },
  sm2: (at) => ({ mechanism: { mechanism: requireSm2Number(sm2NumbersFor(at.profile, at.mechanisms), 'generateKeyPair', at.mechanisms) }, publicKey: [{ type: pkcs11.CKA_EC_PARAMS, value: SM2_EC_PARAMETERS }] }),
};

/** @throws DRIVER_MECHANISM, KEY_PROOF_FAILED, CONTAINER_NOT_FOUND */
export function generateSigningKeyPair(at: LoggedIn, containerId: string, algorithm: KeyAlgorithm): PublicKey {
  if (!isOwnContainerId(containerId)) refuse('CONTAINER_NOT_FOUND', { containerId });
  requireAlgorithm(at.profile, algorithm);
  const kept = keepExistingKey(at, containerId, 'sign');
  if (kept !== null) {
    // A container belongs to one issuance, and that to one algorithm.
    if (kept.kind !== KIND_OF[algorithm]) throw new AppError('KEY_PROOF_FAILED', { containerId, reason: `there is a key of another algorithm: ${kept.kind}` });
    return kept;
  }
  const { mechanism, publicKey } = GENERATIONS[algorithm](at);
  const { handle, cryptoki } = at.session;
  const pair = cryptoki.native('C_GenerateKeyPair', (native) => native.C_GenerateKeyPair(handle, mechanism, [...publicTemplate(containerId), ...publicKey], privateTemplate(containerId)));
  return readPublicKey(at.session, pair.publicKey) ?? refuse('KEY_PROOF_FAILED', { containerId, reason: 'the new public key cannot be read' });
}

/** @returns the public key of a private key that is there, with its public key object made whole; null when there is no private key, after removing what is left of one */
export function keepExistingKey(at: LoggedIn, containerId: string, purpose: KeyPurpose): PublicKey | null {
  const keyId = keyIdOf(containerId, purpose);
  const [privateKey] = at.session.findByClass(pkcs11.CKO_PRIVATE_KEY, keyId);
  const publicKeys = at.session.findByClass(pkcs11.CKO_PUBLIC_KEY, keyId);
  if (privateKey === undefined) {
    publicKeys.forEach((object) => at.session.destroy(object));
    return null;
  }
  const [publicKey] = publicKeys;
  const ofPublic = publicKey === undefined ? null : readPublicKey(at.session, publicKey);
  const known = readPublicKey(at.session, privateKey) ?? ofPublic;
  if (known === null) {
    // A private key that tells no public key can sign nothing that we could check: half made.
    [privateKey, ...publicKeys].forEach((object) => at.session.destroy(object));
    return null;
  }
  if (ofPublic === null || !samePublicKey(ofPublic, known)) {
    publicKeys.forEach((object) => at.session.destroy(object));
    createPublicKeyObject(at, containerId, purpose, known);
  }
  return known;
}

export function createPublicKeyObject(at: LoggedIn, containerId: string, purpose: KeyPurpose, key: PublicKey): void {
  at.session.create([
    { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PUBLIC_KEY },
    ...common(containerId, purpose, false),
    { type: purpose === 'sign' ? pkcs11.CKA_VERIFY : pkcs11.CKA_ENCRYPT, value: true },
    ...numbersOf(at, key),
  ]);
}

function numbersOf(at: LoggedIn, key: PublicKey): Template {
  if (key.kind === 'rsa') {
    return [
      { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_RSA },
      { type: pkcs11.CKA_MODULUS, value: Buffer.from(key.modulus) },
      { type: pkcs11.CKA_PUBLIC_EXPONENT, value: Buffer.from(key.exponent) },
    ];
  }
  return [
    { type: pkcs11.CKA_KEY_TYPE, value: sm2NumbersFor(at.profile, at.mechanisms).keyType },
    { type: pkcs11.CKA_EC_PARAMS, value: SM2_EC_PARAMETERS },
    { type: pkcs11.CKA_EC_POINT, value: writeEcPoint(key) },
  ];
}

/** Attributes that both halves of a pair share. */
export function common(containerId: string, purpose: KeyPurpose, isPrivate: boolean): Template {
  return [
    { type: pkcs11.CKA_TOKEN, value: true },
    { type: pkcs11.CKA_PRIVATE, value: isPrivate },
    { type: pkcs11.CKA_ID, value: Buffer.from(keyIdOf(containerId, purpose)) },
    { type: pkcs11.CKA_LABEL, value: labelOf(containerId, purpose) },
  ];
}

function publicTemplate(containerId: string): Template {
  return [...common(containerId, 'sign', false), { type: pkcs11.CKA_VERIFY, value: true }];
}

function privateTemplate(containerId: string): Template {
  return [
    ...common(containerId, 'sign', true),
    { type: pkcs11.CKA_SENSITIVE, value: true },
    { type: pkcs11.CKA_EXTRACTABLE, value: false },
    { type: pkcs11.CKA_SIGN, value: true },
    // Opens the envelope of the encryption key; it does not decrypt data.
    { type: pkcs11.CKA_UNWRAP, value: true },
    { type: pkcs11.CKA_DECRYPT, value: false },
  ];
}
