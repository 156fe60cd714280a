/** The packed structures of GM/T 0016 as bytes: little-endian, packed to one byte, coordinates right-aligned in 64 bytes. */
import type { EnvelopeParts } from './openssl.ts';

const ulong = (value: number): Buffer => {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
};
const wide = (number: Uint8Array): Buffer => Buffer.concat([Buffer.alloc(64 - number.length), number]);

export const eccPublicKeyBlob = (point: Uint8Array): Buffer => Buffer.concat([ulong(256), wide(point.subarray(1, 33)), wide(point.subarray(33, 65))]);
export const pointOfBlob = (blob: Buffer): Buffer => Buffer.concat([Buffer.from([4]), blob.subarray(36, 68), blob.subarray(100, 132)]);
export const eccPrivateKeyBlob = (d: Uint8Array): Buffer => Buffer.concat([ulong(256), wide(d)]);
export const rawOfSignatureBlob = (blob: Buffer): Buffer => Buffer.concat([blob.subarray(32, 64), blob.subarray(96, 128)]);

/** Content of one DER element and what stands behind it. */
function element(der: Buffer): { readonly body: Buffer; readonly rest: Buffer } {
  let at = 2, length = der.readUInt8(1);
  if (length >= 0x80) {
    const count = length & 0x7f;
    length = der.readUIntBE(2, count);
    at += count;
  }
  return { body: der.subarray(at, at + length), rest: der.subarray(at + length) };
}

const fixed = (integer: Buffer): Buffer => Buffer.concat([Buffer.alloc(32), integer]).subarray(-32);

/** ECCCIPHERBLOB from the DER of an SM2Cipher. */
export function eccCipherBlob(cipherDer: Buffer): Buffer {
  const x = element(element(cipherDer).body), y = element(x.rest), hash = element(y.rest), cipher = element(hash.rest);
  return Buffer.concat([wide(fixed(x.body)), wide(fixed(y.body)), hash.body, ulong(cipher.body.length), cipher.body]);
}

/** 04 ‖ X ‖ Y ‖ C3 ‖ C2 of an ECCCIPHERBLOB. */
export function cipherOfBlob(blob: Buffer): { readonly x: Buffer; readonly y: Buffer; readonly hash: Buffer; readonly cipher: Buffer } {
  const length = blob.readUInt32LE(160);
  return { x: blob.subarray(32, 64), y: blob.subarray(96, 128), hash: blob.subarray(128, 160), cipher: blob.subarray(164, 164 + length) };
}

export interface EnvelopeOptions { readonly version?: number; readonly algorithm?: number; readonly bits?: number }

/** ENVELOPEDKEYBLOB; the encrypted private key is right-aligned in its 64 bytes. */
export const envelopedKeyBlob = (parts: EnvelopeParts, options: EnvelopeOptions = {}): Buffer =>
  Buffer.concat([ulong(options.version ?? 1), ulong(options.algorithm ?? 0x401), ulong(options.bits ?? 256), wide(parts.encryptedPrivateKey), eccPublicKeyBlob(parts.point), eccCipherBlob(parts.symEncryptedKey)]);

export function rsaModulusOfBlob(blob: Buffer): { readonly n: Buffer; readonly e: Buffer } {
  const e = blob.subarray(264, 268);
  return { n: blob.subarray(8, 264), e: e.subarray(e.findIndex((byte) => byte !== 0)) };
}

/** Names of a NUL-separated list with a double NUL at its end. */
export const namesOf = (list: Buffer): string[] => list.toString('utf8').split('\0').filter((name) => name !== '');
