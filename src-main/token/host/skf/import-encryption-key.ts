/**
 * The encryption key of the key-management centre, opened inside the key by SKF_ImportECCKeyPair. The envelope is only packed anew: this process never sees
 * the private key. Idempotent. The key counts as imported when its public key is the wanted one and it opens what was encrypted to that.
 */
import { randomBytes } from 'node:crypto';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { Sm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import { sealSm2Session } from '#shared/sm/sm2-session-envelope.ts';
import type { Sm2EnvelopeForm } from '../../host-protocol.ts';
import { readKeyEnvelope, sm2PointOfSpki } from '../enveloped-key.ts';
import { ENVELOPE_LAYOUTS, writeEnvelopedKeyBlob, type EnvelopeLayout } from './blobs.ts';
import { isOwnContainerId } from './container-names.ts';
import { readPublicKey, requirePublicKey, withContainerOf } from './containers.ts';
import type { LoggedIn } from './logged-in.ts';
import { sarOf } from './sar-codes.ts';
import type { Handle } from './skf-functions.ts';
import { decryptWith } from './use-key.ts';

/** Refusals that say the key could not make sense of the envelope: another layout may be the right one. */
const ABOUT_THE_ENVELOPE: ReadonlySet<string> = new Set(['SAR_FAIL', 'SAR_UNKNOWNERR', 'SAR_INVALIDPARAMERR', 'SAR_INDATALENERR', 'SAR_INDATAERR', 'SAR_DECRYPTPADERR', 'SAR_HASHNOTEQUALERR', 'SAR_HASHERR', 'SAR_KEYINFOTYPEERR']);
const BEHIND_THE_BLOB = 64;

/** @throws KEY_NOT_FOUND when the container has no signing key, ENVELOPE_REFUSED, KEY_PROOF_FAILED, TOKEN_FULL */
export function importEncryptionKey(at: LoggedIn, containerId: string, form: Sm2EnvelopeForm, bytes: Uint8Array, publicKeySpkiDer: Uint8Array): void {
  if (!isOwnContainerId(containerId)) refuse('CONTAINER_NOT_FOUND', { containerId });
  const wanted = sm2PointOfSpki(publicKeySpkiDer);
  withContainerOf(at, containerId, 'sign', (container) => {
    if (isThere(at, container, wanted)) return proveDecryption(at, container, wanted, containerId);
    const envelope = readKeyEnvelope(form, bytes, requirePublicKey(at, container, containerId, 'sign'), wanted);
    importByFirstLayoutThatWorks(at, container, containerId, envelope, wanted);
  });
}

function importByFirstLayoutThatWorks(at: LoggedIn, container: Handle, containerId: string, envelope: Sm2EnvelopedKey, wanted: Uint8Array): void {
  let last: unknown = new AppError('ENVELOPE_REFUSED', { layer: 'private-key', reason: 'no layout' });
  for (const layout of layoutsInOrder(at, envelope)) {
    const blob = writeEnvelopedKeyBlob(envelope, layout, at.memory.ulongBytes);
    if (blob === null) continue;
    try {
      // Some drivers read a fixed size: behind the blob there is room that may be read.
      at.functions.call('SKF_ImportECCKeyPair', container, Buffer.concat([blob, Buffer.alloc(BEHIND_THE_BLOB)]));
      if (!isThere(at, container, wanted)) refuse('ENVELOPE_REFUSED', { layer: 'private-key', reason: 'another key' });
      proveDecryption(at, container, wanted, containerId);
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

function isThere(at: LoggedIn, container: Handle, wanted: Uint8Array): boolean {
  const point = readPublicKey(at, container, 'encrypt');
  return point !== null && point !== 'other' && equalBytes(point, wanted);
}

function proveDecryption(at: LoggedIn, container: Handle, point: Uint8Array, containerId: string): void {
  const plaintext = randomBytes(32);
  const opened = decryptWith(at, container, 'encrypt', sealSm2Session(point, plaintext, randomBytes));
  if (!equalBytes(opened, plaintext)) refuse('KEY_PROOF_FAILED', { containerId, use: 'decrypt' });
}
