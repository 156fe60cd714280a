import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { OIDS } from '#shared/asn1/oids.ts';
import { generateSm2KeyPair } from '#shared/sm/sm2-key.ts';
import { sm2Encrypt } from '#shared/sm/sm2-encrypt.ts';
import { readDeviceInfo, readPublicKeyBlob, readSignatureBlob, ulongBytesOf, ulongBytesOfDeviceInfo, writeCipherBlob, writeEnvelopedKeyBlob, writtenLength, type UlongBytes } from './blobs.ts';

const random = (length: number) => new Uint8Array(randomBytes(length));
const { publicKey } = generateSm2KeyPair(random);
const encryptedKey = sm2Encrypt(publicKey, random(16), { randomBytes: random });
const envelopeOf = (encryptedPrivateKey: Uint8Array) => ({ symmetricOid: OIDS.sm4Ecb, encryptedKey, publicKey, encryptedPrivateKey });
const zeros = (length: number) => Buffer.alloc(length);

describe('structures of GM/T 0016', () => {
  it('ok: sizes and offsets are those of the standard, and of libraries with a wide ULONG', () => {
    expect(writeCipherBlob(encryptedKey, 4)).toHaveLength(164 + 16);
    const blob = Buffer.from(writeEnvelopedKeyBlob(envelopeOf(random(32)), 'right-aligned', 4) ?? []);
    expect(blob).toHaveLength(388);
    expect([blob.readUInt32LE(0), blob.readUInt32LE(4), blob.readUInt32LE(8), blob.readUInt32LE(76), blob.readUInt32LE(368)]).toEqual([1, 0x401, 256, 256, 16]);
    expect(blob.subarray(112, 144)).toEqual(Buffer.from(publicKey.subarray(1, 33)));
    expect(writeEnvelopedKeyBlob(envelopeOf(random(32)), 'right-aligned', 8)).toHaveLength(408);
    expect([ulongBytesOf(132), ulongBytesOf(136), ulongBytesOf(134)]).toEqual([4, 8, null]);
    expect([294, 296, 326, 328, 300].map(ulongBytesOfDeviceInfo)).toEqual([4, 4, 8, 8, null]);
  });

  it('ok: the encrypted private key stands where the layout says, from each length that the authority may send', () => {
    const key = Buffer.from(random(32));
    const [padded, whole] = [Buffer.concat([key, random(16)]), Buffer.concat([random(32), key])];
    const field = (encrypted: Uint8Array, layout: Parameters<typeof writeEnvelopedKeyBlob>[1]) => Buffer.from(writeEnvelopedKeyBlob(envelopeOf(encrypted), layout, 4)?.subarray(12, 76) ?? []);
    for (const encrypted of [key, padded, whole]) {
      expect(field(encrypted, 'right-aligned')).toEqual(Buffer.concat([zeros(32), key]));
      expect(field(encrypted, 'left-aligned')).toEqual(Buffer.concat([key, zeros(32)]));
    }
    expect(field(whole, 'whole-field')).toEqual(whole);
    expect(writeEnvelopedKeyBlob(envelopeOf(key), 'whole-field', 4)).toBeNull();
  });

  it('refuses: a symmetric cipher that the structure has no number for', () => {
    expect(() => writeEnvelopedKeyBlob({ ...envelopeOf(random(32)), symmetricOid: '2.16.840.1.101.3.4.1.1' }, 'right-aligned', 4)).toThrow(expect.objectContaining({ code: 'ALGORITHM_UNSUPPORTED' }));
  });

  it.each<UlongBytes>([4, 8])('ok: a public key is read from a ULONG of %i bytes, on either side of its fields; none off the curve or cut off', (ulongBytes) => {
    const [x, y] = [Buffer.from(publicKey.subarray(1, 33)), Buffer.from(publicKey.subarray(33))];
    const right = Buffer.concat([zeros(ulongBytes), zeros(32), x, zeros(32), y]);
    const left = Buffer.concat([zeros(ulongBytes), x, zeros(32), y, zeros(32)]);
    for (const blob of [right, left]) expect(Buffer.from(readPublicKeyBlob(blob, ulongBytes) ?? [])).toEqual(Buffer.from(publicKey));
    const off = Buffer.from(right);
    off[ulongBytes + 63] = (off[ulongBytes + 63] ?? 0) ^ 1;
    expect(readPublicKeyBlob(off, ulongBytes)).toBeNull();
    expect(readPublicKeyBlob(right.subarray(0, -1), ulongBytes)).toBeNull();
  });

  it('ok: a signature gives both of its readings, the size of DEVINFO is told by two fillings', () => {
    const [r, s] = [Buffer.from(random(32)), Buffer.from(random(32))];
    expect(readSignatureBlob(Buffer.concat([zeros(32), r, zeros(32), s])).map((raw) => Buffer.from(raw))[0]).toEqual(Buffer.concat([r, s]));
    const [overZeros, overOnes] = [Buffer.alloc(512, 0), Buffer.alloc(512, 0xff)];
    for (const buffer of [overZeros, overOnes]) buffer.fill(0, 0, 294);
    expect(writtenLength(overZeros, overOnes)).toBe(294);
    overZeros.writeUInt32LE(4321, 218);
    expect(readDeviceInfo(overZeros, 294)).toMatchObject({ freeBytes: 4321, serial: 'no-serial', hasSerial: false });
    expect(readDeviceInfo(overZeros, null).freeBytes).toBeNull();
  });
});
