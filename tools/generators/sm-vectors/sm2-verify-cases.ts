/** SM2 signatures in DER: right ones, and each way to be wrong. */
import { derElement, derInteger, derSequence, derUnsignedInteger } from '#shared/asn1/der-writer.ts';
import { TAG } from '#shared/asn1/tags.ts';
import { bytesFromBigInt, concatBytes } from '#shared/bytes/byte-strings.ts';
import { toUtf8 } from '#shared/bytes/utf8.ts';
import { bytesToScalar, SM2_CURVE } from '#shared/sm/sm2-curve.ts';
import { writeSm2Signature } from '#shared/sm/sm2-der.ts';
import { generateSm2KeyPair, SM2_DEFAULT_USER_ID } from '#shared/sm/sm2-key.ts';
import { sm2Sign } from '#shared/sm/sm2-sign.ts';
import { countedBytes, flipped, vectorCase, type VectorFile } from './vector-file.ts';

const random = countedBytes('sm2-verify');
const { n, p } = SM2_CURVE;

/** Signs with counted nonces until the signature has the wanted form. */
function signUntil(privateKey: Uint8Array, message: Uint8Array, userId: Uint8Array, wanted: (raw: Uint8Array) => boolean): Uint8Array {
  for (;;) {
    const raw = sm2Sign(privateKey, message, userId, { randomBytes: random });
    if (wanted(raw)) return raw;
  }
}

export function sm2VerifyCases(): VectorFile {
  const pair = generateSm2KeyPair(random);
  const other = generateSm2KeyPair(random);
  const message = toUtf8('投标文件 bid document');
  const base = { publicKey: pair.publicKey, userId: SM2_DEFAULT_USER_ID, message };
  const plainForm = (raw: Uint8Array) => (raw[0] ?? 0) < 0x80 && (raw[0] ?? 0) > 0 && (raw[32] ?? 0) >= 0x80;
  const raw = signUntil(pair.privateKey, message, SM2_DEFAULT_USER_ID, plainForm);
  const [r, s] = [raw.subarray(0, 32), raw.subarray(32)];
  const der = writeSm2Signature(raw);
  const numbers = (rValue: bigint, sValue: bigint) => derSequence(derInteger(rValue), derInteger(sValue));
  const [rNumber, sNumber] = [bytesToScalar(r), bytesToScalar(s)];
  const shortRaw = signUntil(pair.privateKey, message, SM2_DEFAULT_USER_ID, (one) => one[0] === 0 && (one[1] ?? 0) >= 0x80);
  const alice = toUtf8('ALICE123@YAHOO.COM');
  const change = (changes: Readonly<Record<string, Uint8Array>>) => ({ ...base, signature: der, ...changes });
  const point = (x: bigint, y: bigint) => concatBytes(Uint8Array.of(4), bytesFromBigInt(x, 32), bytesFromBigInt(y, 32));
  const [x, y] = [bytesToScalar(pair.publicKey.subarray(1, 33)), bytesToScalar(pair.publicKey.subarray(33))];
  return {
    about: 'SM2 verification: publicKey 04‖X‖Y, userId, message, signature in DER (GM/T 0009). expect: OK, false, or the refusal of reading.',
    cases: [
      vectorCase('ok-default-id', 'OK', change({})),
      vectorCase('ok-other-id', 'OK', { ...base, userId: alice, signature: writeSm2Signature(sm2Sign(pair.privateKey, message, alice)) }),
      vectorCase('ok-empty-id', 'OK', { ...base, userId: new Uint8Array(0), signature: writeSm2Signature(sm2Sign(pair.privateKey, message, new Uint8Array(0))) }),
      vectorCase('ok-empty-message', 'OK', { ...base, message: new Uint8Array(0), signature: writeSm2Signature(sm2Sign(pair.privateKey, new Uint8Array(0))) }),
      vectorCase('ok-short-integer-r', 'OK', change({ signature: writeSm2Signature(shortRaw) })),
      // DER
      vectorCase('non-canonical-r-leading-zero', 'DER_MALFORMED', change({ signature: derSequence(derElement(TAG.INTEGER, Uint8Array.of(0), r), derUnsignedInteger(s)) })),
      vectorCase('negative-s', 'DER_MALFORMED', change({ signature: derSequence(derUnsignedInteger(r), derElement(TAG.INTEGER, s)) })),
      vectorCase('non-canonical-length', 'DER_MALFORMED', change({ signature: concatBytes(der.subarray(0, 1), Uint8Array.of(0x81), der.subarray(1)) })),
      vectorCase('indefinite-length', 'DER_MALFORMED', change({ signature: concatBytes(Uint8Array.of(0x30, 0x80), der.subarray(2), Uint8Array.of(0, 0)) })),
      vectorCase('trailing-byte', 'DER_MALFORMED', change({ signature: concatBytes(der, Uint8Array.of(0)) })),
      vectorCase('trailing-element-inside', 'DER_MALFORMED', change({ signature: derSequence(derUnsignedInteger(r), derUnsignedInteger(s), derInteger(0)) })),
      vectorCase('truncated', 'DER_MALFORMED', change({ signature: der.subarray(0, -1) })),
      vectorCase('empty', 'DER_MALFORMED', change({ signature: new Uint8Array(0) })),
      vectorCase('wrong-outer-tag', 'DER_MALFORMED', change({ signature: derElement(TAG.SET, der.subarray(2)) })),
      vectorCase('wrong-inner-tag', 'DER_MALFORMED', change({ signature: derSequence(derElement(TAG.OCTET_STRING, r), derUnsignedInteger(s)) })),
      vectorCase('integer-without-octets', 'DER_MALFORMED', change({ signature: derSequence(derElement(TAG.INTEGER), derUnsignedInteger(s)) })),
      vectorCase('integer-of-33-octets', 'DER_MALFORMED', change({ signature: numbers(rNumber + (1n << 256n), sNumber) })),
      vectorCase('only-r', 'DER_MALFORMED', change({ signature: derSequence(derUnsignedInteger(r)) })),
      vectorCase('raw-64-octets', 'DER_MALFORMED', change({ signature: raw })),
      // Numbers
      vectorCase('r-zero', 'false', change({ signature: numbers(0n, sNumber) })),
      vectorCase('s-zero', 'false', change({ signature: numbers(rNumber, 0n) })),
      vectorCase('r-is-n', 'false', change({ signature: numbers(n, sNumber) })),
      vectorCase('s-is-n', 'false', change({ signature: numbers(rNumber, n) })),
      vectorCase('r-plus-s-is-n', 'false', change({ signature: numbers(rNumber, n - rNumber) })),
      vectorCase('s-negated', 'false', change({ signature: numbers(rNumber, n - sNumber) })),
      vectorCase('r-and-s-swapped', 'false', change({ signature: numbers(sNumber, rNumber) })),
      vectorCase('r-changed', 'false', change({ signature: numbers(rNumber ^ 1n, sNumber) })),
      vectorCase('s-changed', 'false', change({ signature: numbers(rNumber, sNumber ^ 1n) })),
      vectorCase('r-all-ones', 'false', change({ signature: numbers((1n << 256n) - 1n, sNumber) })),
      // What was signed, and by whom
      vectorCase('other-user-id', 'false', change({ userId: alice })),
      vectorCase('other-message', 'false', change({ message: flipped(message, -1) })),
      vectorCase('other-key', 'false', change({ publicKey: other.publicKey })),
      // Keys
      vectorCase('key-off-curve', 'KEY_INVALID', change({ publicKey: flipped(pair.publicKey, -1) })),
      vectorCase('key-infinity', 'KEY_INVALID', change({ publicKey: Uint8Array.of(0) })),
      vectorCase('key-zero-zero', 'KEY_INVALID', change({ publicKey: point(0n, 0n) })),
      vectorCase('key-compressed', 'KEY_INVALID', change({ publicKey: concatBytes(Uint8Array.of(2 + Number(y & 1n)), bytesFromBigInt(x, 32)) })),
      vectorCase('key-x-is-p', 'KEY_INVALID', change({ publicKey: point(p, y) })),
      vectorCase('key-y-above-p', 'KEY_INVALID', change({ publicKey: point(x, (1n << 256n) - 1n) })),
      vectorCase('key-hybrid-form', 'KEY_INVALID', change({ publicKey: concatBytes(Uint8Array.of(6 + Number(y & 1n)), pair.publicKey.subarray(1)) })),
      vectorCase('key-truncated', 'KEY_INVALID', change({ publicKey: pair.publicKey.subarray(0, -1) })),
      vectorCase('key-trailing-octet', 'KEY_INVALID', change({ publicKey: concatBytes(pair.publicKey, Uint8Array.of(0)) })),
    ],
  };
}
