import { describe, expect, it } from 'vitest';
import { derOctetString, derSequence } from '../asn1/der-writer.ts';
import { AppError } from '../errors/app-error.ts';
import { sm4CbcDecrypt } from '../sm/sm4-modes.ts';
import { sealRsaSession, tryReadRsaSessionEnvelope } from './rsa-session-envelope.ts';

const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);
/** RSA comes in; here it only has to be found again. */
const wrapped = (key: Uint8Array) => Uint8Array.of(...bytes(240, 7), ...key);
const random = (length: number) => bytes(length, length);
const sealed = () => sealRsaSession(wrapped, bytes(20, 3), random);

describe('RSA session envelope', () => {
  it('ok: what was sealed is read back and opens', () => {
    const read = tryReadRsaSessionEnvelope(sealed()) ?? expect.unreachable();
    expect(read.encryptedKey).toEqual(wrapped(bytes(16, 16)));
    expect(sm4CbcDecrypt(bytes(16, 16), read.iv, read.ciphertext)).toEqual(bytes(20, 3));
  });
  it('ok: a bare RSA ciphertext is something else, whatever its first byte', () => {
    for (const length of [128, 256, 384, 512]) expect(tryReadRsaSessionEnvelope(Uint8Array.of(0x30, ...bytes(length - 1, 5)))).toBeNull();
    expect(tryReadRsaSessionEnvelope(bytes(300, 5))).toBeNull();
    expect(tryReadRsaSessionEnvelope(new Uint8Array())).toBeNull();
  });
  it.each<[string, (der: Uint8Array) => Uint8Array]>([
    ['cut off', (der) => der.subarray(0, -1)], ['something behind it', (der) => Uint8Array.of(...der, 0)],
    ['a key under too short a modulus', () => sealRsaSession((key) => key, bytes(20, 3), random)],
    ['a ciphertext of no whole blocks', () => derSequence(derOctetString(bytes(256, 7)), derOctetString(bytes(16, 1)), derOctetString(bytes(17, 1)))],
    ['an IV of another length', () => derSequence(derOctetString(bytes(256, 7)), derOctetString(bytes(12, 1)), derOctetString(bytes(16, 1)))],
  ])('refuses: %s', (_, change) => {
    expect(() => tryReadRsaSessionEnvelope(change(sealed()))).toThrow(AppError);
  });
});
