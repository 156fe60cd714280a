/**
 * SM2 signatures and ciphertexts in DER (GM/T 0009 §7): strict in both directions. Pure.
 * `SM2Signature ::= SEQUENCE { r INTEGER, s INTEGER }`
 * `SM2Cipher ::= SEQUENCE { XCoordinate INTEGER, YCoordinate INTEGER, HASH OCTET STRING (SIZE(32)), CipherText OCTET STRING }`
 */
import { DerReader } from '../asn1/der-reader.ts';
import { derOctetString, derSequence, derUnsignedInteger } from '../asn1/der-writer.ts';
import { concatBytes } from '../bytes/byte-strings.ts';
import { AppError } from '../errors/app-error.ts';
import type { Sm2Ciphertext } from './sm2-encrypt.ts';
import { SM3_DIGEST_LENGTH } from './sm3.ts';

/** @param raw r ‖ s, 64 bytes */
export function writeSm2Signature(raw: Uint8Array): Uint8Array {
  return derSequence(derUnsignedInteger(raw.subarray(0, 32)), derUnsignedInteger(raw.subarray(32)));
}

/** @returns r ‖ s, each padded on the left to 32 bytes; their range is checked by the verification @throws DER_MALFORMED */
export function readSm2Signature(der: Uint8Array): Uint8Array {
  const sequence = DerReader.open(der, 128).readSequence('SM2 signature');
  const raw = concatBytes(readCoordinate(sequence, 'r'), readCoordinate(sequence, 's'));
  sequence.end('SM2 signature');
  return raw;
}

export function writeSm2Ciphertext(ciphertext: Sm2Ciphertext): Uint8Array {
  return derSequence(
    derUnsignedInteger(ciphertext.point.subarray(1, 33)),
    derUnsignedInteger(ciphertext.point.subarray(33)),
    derOctetString(ciphertext.digest),
    derOctetString(ciphertext.masked),
  );
}

/** @throws DER_MALFORMED; whether the point lies on the curve is checked by the decryption */
export function readSm2Ciphertext(der: Uint8Array): Sm2Ciphertext {
  const reader = DerReader.open(der);
  const ciphertext = readSm2CiphertextIn(reader);
  reader.end('SM2 ciphertext');
  return ciphertext;
}

/** The same as part of a larger structure. */
export function readSm2CiphertextIn(reader: DerReader): Sm2Ciphertext {
  const at = reader.offset;
  const sequence = reader.readSequence('SM2 ciphertext');
  const x = readCoordinate(sequence, 'XCoordinate');
  const y = readCoordinate(sequence, 'YCoordinate');
  const digest = Uint8Array.from(sequence.readOctetString('HASH'));
  const masked = Uint8Array.from(sequence.readOctetString('CipherText'));
  sequence.end('SM2 ciphertext');
  if (digest.length !== SM3_DIGEST_LENGTH || masked.length === 0) throw new AppError('DER_MALFORMED', { reason: 'length of HASH or CipherText', offset: at, what: 'SM2 ciphertext' });
  return { point: concatBytes(Uint8Array.of(0x04), x, y), digest, masked };
}

/** A non-negative INTEGER of at most 32 octets. Short ones are padded: half of all coordinates have a sign octet, one in 256 a missing one. */
function readCoordinate(sequence: DerReader, what: string): Uint8Array {
  const offset = sequence.offset;
  const octets = sequence.readIntegerBytes(what);
  const value = octets[0] === 0 ? octets.subarray(1) : octets;
  if ((octets[0] ?? 0) >= 0x80 || value.length > 32) throw new AppError('DER_MALFORMED', { reason: 'integer out of range', offset, what });
  const out = new Uint8Array(32);
  out.set(value, 32 - value.length);
  return out;
}
