/**
 * An ENVELOPEDKEYBLOB (GM/T 0016) that somebody else has made ready, read back into its parts, so that it can be checked against its certificate and packed
 * anew for whatever key is plugged: with either width of ULONG, and the private key on the right, on the left, or filling its field.
 * Rule: lengths are exact, fields that must be zero are; the private key is not opened. Pure.
 */
import { OIDS } from '#shared/asn1/oids.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { Sm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import { readPublicKeyBlob, type UlongBytes } from './blobs.ts';

const FIELD = 64;
const COORDINATE = 32;
const HASH = 32;
const ENVELOPE_VERSION = 1;
const KEY_BITS = 256;
/** The symmetric key of SM4, SM1 or SSF33. */
const SYMMETRIC_KEY_BYTES = 16;
const SYMMETRIC_OIDS: Readonly<Record<number, string>> = { 0x401: OIDS.sm4Ecb, 0x101: '1.2.156.10197.1.102.1', 0x201: '1.2.156.10197.1.103.1' };

/** @throws CMS_MALFORMED, KEY_INVALID, ALGORITHM_UNSUPPORTED */
export function readEnvelopedKeyBlob(blob: Uint8Array): Sm2EnvelopedKey {
  const ulongBytes = widthOf(blob);
  const at = cursor(blob, ulongBytes);
  if (at.ulong() !== ENVELOPE_VERSION) throw malformed('version');
  const algorithm = at.ulong();
  const symmetricOid = SYMMETRIC_OIDS[algorithm];
  if (symmetricOid === undefined) throw new AppError('ALGORITHM_UNSUPPORTED', { algorithm: `0x${algorithm.toString(16)}` });
  if (at.ulong() !== KEY_BITS) throw malformed('key length');
  const privateKeyField = at.bytes(FIELD);
  const publicKey = readPublicKeyBlob(at.bytes(ulongBytes + 2 * FIELD), ulongBytes);
  if (publicKey === null) throw new AppError('KEY_INVALID', { reason: 'its public key is no point of the curve' });
  const point = Uint8Array.of(4, ...rightHalf(at.bytes(FIELD)), ...rightHalf(at.bytes(FIELD)));
  const digest = at.bytes(HASH);
  if (at.ulong() !== SYMMETRIC_KEY_BYTES) throw malformed('length of the symmetric key');
  return { symmetricOid, encryptedKey: { point, digest, masked: at.bytes(SYMMETRIC_KEY_BYTES) }, publicKey, encryptedPrivateKey: privateKeyIn(privateKeyField) };
}

/** Version, algorithm, bits; field; bits, X, Y; X, Y, hash, length, key. */
const bytesWith = (ulongBytes: UlongBytes) => 5 * ulongBytes + FIELD + 4 * FIELD + HASH + SYMMETRIC_KEY_BYTES;
/** What a C structure that is not packed has behind its last member. */
const MOST_PADDING = 7;

function widthOf(blob: Uint8Array): UlongBytes {
  const width = ([4, 8] as const).find((ulongBytes) => blob.length >= bytesWith(ulongBytes) && blob.length <= bytesWith(ulongBytes) + MOST_PADDING);
  if (width === undefined || !blob.subarray(bytesWith(width)).every((byte) => byte === 0)) throw malformed('length');
  return width;
}

function cursor(blob: Uint8Array, ulongBytes: UlongBytes) {
  let at = 0;
  const bytes = (length: number) => Uint8Array.from(blob.subarray(at, (at += length)));
  const ulong = () => {
    const field = bytes(ulongBytes);
    if (!field.subarray(4).every((byte) => byte === 0)) throw malformed('number');
    return new DataView(field.buffer).getUint32(0, true);
  };
  return { bytes, ulong };
}

/** A key on either side of zeros is 32 bytes; anything else filled the field before it was encrypted. */
function privateKeyIn(field: Uint8Array): Uint8Array {
  const zeros = new Uint8Array(COORDINATE);
  if (equalBytes(field.subarray(0, COORDINATE), zeros)) return field.slice(COORDINATE);
  return equalBytes(field.subarray(COORDINATE), zeros) ? field.slice(0, COORDINATE) : field;
}

/** Coordinates are right-aligned; the standard has no other way for the cipher, and its point is checked by the reader's caller. */
function rightHalf(field: Uint8Array): Uint8Array {
  if (!field.subarray(0, COORDINATE).every((byte) => byte === 0)) throw malformed('coordinate');
  return field.subarray(COORDINATE);
}

function malformed(what: string): AppError {
  return new AppError('CMS_MALFORMED', { reason: `ENVELOPEDKEYBLOB: ${what}` });
}
