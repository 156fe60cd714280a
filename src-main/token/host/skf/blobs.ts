/**
 * The structures of GM/T 0016 as bytes. By the standard they are packed and ULONG has 32 bits; libraries built for LP64 without care have 64.
 * Only ULONGs move then: packing alone changes nothing of these but where the numbers of DEVINFO stand. Coordinates are right-aligned in 64 bytes.
 * Pure: bytes in, facts out; every length is checked.
 */
import { concatBytes } from '#shared/bytes/byte-strings.ts';
import { tryReadSm2Point } from '#shared/sm/sm2-curve.ts';
import type { Sm2Ciphertext } from '#shared/sm/sm2-encrypt.ts';
import type { Sm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { OIDS } from '#shared/asn1/oids.ts';
import { isEmptyField, serialText, text } from '../text-fields.ts';

export type UlongBytes = 4 | 8;

const FIELD = 64;
const COORDINATE = 32;
const HASH = 32;

/** ECCPUBLICKEYBLOB: ULONG BitLen, X[64], Y[64]. Its length tells the width of ULONG. @returns null for any other length */
export function ulongBytesOf(publicKeyBlobLength: number): UlongBytes | null {
  return ({ 132: 4, 136: 8 } as const)[publicKeyBlobLength] ?? null;
}

const RSA_MODULUS_FIELD = 256;
const RSA_EXPONENT_FIELD = 4;

/** RSAPUBLICKEYBLOB: ULONG AlgID, ULONG BitLen, Modulus[256], PublicExponent[4]. @returns null when the length is of no build, or the numbers cannot be those of a key */
export function readRsaPublicKeyBlob(blob: Uint8Array): { readonly modulus: Uint8Array; readonly exponent: Uint8Array } | null {
  const ulongBytes = ({ 268: 4, 276: 8 } as const)[blob.length];
  if (ulongBytes === undefined) return null;
  const bits = new DataView(blob.buffer, blob.byteOffset).getUint32(ulongBytes, true);
  if (bits % 8 !== 0 || bits > 8 * RSA_MODULUS_FIELD || bits < 1024) return null;
  const field = blob.subarray(2 * ulongBytes, 2 * ulongBytes + RSA_MODULUS_FIELD);
  // Shorter keys stand on either side of their field; the top byte of a modulus is never zero.
  const modulus = field[0] === 0 ? field.slice(-bits / 8) : field.slice(0, bits / 8);
  return { modulus, exponent: blob.slice(-RSA_EXPONENT_FIELD) };
}

/** 04 ‖ X ‖ Y. @returns null when it is no point of the SM2 curve */
export function readPublicKeyBlob(blob: Uint8Array, ulongBytes: UlongBytes): Uint8Array | null {
  const fields = blob.subarray(ulongBytes, ulongBytes + 2 * FIELD);
  if (fields.length !== 2 * FIELD) return null;
  const aligned = (start: number) => concatBytes(Uint8Array.of(4), fields.subarray(start, start + COORDINATE), fields.subarray(FIELD + start, FIELD + start + COORDINATE));
  // Some libraries align left; the curve tells which it was.
  return [aligned(COORDINATE), aligned(0)].find((point) => tryReadSm2Point(point) !== null) ?? null;
}

/** ECCSIGNATUREBLOB: r[64], s[64]. @returns r ‖ s as it may be meant: right-aligned, then left-aligned */
export function readSignatureBlob(blob: Uint8Array): Uint8Array[] {
  return [COORDINATE, 0].map((start) => concatBytes(blob.subarray(start, start + COORDINATE), blob.subarray(FIELD + start, FIELD + start + COORDINATE)));
}

/** ECCCIPHERBLOB: X[64], Y[64], HASH[32], ULONG CipherLen, Cipher. */
export function writeCipherBlob(cipher: Sm2Ciphertext, ulongBytes: UlongBytes): Uint8Array {
  return concatBytes(rightAligned(cipher.point.subarray(1, 33)), rightAligned(cipher.point.subarray(33)), cipher.digest.subarray(0, HASH), ulong(cipher.masked.length, ulongBytes), cipher.masked);
}

/** Version 1 of ENVELOPEDKEYBLOB. */
const ENVELOPE_VERSION = 1;
const KEY_BITS = 256;
/** SGD_*_ECB by what the certificate authority calls the cipher: the bare name stands for ECB in this structure. */
const SYMMETRIC_ALGORITHMS: Readonly<Record<string, number>> = {
  [OIDS.sm4]: 0x401, [OIDS.sm4Ecb]: 0x401,
  // SM1 and SSF33 exist in chips only; such an envelope can be handed on, not opened here.
  '1.2.156.10197.1.102': 0x101, '1.2.156.10197.1.102.1': 0x101, '1.2.156.10197.1.103': 0x201, '1.2.156.10197.1.103.1': 0x201,
};

export const ENVELOPE_LAYOUTS = ['right-aligned', 'whole-field', 'left-aligned'] as const;
/**
 * Where the encrypted private key stands in its 64 bytes. `right-aligned`: 32 bytes behind 32 zeros, the usual one. `whole-field`: all 64 zero-padded bytes
 * were encrypted. `left-aligned`: the 32 bytes come first. The standard does not say; all occur.
 */
export type EnvelopeLayout = (typeof ENVELOPE_LAYOUTS)[number];

/**
 * ENVELOPEDKEYBLOB: ULONG Version, ulSymmAlgID, ulBits; cbEncryptedPriKey[64]; ECCPUBLICKEYBLOB PubKey; ECCCIPHERBLOB. Only re-packing: nothing is opened.
 * @returns null when the envelope cannot be brought into that layout
 * @throws ALGORITHM_UNSUPPORTED
 */
export function writeEnvelopedKeyBlob(envelope: Sm2EnvelopedKey, layout: EnvelopeLayout, ulongBytes: UlongBytes): Uint8Array | null {
  const symmetric = SYMMETRIC_ALGORITHMS[envelope.symmetricOid];
  if (symmetric === undefined) throw new AppError('ALGORITHM_UNSUPPORTED', { oid: envelope.symmetricOid });
  const field = privateKeyField(envelope.encryptedPrivateKey, layout);
  if (field === null) return null;
  const { publicKey, encryptedKey } = envelope;
  return concatBytes(
    ulong(ENVELOPE_VERSION, ulongBytes), ulong(symmetric, ulongBytes), ulong(KEY_BITS, ulongBytes), field,
    ulong(KEY_BITS, ulongBytes), rightAligned(publicKey.subarray(1, 33)), rightAligned(publicKey.subarray(33)),
    writeCipherBlob(encryptedKey, ulongBytes),
  );
}

/** ECB has no memory: of 64 bytes the last 32 are the key by itself, of 48 the first 32 are, before the padding. */
function privateKeyField(encrypted: Uint8Array, layout: EnvelopeLayout): Uint8Array | null {
  if (layout === 'whole-field') return encrypted.length === FIELD ? encrypted : null;
  const key = encrypted.length === FIELD ? encrypted.subarray(COORDINATE) : encrypted.subarray(0, COORDINATE);
  return layout === 'right-aligned' ? rightAligned(key) : concatBytes(key, new Uint8Array(FIELD - COORDINATE));
}

/** DEVINFO as far as it is needed. The numbers stand behind the texts, so the texts are where they are in every build. */
export interface DeviceInfo {
  readonly label: string;
  readonly manufacturer: string;
  readonly issuer: string;
  readonly serial: string;
  readonly hasSerial: boolean;
  readonly freeBytes: number | null;
  /** SGD_* number of the cipher of SKF_DevAuth; null when it could not be found. */
  readonly deviceAuthAlgorithm: number | null;
}

/** More than any build of DEVINFO writes. */
export const DEVICE_INFO_ROOM = 512;
/** Where FreeSpace stands, by what the whole structure measures. */
const FREE_SPACE_AT: Readonly<Record<number, { readonly at: number; readonly ulongBytes: UlongBytes }>> = {
  294: { at: 218, ulongBytes: 4 }, 296: { at: 220, ulongBytes: 4 }, 326: { at: 238, ulongBytes: 8 }, 328: { at: 240, ulongBytes: 8 },
};
const MAX_FREE_BYTES = 1 << 30;

/** @param size what the driver wrote, if that could be told */
export function readDeviceInfo(bytes: Buffer, size: number | null): DeviceInfo {
  const serialField = bytes.subarray(162, 194);
  const place = size === null ? undefined : FREE_SPACE_AT[size];
  // DevAuthAlgId, TotalSpace, FreeSpace.
  const deviceAuthAlgorithm = place === undefined ? null : bytes.readUInt32LE(place.at - 2 * place.ulongBytes);
  const freeBytes = place === undefined ? null : bytes.readUInt32LE(place.at);
  return {
    manufacturer: text(bytes.subarray(2, 66)), issuer: text(bytes.subarray(66, 130)), label: text(bytes.subarray(130, 162)),
    serial: serialText(serialField), hasSerial: !isEmptyField(serialField), freeBytes: freeBytes !== null && freeBytes <= MAX_FREE_BYTES ? freeBytes : null, deviceAuthAlgorithm,
  };
}

/** Width of ULONG by the measure of DEVINFO. @returns null when the measure is none of the known ones */
export function ulongBytesOfDeviceInfo(size: number): UlongBytes | null {
  return FREE_SPACE_AT[size]?.ulongBytes ?? null;
}

/** How far a driver wrote into a buffer, told by two runs over different fillings: what is the filling in both was not written. */
export function writtenLength(overZeros: Uint8Array, overOnes: Uint8Array): number {
  let length = overZeros.length;
  while (length > 0 && overZeros[length - 1] === 0x00 && overOnes[length - 1] === 0xff) length--;
  return length;
}

function rightAligned(number: Uint8Array): Uint8Array {
  return concatBytes(new Uint8Array(FIELD - number.length), number);
}

function ulong(value: number, ulongBytes: UlongBytes): Uint8Array {
  const bytes = new Uint8Array(ulongBytes);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
