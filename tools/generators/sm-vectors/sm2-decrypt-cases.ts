/** SM2 ciphertexts in DER: right ones, and each way to be wrong. */
import { derElement, derInteger, derOctetString, derSequence, derUnsignedInteger } from '#shared/asn1/der-writer.ts';
import { TAG } from '#shared/asn1/tags.ts';
import { concatBytes } from '#shared/bytes/byte-strings.ts';
import { toUtf8 } from '#shared/bytes/utf8.ts';
import { SM2_CURVE } from '#shared/sm/sm2-curve.ts';
import { writeSm2Ciphertext } from '#shared/sm/sm2-der.ts';
import { sm2Encrypt, type Sm2Ciphertext } from '#shared/sm/sm2-encrypt.ts';
import { generateSm2KeyPair } from '#shared/sm/sm2-key.ts';
import { countedBytes, flipped, vectorCase, type VectorFile } from './vector-file.ts';

const random = countedBytes('sm2-decrypt');

function encryptUntil(publicKey: Uint8Array, plain: Uint8Array, wanted: (ciphertext: Sm2Ciphertext) => boolean): Sm2Ciphertext {
  for (;;) {
    const ciphertext = sm2Encrypt(publicKey, plain, { randomBytes: random });
    if (wanted(ciphertext)) return ciphertext;
  }
}

export function sm2DecryptCases(): VectorFile {
  const pair = generateSm2KeyPair(random);
  const other = generateSm2KeyPair(random);
  const plain = toUtf8('0123456789abcdef');
  const one = encryptUntil(pair.publicKey, plain, ({ point }) => (point[1] ?? 0) > 0 && (point[1] ?? 0) < 0x80);
  const [x, y] = [one.point.subarray(1, 33), one.point.subarray(33)];
  const der = writeSm2Ciphertext(one);
  const base = { privateKey: pair.privateKey, ciphertext: der, plain };
  const change = (changes: Readonly<Record<string, Uint8Array>>) => ({ ...base, ...changes });
  const withParts = (parts: Partial<Sm2Ciphertext>) => change({ ciphertext: writeSm2Ciphertext({ ...one, ...parts }) });
  const sequence = (...parts: Uint8Array[]) => change({ ciphertext: derSequence(...parts) });
  const [xDer, yDer, hashDer, textDer] = [derUnsignedInteger(x), derUnsignedInteger(y), derOctetString(one.digest), derOctetString(one.masked)];
  const long = countedBytes('long text')(1000);
  return {
    about: 'SM2 decryption: privateKey, ciphertext as SM2Cipher DER (GM/T 0009), plain. expect: OK or the refusal.',
    cases: [
      vectorCase('ok', 'OK', base),
      vectorCase('ok-one-octet', 'OK', change({ plain: Uint8Array.of(0x2a), ciphertext: writeSm2Ciphertext(sm2Encrypt(pair.publicKey, Uint8Array.of(0x2a), { randomBytes: random })) })),
      vectorCase('ok-1000-octets', 'OK', change({ plain: long, ciphertext: writeSm2Ciphertext(sm2Encrypt(pair.publicKey, long, { randomBytes: random })) })),
      vectorCase('ok-short-integer-x', 'OK', change({ ciphertext: writeSm2Ciphertext(encryptUntil(pair.publicKey, plain, ({ point }) => point[1] === 0)) })),
      vectorCase('ok-short-integer-y', 'OK', change({ ciphertext: writeSm2Ciphertext(encryptUntil(pair.publicKey, plain, ({ point }) => point[33] === 0)) })),
      // DER
      vectorCase('non-canonical-x-leading-zero', 'DER_MALFORMED', sequence(derElement(TAG.INTEGER, Uint8Array.of(0), x), yDer, hashDer, textDer)),
      vectorCase('negative-x', 'DER_MALFORMED', sequence(derInteger(-1), yDer, hashDer, textDer)),
      vectorCase('trailing-byte', 'DER_MALFORMED', change({ ciphertext: concatBytes(der, Uint8Array.of(0)) })),
      vectorCase('truncated', 'DER_MALFORMED', change({ ciphertext: der.subarray(0, -1) })),
      vectorCase('wrong-tag', 'DER_MALFORMED', sequence(xDer, yDer, derElement(TAG.UTF8_STRING, one.digest), textDer)),
      vectorCase('hash-of-31-octets', 'DER_MALFORMED', sequence(xDer, yDer, derOctetString(one.digest.subarray(1)), textDer)),
      vectorCase('no-ciphertext', 'DER_MALFORMED', sequence(xDer, yDer, hashDer, derOctetString(new Uint8Array(0)))),
      vectorCase('c1c2c3-order', 'DER_MALFORMED', sequence(xDer, yDer, textDer, hashDer)),
      vectorCase('element-missing', 'DER_MALFORMED', sequence(xDer, yDer, hashDer)),
      // Points
      vectorCase('point-off-curve', 'DECRYPT_FAILED', withParts({ point: flipped(one.point, -1) })),
      vectorCase('point-zero-zero', 'DECRYPT_FAILED', sequence(derInteger(0), derInteger(0), hashDer, textDer)),
      vectorCase('point-x-is-p', 'DECRYPT_FAILED', sequence(derInteger(SM2_CURVE.p), yDer, hashDer, textDer)),
      vectorCase('point-y-above-p', 'DECRYPT_FAILED', sequence(xDer, derInteger((1n << 256n) - 1n), hashDer, textDer)),
      vectorCase('point-negated', 'DECRYPT_FAILED', sequence(xDer, derInteger(SM2_CURVE.p - BigInt(`0x${Buffer.from(y).toString('hex')}`)), hashDer, textDer)),
      // Contents
      vectorCase('hash-changed', 'DECRYPT_FAILED', withParts({ digest: flipped(one.digest, 0) })),
      vectorCase('text-changed', 'DECRYPT_FAILED', withParts({ masked: flipped(one.masked, 0) })),
      vectorCase('text-shortened', 'DECRYPT_FAILED', withParts({ masked: one.masked.subarray(0, -1) })),
      vectorCase('text-lengthened', 'DECRYPT_FAILED', withParts({ masked: concatBytes(one.masked, Uint8Array.of(0)) })),
      vectorCase('other-recipient', 'DECRYPT_FAILED', change({ privateKey: other.privateKey })),
      // Private keys
      vectorCase('private-key-zero', 'KEY_INVALID', change({ privateKey: new Uint8Array(32) })),
      vectorCase('private-key-n-minus-1', 'KEY_INVALID', change({ privateKey: Buffer.from((SM2_CURVE.n - 1n).toString(16), 'hex') })),
      vectorCase('private-key-n', 'KEY_INVALID', change({ privateKey: Buffer.from(SM2_CURVE.n.toString(16), 'hex') })),
    ],
  };
}
