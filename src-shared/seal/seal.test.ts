/** Key schedule and chunk tree against independent ways to the same result. */
import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { portableEngine } from '../sm/portable-engine.ts';
import { ChunkTree } from './chunk-tree.ts';
import { chunkNonce, planChunks } from './file-layout.ts';
import { deriveKeys } from './key-schedule.ts';
import { createSuites } from './suites.ts';

const suite = createSuites(portableEngine, globalThis.crypto)('aes');
const sha256 = (...pieces: readonly (string | Uint8Array)[]): Buffer => pieces.reduce<ReturnType<typeof createHash>>((hash, piece) => hash.update(piece), createHash('sha256')).digest();

describe('chunk tree', () => {
  /** As the spec says it, level by level. */
  function rootOf(leaves: readonly Buffer[], octets: number): Buffer {
    let level = leaves;
    for (let height = 1; level.length > 1; height++) {
      const above: Buffer[] = [];
      for (let at = 0; at < level.length; at += 256) above.push(sha256(Uint8Array.of(height), Buffer.concat(level.slice(at, at + 256))));
      level = above;
    }
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(octets));
    return sha256('BidKey tree 1\0', length, level[0] ?? Buffer.alloc(0));
  }

  for (const count of [1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537]) {
    test(`ok: ${count} leaves`, () => {
      const leaves = Array.from({ length: count }, (_, i) => sha256(String(i)));
      const tree = new ChunkTree(suite);
      for (const leaf of leaves) tree.addLeaf(leaf);
      expect(Buffer.from(tree.root(count * 7)).equals(rootOf(leaves, count * 7))).toBe(true);
    });
  }
});

describe('keys', () => {
  test('ok: suite aes, as HKDF of node says', () => {
    const [core, one, two] = [randomBytes(50), randomBytes(32), randomBytes(32)];
    const salt = sha256('BidKey sealed bid 1 core aes\0', core);
    const keys = deriveKeys(suite, core, [one, two]);
    const expand = (purpose: string) => new Uint8Array(hkdfSync('sha256', Buffer.concat([one, two]), salt, `BidKey sealed bid 1 aes ${purpose}`, 32));
    expect([keys.payloadKey, keys.headerKey, keys.commitment]).toEqual(['payload', 'header', 'commitment'].map(expand));
    expect(deriveKeys(suite, core, [two, one]).commitment).not.toEqual(keys.commitment);
    expect(suite.hmac(one, core)).toEqual(new Uint8Array(createHmac('sha256', one).update(core).digest()));
  });
});

describe('chunks', () => {
  test('ok: nonces count past 2^32 and mark the last', () => {
    expect([...chunkNonce(2 ** 32 + 5, true)]).toEqual([0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 5, 1]);
    expect([...chunkNonce(255, false)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0]);
  });

  test('refuses: no chunk, and more than 2^32', () => {
    expect(() => planChunks({ kind: 'sealed', chunkBits: 12 }, 0)).toThrow();
    expect(() => planChunks({ kind: 'sealed', chunkBits: 12 }, 2 ** 44 + 1)).toThrow();
    expect(planChunks({ kind: 'sealed', chunkBits: 12 }, 4097)).toMatchObject({ chunkCount: 2, storedLength: 4097 + 32 });
  });
});
