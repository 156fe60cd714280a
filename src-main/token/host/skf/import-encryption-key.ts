/**
 * The encryption key of the key-management centre, opened inside the key by SKF_ImportECCKeyPair or SKF_ImportRSAKeyPair. The envelope is only packed anew: this process never sees
 * the private key. Idempotent. The key counts as imported when its public key is the wanted one and it opens what was encrypted to that.
 */
import { randomBytes } from 'node:crypto';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { Sm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import { sealSm2Session } from '#shared/sm/sm2-session-envelope.ts';
import type { Sm2EnvelopeForm } from '../../host-protocol.ts';
import { sealRsaSession } from '#shared/pkcs/rsa-session-envelope.ts';
import { readKeyEnvelope } from '../enveloped-key.ts';
import { samePublicKey, sm2PublicKeyFromSpki, type PublicKey, type Sm2PublicKey } from '../public-key.ts';
import { encryptBySchemeOfSkf, rsaPublicKeyFromSpki, type RsaPublicKey } from '../rsa-public-key.ts';
import { ENVELOPE_LAYOUTS, writeEnvelopedKeyBlob, type EnvelopeLayout } from './blobs.ts';
import { isOwnContainerId } from './container-names.ts';
import { readPublicKey, requirePublicKey, withContainerOf } from './containers.ts';
import type { LoggedIn } from './logged-in.ts';
import { sarOf } from './sar-codes.ts';
import type { Handle } from './skf-functions.ts';
import { decryptByRsa, decryptWith } from './use-key.ts';

/** Refusals that say the key could not make sense of the envelope: another layout may be the right one. */
const ABOUT_THE_ENVELOPE: ReadonlySet<string> = new Set(['SAR_FAIL', 'SAR_UNKNOWNERR', 'SAR_INVALIDPARAMERR', 'SAR_INDATALENERR', 'SAR_INDATAERR', 'SAR_DECRYPTPADERR', 'SAR_HASHNOTEQUALERR', 'SAR_HASHERR', 'SAR_KEYINFOTYPEERR', 'SAR_RSADECERR', 'SAR_MODULUSLENERR', 'SAR_RSAMODULUSLENERR']);
const BEHIND_THE_BLOB = 64;

/** What SKF_ImportRSAKeyPair takes: RSAPrivateKey (PKCS#1) under SM4-ECB, the SM4 key under the container's signing key by RSAES-PKCS1-v1_5. */
export interface RsaKeyBlob {
  readonly wrappedKey: Uint8Array;
  readonly encryptedPrivateKey: Uint8Array;
}

const SGD_SM4_ECB = 0x401;

/** @throws KEY_NOT_FOUND when the container has no signing key, ENVELOPE_REFUSED, KEY_PROOF_FAILED, TOKEN_FULL */
export function importRsaEncryptionKey(at: LoggedIn, containerId: string, { wrappedKey, encryptedPrivateKey }: RsaKeyBlob, publicKeySpkiDer: Uint8Array): void {
  if (!isOwnContainerId(containerId)) refuse('CONTAINER_NOT_FOUND', { containerId });
  const wanted = rsaPublicKeyFromSpki(publicKeySpkiDer);
  withContainerOf(at, containerId, 'sign', (container) => {
    if (isThere(at, container, wanted)) return proveRsaDecryption(at, container, wanted, containerId);
    if (requirePublicKey(at, container, containerId, 'sign').kind !== 'rsa') refuse('ENVELOPE_REFUSED', { layer: 'rsa-key-blob', reason: 'the signing key is no RSA key' });
    try {
      at.functions.call('SKF_ImportRSAKeyPair', container, SGD_SM4_ECB, Buffer.from(wrappedKey), wrappedKey.length, Buffer.from(encryptedPrivateKey), encryptedPrivateKey.length);
    } catch (thrown) {
      throw (at.isPresent() ? aboutTheEnvelope(thrown) : null) ?? thrown;
    }
    if (!isThere(at, container, wanted)) refuse('ENVELOPE_REFUSED', { layer: 'private-key', reason: 'another key' });
    proveRsaDecryption(at, container, wanted, containerId);
  });
}

/** @throws KEY_NOT_FOUND when the container has no signing key, ENVELOPE_REFUSED, KEY_PROOF_FAILED, TOKEN_FULL */
export function importEncryptionKey(at: LoggedIn, containerId: string, form: Sm2EnvelopeForm, bytes: Uint8Array, publicKeySpkiDer: Uint8Array): void {
  if (!isOwnContainerId(containerId)) refuse('CONTAINER_NOT_FOUND', { containerId });
  const wanted = sm2PublicKeyFromSpki(publicKeySpkiDer);
  withContainerOf(at, containerId, 'sign', (container) => {
    if (isThere(at, container, wanted)) return proveDecryption(at, container, wanted.point, containerId);
    const signKey = requirePublicKey(at, container, containerId, 'sign');
    if (signKey.kind !== 'sm2') return refuse('ENVELOPE_REFUSED', { layer: form, reason: 'the signing key is no SM2 key' });
    const envelope = readKeyEnvelope(form, bytes, signKey.point, wanted.point);
    importByFirstLayoutThatWorks(at, container, containerId, envelope, wanted);
  });
}

function importByFirstLayoutThatWorks(at: LoggedIn, container: Handle, containerId: string, envelope: Sm2EnvelopedKey, wanted: Sm2PublicKey): void {
  let last: unknown = new AppError('ENVELOPE_REFUSED', { layer: 'private-key', reason: 'no layout' });
  for (const layout of layoutsInOrder(at, envelope)) {
    const blob = writeEnvelopedKeyBlob(envelope, layout, at.memory.ulongBytes);
    if (blob === null) continue;
    try {
      // Some drivers read a fixed size: behind the blob there is room that may be read.
      at.functions.call('SKF_ImportECCKeyPair', container, Buffer.concat([blob, Buffer.alloc(BEHIND_THE_BLOB)]));
      if (!isThere(at, container, wanted)) refuse('ENVELOPE_REFUSED', { layer: 'private-key', reason: 'another key' });
      proveDecryption(at, container, wanted.point, containerId);
      at.memory.layout = layout;
      return;
    } catch (thrown) {
      last = aboutTheEnvelope(thrown);
      if (last === null || !at.isPresent()) throw thrown;
    }
  }
  throw last;
}

function layoutsInOrder(at: LoggedIn, envelope: Sm2EnvelopedKey): EnvelopeLayout[] {
  // 64 bytes came encrypted as a whole: the driver that they were made for wants them so.
  const first = at.memory.layout ?? (envelope.encryptedPrivateKey.length === 64 ? 'whole-field' : 'right-aligned');
  return [first, ...ENVELOPE_LAYOUTS.filter((layout) => layout !== first)];
}

/** @returns the error to end with if no other layout works; null when another layout would not help */
function aboutTheEnvelope(thrown: unknown): AppError | null {
  if (!(thrown instanceof AppError)) return null;
  if (thrown.code === 'ENVELOPE_REFUSED' || thrown.code === 'KEY_PROOF_FAILED' || thrown.code === 'DECRYPT_FAILED') return thrown;
  const returnCode = sarOf(thrown);
  return returnCode !== null && ABOUT_THE_ENVELOPE.has(returnCode) ? new AppError('ENVELOPE_REFUSED', { layer: 'private-key', returnCode }, thrown) : null;
}

function isThere(at: LoggedIn, container: Handle, wanted: PublicKey): boolean {
  const key = readPublicKey(at, container, 'encrypt');
  return key !== null && key !== 'other' && samePublicKey(key, wanted);
}

function proveRsaDecryption(at: LoggedIn, container: Handle, key: RsaPublicKey, containerId: string): void {
  const plaintext = randomBytes(32);
  const opened = decryptByRsa(at, container, 'encrypt', sealRsaSession((sessionKey) => encryptBySchemeOfSkf(key, sessionKey), plaintext, randomBytes));
  if (!equalBytes(opened, plaintext)) refuse('KEY_PROOF_FAILED', { containerId, use: 'decrypt' });
}

function proveDecryption(at: LoggedIn, container: Handle, point: Uint8Array, containerId: string): void {
  const plaintext = randomBytes(32);
  const opened = decryptWith(at, container, 'encrypt', sealSm2Session(point, plaintext, randomBytes));
  if (!equalBytes(opened, plaintext)) refuse('KEY_PROOF_FAILED', { containerId, use: 'decrypt' });
}
