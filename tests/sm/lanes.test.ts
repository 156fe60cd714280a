/** Work done side by side in the lanes of wide registers: SM3 of any number of messages on every kernel; SHA-256 and AES-256-GCM beside node:crypto, in place, at every length around their steps. */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '#shared/bytes/hex.ts';
import { nativeEngine } from '#shared/sm/native-engine.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import { eachEngine, loadNativeAddon } from './each-engine.ts';

const random = (length: number) => new Uint8Array(randomBytes(length));
const COUNTS = Array.from({ length: 19 }, (_, i) => i);
const LENGTHS = [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000];

eachEngine((engine) => {
  it('ok: SM3 of 0 to 18 messages, of equal and of other lengths', async () => {
    for (const count of COUNTS) {
      const messages = Array.from({ length: count }, (_, i) => random(i === 13 ? 70 : (LENGTHS[count % LENGTHS.length] ?? 0)));
      expect((await engine.sm3Many(messages)).map(toHex)).toEqual(messages.map((message) => toHex(portableEngine.sm3Sync(message))));
    }
  });
});

const { wideAes } = nativeEngine(loadNativeAddon());

describe.skipIf(!wideAes)(`wide AES${wideAes ? '' : ' (this processor lacks it)'}`, () => {
  const wide = wideAes as NonNullable<typeof wideAes>;
  const other = (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array) => {
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.setAAD(aad);
    return new Uint8Array(Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]));
  };

  it('ok: SHA-256 of 1 to 16 messages of every length around a block', async () => {
    for (const count of COUNTS.slice(1, 17)) {
      for (const length of LENGTHS) {
        const messages = Array.from({ length: count }, () => random(length));
        expect((await wide.sha256Many(messages)).map(toHex)).toEqual(messages.map((message) => createHash('sha256').update(message).digest('hex')));
      }
    }
  });

  // The GCM specification of McGrew and Viega, test case 16.
  it('ok: the published example', async () => {
    const key = fromHex('feffe9928665731c6d6a8f9467308308'.repeat(2));
    const plain = fromHex('d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39');
    const sealed = '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b';
    expect(toHex(await wide.aes256GcmEncrypt(key, fromHex('cafebabefacedbaddecaf888'), fromHex('feedfacedeadbeeffeedfacedeadbeefabaddad2'), plain))).toBe(sealed);
  });

  it('ok: AES-256-GCM is that of node:crypto at every length around its steps, and opens again in place', async () => {
    for (const length of [...Array.from({ length: 140 }, (_, i) => i), 511, 512, 513, 575, 1023, 1025, 8191, 8192, 8193, 70_001, 1 << 20]) {
      const [key, nonce, aad, plain] = [random(32), random(12), random(length % 40), random(length)];
      const sealed = new Uint8Array(length + 16);
      expect(await wide.aes256GcmEncrypt(key, nonce, aad, plain, sealed)).toBe(sealed);
      expect(Buffer.compare(sealed, other(key, nonce, aad, plain))).toBe(0);
      await wide.aes256GcmDecrypt(key, nonce, aad, sealed, sealed.subarray(0, length));
      expect(Buffer.compare(sealed.subarray(0, length), plain)).toBe(0);
    }
  });

  it('refuses: a changed octet in text, tag, additional data, nonce or key, and writes nothing', async () => {
    const [key, nonce, aad, plain] = [random(32), random(12), random(20), random(100)];
    const sealed = await wide.aes256GcmEncrypt(key, nonce, aad, plain);
    const changed = (bytes: Uint8Array, at: number) => Uint8Array.from(bytes, (octet, i) => (i === at ? octet ^ 1 : octet));
    const out = new Uint8Array(100);
    for (const [wrongKey, wrongNonce, wrongAad, wrongSealed] of [[key, nonce, aad, changed(sealed, 50)], [key, nonce, aad, changed(sealed, 115)], [key, nonce, changed(aad, 3), sealed], [key, changed(nonce, 11), aad, sealed], [changed(key, 31), nonce, aad, sealed]] as const) {
      await expect(wide.aes256GcmDecrypt(wrongKey, wrongNonce, wrongAad, wrongSealed, out)).rejects.toMatchObject({ code: 'DECRYPT_FAILED' });
    }
    expect(out).toEqual(new Uint8Array(100));
    await expect(wide.aes256GcmDecrypt(key, nonce, aad, sealed.subarray(0, 15))).rejects.toMatchObject({ code: 'DECRYPT_FAILED' });
  });

  it('refuses: no messages, too many, of other lengths', async () => {
    for (const messages of [[], Array.from({ length: 17 }, () => random(3)), [random(3), random(4)]]) await expect(wide.sha256Many(messages)).rejects.toMatchObject({ code: 'SM_ENGINE_FAILED' });
  });
});
