/**
 * The envelope of an SM2 encryption key as it comes from the CA, in one of three forms, taken apart and checked before a key is asked to open it:
 * a CSRResponse (GM/T 0092) with both certificates; an SM2EnvelopedKey (GM/T 0009) alone; an ENVELOPEDKEYBLOB (GM/T 0016).
 * Rule: only what can be seen from outside is looked at; the private key in it is never opened in this process.
 */
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { certificateOfKey, readCsrResponse, type CsrResponse } from '#shared/sm/csr-response.ts';
import { sm2PointOf } from '#shared/sm/sm-provider.ts';
import { tryReadSm2Point } from '#shared/sm/sm2-curve.ts';
import { readSm2EnvelopedKey, type Sm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import type { Sm2EnvelopeForm } from '../host-protocol.ts';
import { readEnvelopedKeyBlob } from './skf/read-enveloped-key-blob.ts';

/**
 * @param signPoint public key of the container's signing key, which the envelope must be made for
 * @param wantedPoint public key of the certificate that the encryption key is for
 * @throws ENVELOPE_REFUSED
 */
export function readKeyEnvelope(form: Sm2EnvelopeForm, bytes: Uint8Array, signPoint: Uint8Array, wantedPoint: Uint8Array): Sm2EnvelopedKey {
  const envelopedKey = READERS[form](bytes, signPoint, wantedPoint);
  if (!equalBytes(envelopedKey.publicKey, wantedPoint)) refuse('ENVELOPE_REFUSED', { layer: form, reason: 'another key' });
  if (tryReadSm2Point(envelopedKey.encryptedKey.point) === null) refuse('ENVELOPE_REFUSED', { layer: form, reason: 'point not on the curve' });
  return envelopedKey;
}

const READERS: Readonly<Record<Sm2EnvelopeForm, (bytes: Uint8Array, signPoint: Uint8Array, wantedPoint: Uint8Array) => Sm2EnvelopedKey>> = {
  'csr-response': keyOfCsrResponse,
  // Nothing in these says whom they are made for: the key finds out by opening.
  'enveloped-key': (der) => refusingWhatIsMalformed('enveloped-key', () => readSm2EnvelopedKey(der)),
  'key-blob': (blob) => refusingWhatIsMalformed('key-blob', () => readEnvelopedKeyBlob(blob)),
};

function keyOfCsrResponse(csrResponseDer: Uint8Array, signPoint: Uint8Array, wantedPoint: Uint8Array): Sm2EnvelopedKey {
  const { signCertificates, envelopedKey, encryptCertificates } = parse(csrResponseDer);
  if (envelopedKey === null) return refuse('ENVELOPE_REFUSED', { layer: 'csr-response', reason: 'no key in it' });
  const refused = (reason: string) => refuse('ENVELOPE_REFUSED', { layer: 'csr-response', reason });
  if (tryCertificateOfKey(signCertificates, signPoint) === null) refused('the signing certificate is of another key');
  if (!equalBytes(envelopedKey.publicKey, wantedPoint)) refused('another key');
  if (tryCertificateOfKey(encryptCertificates, wantedPoint) === null) refused('the encryption certificate is of another key');
  return envelopedKey;
}

/** 04 ‖ X ‖ Y, on the curve. @throws KEY_INVALID */
export function sm2PointOfSpki(publicKeySpkiDer: Uint8Array): Uint8Array {
  const point = sm2PointOf(publicKeySpkiDer);
  if (tryReadSm2Point(point) === null) throw new AppError('KEY_INVALID', { reason: 'not a point of the SM2 curve' });
  return point;
}

function parse(csrResponseDer: Uint8Array): CsrResponse {
  return refusingWhatIsMalformed('csr-response', () => readCsrResponse(csrResponseDer));
}

function tryCertificateOfKey(certificates: readonly Uint8Array[], point: Uint8Array): Uint8Array | null {
  return refusingWhatIsMalformed('csr-response', () => certificateOfKey(certificates, point));
}

function refusingWhatIsMalformed<T>(layer: Sm2EnvelopeForm, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof AppError) throw new AppError('ENVELOPE_REFUSED', { layer, reason: thrown.code }, thrown);
    throw thrown;
  }
}
