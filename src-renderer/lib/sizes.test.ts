import { describe, expect, it } from 'vitest';
import { paceOf, sizeText } from './sizes.ts';

describe('sizes', () => {
  it.each([[0, '0 B'], [1023, '1023 B'], [1536, '1.5 KB'], [5 * 1024 ** 2, '5.0 MB'], [123 * 1024 ** 3, '123 GB'], [2048 * 1024 ** 4, '2048 TB']])('ok: %d is %s', (bytes, text) => expect(sizeText(bytes)).toBe(text));
});

describe('pace of work', () => {
  const work = { doneBytes: 50, totalBytes: 200, startedAtUtc: '2026-11-20T00:00:00.000Z', updatedAtUtc: '2026-11-20T00:00:05.000Z' };
  it('ok: rate and time left', () => expect(paceOf(work)).toEqual({ percent: 25, bytesPerSecond: 10, secondsLeft: 15 }));
  it('ok: nothing is foretold before there is something to tell by', () => {
    expect(paceOf({ ...work, doneBytes: 0 })).toEqual({ percent: 0, bytesPerSecond: null, secondsLeft: null });
    expect(paceOf({ ...work, updatedAtUtc: '2026-11-20T00:00:00.100Z' }).secondsLeft).toBeNull();
    expect(paceOf({ ...work, totalBytes: 0, doneBytes: 0 }).percent).toBe(0);
  });
});
