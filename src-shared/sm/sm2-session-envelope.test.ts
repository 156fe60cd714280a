import { describe, expect, it } from 'vitest';
import { derOctetString, derSequence } from '../asn1/der-writer.ts';
import { writeSm2Ciphertext } from './sm2-der.ts';
import { sm2Decrypt, sm2Encrypt } from './sm2-encrypt.ts';
import { generateSm2KeyPair } from './sm2-key.ts';
import { sealSm2Session, sealSm2SessionBy, tryReadSm2SessionEnvelope } from './sm2-session-envelope.ts';
import { sm4CbcDecrypt } from './sm4-modes.ts';

const random = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length));
const pair = generateSm2KeyPair(random);
const open = (der: Uint8Array) => {
  const envelope = tryReadSm2SessionEnvelope(der) ?? expect.unreachable('an envelope');
  return sm4CbcDecrypt(sm2Decrypt(pair.privateKey, envelope.encryptedKey), envelope.iv, envelope.ciphertext);
};

describe('a text under a session key', () => {
  it('ok: both ways to seal open to the text', async () => {
    for (const length of [0, 1, 16, 32, 100]) {
      const text = random(length);
      expect(open(sealSm2Session(pair.publicKey, text, random))).toEqual(text);
      const encrypt = async (key: Uint8Array) => writeSm2Ciphertext(sm2Encrypt(pair.publicKey, key, { randomBytes: random }));
      expect(open(await sealSm2SessionBy(encrypt, text, random))).toEqual(text);
    }
  });
  it('ok: an SM2Cipher is none', () => expect(tryReadSm2SessionEnvelope(writeSm2Ciphertext(sm2Encrypt(pair.publicKey, random(32), { randomBytes: random })))).toBeNull());
  it('refuses: a key, an IV or a ciphertext of another length, and trailing bytes', () => {
    const cipher = (length: number) => writeSm2Ciphertext(sm2Encrypt(pair.publicKey, random(length), { randomBytes: random }));
    const made = (key: number, iv: number, text: number) => derSequence(cipher(key), derOctetString(random(iv)), derOctetString(random(text)));
    expect(tryReadSm2SessionEnvelope(made(16, 16, 32))).not.toBeNull();
    for (const bad of [made(15, 16, 32), made(16, 12, 32), made(16, 16, 31), made(16, 16, 0), Uint8Array.of(...made(16, 16, 32), 0)]) {
      expect(() => tryReadSm2SessionEnvelope(bad)).toThrow(expect.objectContaining({ code: 'DER_MALFORMED' }));
    }
  });
});
