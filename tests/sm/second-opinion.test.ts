/** Property tests: every engine beside sm-crypto, an independent implementation, and beside the portable engine. */
import fc from 'fast-check';
import { sm2 as otherSm2, sm3 as otherSm3, sm4 as otherSm4 } from 'sm-crypto';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '#shared/bytes/byte-strings.ts';
import { fromHex, toHex } from '#shared/bytes/hex.ts';
import { hkdfSm3, hmacSm3 } from '#shared/sm/hmac-sm3.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import { generateSm2KeyPair, isSm2PrivateKey, sm2MessageDigest } from '#shared/sm/sm2-key.ts';
import { sm2Sign } from '#shared/sm/sm2-sign.ts';
import { sm3, Sm3 } from '#shared/sm/sm3.ts';
import { sm4Ctr } from '#shared/sm/sm4-modes.ts';
import { eachEngine } from './each-engine.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const text = fc.uint8Array({ maxLength: 300 });
const privateKeys = bytes(32).filter(isSm2PrivateKey);
const ids = fc.string({ maxLength: 40 }).map((id) => new TextEncoder().encode(id.normalize())).filter((id) => id.length > 0);

eachEngine((engine) => {
  it('ok: public keys are those of sm-crypto', async () => {
    await fc.assert(fc.asyncProperty(privateKeys, async (privateKey) => {
      expect(toHex(await engine.sm2PublicKey(privateKey))).toBe(otherSm2.getPublicKeyFromPrivateKey(toHex(privateKey)));
    }), { numRuns: 8 });
  });

  it('ok: sm-crypto accepts our signatures, over any message, and refuses them under another id', async () => {
    await fc.assert(fc.asyncProperty(privateKeys, text, bytes(32), async (privateKey, message, extra) => {
      const publicKey = await engine.sm2PublicKey(privateKey);
      const signature = toHex(await engine.sm2SignDigest(privateKey, sm2MessageDigest(publicKey, message), { randomBytes: () => extra }));
      const verify = (userId: string) => otherSm2.doVerifySignature([...message], signature, toHex(publicKey), { hash: true, userId });
      expect(verify('1234567812345678')).toBe(true);
      expect(verify('1234567812345679')).toBe(false);
    }), { numRuns: 4 });
  });

  it('ok: we accept the signatures of sm-crypto, with any user id', async () => {
    await fc.assert(fc.asyncProperty(privateKeys, text, ids, async (privateKey, message, userId) => {
      const publicKey = await engine.sm2PublicKey(privateKey);
      const signature = fromHex(otherSm2.doSignature([...message], toHex(privateKey), { hash: true, userId: new TextDecoder().decode(userId), publicKey: toHex(publicKey) }));
      expect(await engine.sm2VerifyDigest(publicKey, sm2MessageDigest(publicKey, message, userId), signature)).toBe(true);
      expect(await engine.sm2VerifyDigest(publicKey, sm2MessageDigest(publicKey, message, concatBytes(userId, Uint8Array.of(0x21))), signature)).toBe(false);
    }), { numRuns: 4 });
  });

  it('ok: ciphertexts open on both sides', async () => {
    await fc.assert(fc.asyncProperty(privateKeys, fc.uint8Array({ minLength: 1, maxLength: 200 }), async (privateKey, plain) => {
      const publicKey = await engine.sm2PublicKey(privateKey);
      const ours = await engine.sm2Encrypt(publicKey, plain, { randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)) });
      expect(Uint8Array.from(otherSm2.doDecrypt(toHex(ours.subarray(1)), toHex(privateKey), 1, { output: 'array' }))).toEqual(plain);
      const theirs = fromHex(`04${otherSm2.doEncrypt([...plain], toHex(publicKey), 1)}`);
      expect(Uint8Array.from(await engine.sm2Decrypt(privateKey, theirs))).toEqual(plain);
    }), { numRuns: 4 });
  });

  it('ok: SM3 is that of sm-crypto, in one piece, in many, and side by side', async () => {
    await fc.assert(fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 40 }), async (pieces) => {
      const wanted = pieces.map((piece) => otherSm3([...piece]));
      expect((await engine.sm3Many(pieces)).map(toHex)).toEqual(wanted);
      const stream = engine.createSm3();
      for (const piece of pieces) await stream.update(piece);
      expect(toHex(await stream.digest())).toBe(otherSm3([...concatBytes(...pieces)]));
    }), { numRuns: 20 });
  });

  it('ok: SM3 of messages of equal length side by side, for every length up to three blocks', async () => {
    for (let length = 0; length <= 192; length++) {
      const messages = Array.from({ length: 33 }, (_, i) => new Uint8Array(length).map((_byte, j) => i * 31 + j));
      expect((await engine.sm3Many(messages)).map(toHex)).toEqual(messages.map((message) => toHex(sm3(message))));
    }
  });

  it('ok: SM4-CBC is that of sm-crypto', async () => {
    await fc.assert(fc.asyncProperty(bytes(16), bytes(16), text, async (key, iv, plain) => {
      const ciphertext = await engine.sm4CbcEncrypt(key, iv, plain);
      expect([...ciphertext]).toEqual(otherSm4.encrypt([...plain], [...key], { mode: 'cbc', iv: [...iv], padding: 'pkcs#7', output: 'array' }));
      expect([...(await engine.sm4CbcDecrypt(key, iv, ciphertext))]).toEqual([...plain]);
    }), { numRuns: 40 });
  });

  it('ok: SM4-CTR is single-block SM4 of sm-crypto over a counter that carries through all its octets', async () => {
    const counters = fc.oneof(bytes(16), fc.integer({ min: 0, max: 15 }).map((from) => new Uint8Array(16).fill(0xff, from)), fc.constant(fromHex('00000000000000000000000ffffffff0')));
    await fc.assert(fc.asyncProperty(bytes(16), counters, fc.uint8Array({ maxLength: 600 }), async (key, counter, plain) => {
      const wanted = Uint8Array.from(plain);
      let count = BigInt(`0x${toHex(counter)}`);
      for (let at = 0; at < plain.length; at += 16, count = BigInt.asUintN(128, count + 1n)) {
        const block = fromHex(count.toString(16).padStart(32, '0'));
        otherSm4.encrypt([...block], [...key], { padding: 'none', output: 'array' }).forEach((byte, i) => at + i < wanted.length && (wanted[at + i]! ^= byte));
      }
      expect(toHex(await engine.sm4Ctr(key, counter, plain))).toBe(toHex(wanted));
    }), { numRuns: 30 });
  });

  it('ok: with the same randomness signatures and GCM are octet for octet those of the portable engine', async () => {
    await fc.assert(fc.asyncProperty(privateKeys, bytes(32), bytes(32), bytes(16), bytes(12), text, fc.uint8Array({ maxLength: 3000 }), async (privateKey, digest, extra, key, nonce, aad, plain) => {
      const source = { randomBytes: () => extra };
      expect(toHex(await engine.sm2SignDigest(privateKey, digest, source))).toBe(toHex(await portableEngine.sm2SignDigest(privateKey, digest, source)));
      expect(toHex(await engine.sm2SignDigest(privateKey, digest, {}))).toBe(toHex(await portableEngine.sm2SignDigest(privateKey, digest, {})));
      const sealed = await engine.sm4GcmEncrypt(key, nonce, aad, plain);
      expect(toHex(sealed)).toBe(toHex(await portableEngine.sm4GcmEncrypt(key, nonce, aad, plain)));
      expect(toHex(await engine.sm4GcmDecrypt(key, nonce, aad, sealed))).toBe(toHex(plain));
    }), { numRuns: 25 });
  });

  it('ok: signatures at the borders of the numbers (digest 0, n, all ones; keys 1 and n−2) verify on both engines', async () => {
    const borders = ['00'.repeat(32), 'fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123', 'ff'.repeat(32)].map(fromHex);
    for (const keyHex of ['00'.repeat(31) + '01', 'fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54121']) {
      for (const digest of borders) {
        const publicKey = await engine.sm2PublicKey(fromHex(keyHex));
        const signature = await engine.sm2SignDigest(fromHex(keyHex), digest, {});
        expect(await engine.sm2VerifyDigest(publicKey, digest, signature)).toBe(true);
        expect(await portableEngine.sm2VerifyDigest(publicKey, digest, signature)).toBe(true);
      }
    }
  });

  it('ok: output goes where it was told, also onto the input', async () => {
    const [key, counter, data] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2), new Uint8Array(5000).fill(3)];
    const wanted = toHex(sm4Ctr(key, counter, data));
    const out = new Uint8Array(5000);
    expect(await engine.sm4Ctr(key, counter, data, out)).toBe(out);
    expect(toHex(out)).toBe(wanted);
    expect(toHex(await engine.sm4Ctr(key, counter, data, data))).toBe(wanted);
    const room = new Uint8Array(5016);
    const sealed = await engine.sm4GcmEncrypt(key, counter.subarray(0, 12), new Uint8Array(0), room.subarray(0, 5000), room);
    const opened = room.subarray(0, 5000);
    expect(await engine.sm4GcmDecrypt(key, counter.subarray(0, 12), new Uint8Array(0), sealed, opened)).toBe(opened);
    expect(opened.every((byte) => byte === 0)).toBe(true);
  });
});

describe('portable SM3 family', () => {
  it('ok: HMAC-SM3 is that of sm-crypto', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 150 }), text, (key, message) => {
      expect(toHex(hmacSm3(key, message))).toBe(otherSm3([...message], { mode: 'hmac', key: [...key] }));
    }));
  });

  it('ok: HKDF-SM3 gives prefixes of one stream, and another stream for another salt or info', () => {
    const [key, salt, info] = [new Uint8Array(20).fill(1), new Uint8Array(8).fill(2), new Uint8Array(3).fill(3)];
    const long = hkdfSm3(key, salt, info, 255 * 32);
    expect(toHex(hkdfSm3(key, salt, info, 42))).toBe(toHex(long.subarray(0, 42)));
    expect(toHex(hkdfSm3(key, info, info, 42))).not.toBe(toHex(long.subarray(0, 42)));
    expect(toHex(hkdfSm3(key, salt, salt, 42))).not.toBe(toHex(long.subarray(0, 42)));
    expect(() => hkdfSm3(key, salt, info, 255 * 32 + 1)).toThrow('HKDF length');
  });

  it('ok: a copy goes its own way', () => {
    const first = new Sm3().update(new Uint8Array(100));
    const second = first.clone().update(Uint8Array.of(1));
    expect(toHex(first.digest())).toBe(toHex(sm3(new Uint8Array(100))));
    expect(toHex(second.digest())).toBe(toHex(sm3(concatBytes(new Uint8Array(100), Uint8Array.of(1)))));
    expect(() => first.update(new Uint8Array(1))).toThrow('finished');
  });

  it('refuses: a user id longer than 8191 octets', () => {
    const pair = generateSm2KeyPair((length) => crypto.getRandomValues(new Uint8Array(length)));
    expect(() => sm2Sign(pair.privateKey, new Uint8Array(1), new Uint8Array(8192))).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }));
  });
});
