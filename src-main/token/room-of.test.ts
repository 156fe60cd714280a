import { describe, expect, it } from 'vitest';
import { roomOf } from './room-of.ts';

const KNOWN = { maxContainers: 10, pairBytes: { 'rsa-2048': 9000, sm2: 6000 } };
const UNKNOWN = { maxContainers: null, pairBytes: null };

describe('room on a key', () => {
  it('ok: the scarcer of bytes and containers decides, rounded down', () => {
    expect(roomOf({ freeBytes: 20_000, freeContainers: 9 }, KNOWN).furtherPairs).toEqual({ 'rsa-2048': 2, sm2: 3 });
    expect(roomOf({ freeBytes: 200_000, freeContainers: 1 }, KNOWN).furtherPairs).toEqual({ 'rsa-2048': 1, sm2: 1 });
    expect(roomOf({ freeBytes: 8999, freeContainers: 9 }, KNOWN).furtherPairs).toEqual({ 'rsa-2048': 0, sm2: 1 });
  });
  it('ok: what one of both does not tell, the other may; where neither does, it is unknown and never zero', () => {
    expect(roomOf({ freeBytes: null, freeContainers: 0 }, KNOWN).furtherPairs).toEqual({ 'rsa-2048': 0, sm2: 0 });
    expect(roomOf({ freeBytes: 12_000, freeContainers: null }, KNOWN).furtherPairs).toEqual({ 'rsa-2048': 1, sm2: 2 });
    expect(roomOf({ freeBytes: 12_000, freeContainers: null }, UNKNOWN).furtherPairs).toEqual({ 'rsa-2048': null, sm2: null });
  });
});
