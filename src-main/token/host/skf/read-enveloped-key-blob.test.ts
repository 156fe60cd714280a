import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors/app-error.ts';
import { portableEngine } from '#shared/sm/portable-engine.ts';
import { openSm2EnvelopedKey, sealSm2EnvelopedKey } from '#shared/sm/sm2-enveloped-key.ts';
import { generateSm2KeyPair } from '#shared/sm/sm2-key.ts';
import { writeEnvelopedKeyBlob } from './blobs.ts';
import { readEnvelopedKeyBlob } from './read-enveloped-key-blob.ts';

const random = (length: number) => new Uint8Array(randomBytes(length));
const recipient = generateSm2KeyPair(random);
const pair = generateSm2KeyPair(random);
const sealed = await sealSm2EnvelopedKey(portableEngine, recipient.publicKey, pair, random);
const blobOf = (layout: 'right-aligned' | 'left-aligned', ulongBytes: 4 | 8) => writeEnvelopedKeyBlob(sealed, layout, ulongBytes) ?? expect.unreachable();

describe('ENVELOPEDKEYBLOB', () => {
  for (const layout of ['right-aligned', 'left-aligned'] as const) {
    for (const ulongBytes of [4, 8] as const) {
      it(`ok: ${layout}, ULONG of ${ulongBytes} bytes, is read back and opens to the pair; padding of the structure is borne`, async () => {
        const blob = blobOf(layout, ulongBytes);
        for (const padded of [blob, Uint8Array.of(...blob, 0, 0, 0)]) {
          const read = readEnvelopedKeyBlob(padded);
          expect(read).toEqual(sealed);
          expect(Buffer.from((await openSm2EnvelopedKey(portableEngine, recipient.privateKey, read)).privateKey)).toEqual(Buffer.from(pair.privateKey));
        }
      });
    }
  }

  it.each<[string, (blob: Uint8Array) => Uint8Array]>([
    ['cut off', (blob) => blob.subarray(0, -1)], ['too long', (blob) => Uint8Array.of(...blob, ...new Uint8Array(8))], ['something behind it', (blob) => Uint8Array.of(...blob, 1)], ['empty', () => new Uint8Array()],
    ['another version', (blob) => changed(blob, 0, 2)], ['an unknown cipher', (blob) => changed(blob, 4, 7)], ['another key length', (blob) => changed(blob, 9, 2)],
    ['a public key off the curve', (blob) => changed(blob, 12 + 64 + 4 + 40, 1)], ['a coordinate of more than 32 bytes', (blob) => changed(blob, 12 + 64 + 132, 1)], ['a symmetric key of another length', (blob) => changed(blob, 388 - 20, 32)],
  ])('refuses: %s', (_, change) => expect(() => readEnvelopedKeyBlob(change(blobOf('right-aligned', 4)))).toThrow(AppError));

  it('refuses: anything else, never by another error', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 380, maxLength: 420 }), (bytes) => void expect(() => readEnvelopedKeyBlob(bytes)).toThrow(AppError)), { numRuns: 200 });
  });
});

function changed(blob: Uint8Array, at: number, byte: number): Uint8Array {
  return blob.map((old, index) => (index === at ? old ^ byte : old));
}
