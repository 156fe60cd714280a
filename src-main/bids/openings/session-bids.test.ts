/** Tests of session-bids.ts: which bids a session has after a restart and after a look at the folder. */
import { describe, expect, it } from 'vitest';
import type { OpeningBid } from '#shared/contract/desktop/openings.ts';
import { rescannedBids, restoredBids } from './session-bids.ts';

/** @param content two letters stand for seal id and content, the third for the generation */
function bid(path: string, content: string, changes: Partial<OpeningBid> = {}): OpeningBid {
  const hex = (letter: string | undefined) => (letter ?? '0').charCodeAt(0).toString(16).padStart(2, '0');
  return {
    path, name: path, state: 'waiting', sealIdHex: hex(content[0]), bidId: '', tenderId: '', lot: '', sealedAtUtc: null, opensAtUtc: null, sizeBytes: 1, rootHex: hex(content[1]), headerDigestHex: hex(content[2]),
    doneBytes: 0, totalBytes: 0, groups: [], bidder: null, outFolder: null, documents: [], openedAtUtc: null, milliseconds: null, error: null, ...changes,
  };
}
const opened = { state: 'opened' } as const;
const refused = { state: 'refused', error: { code: 'SEAL_TREE_ROOT', details: {} } } as const;
const stopped = { error: { code: 'DRIVER_TIMEOUT', details: {} } };
const shown = (bids: readonly OpeningBid[]): string[] => bids.map(({ path, state, sealIdHex, error }) => [path, Buffer.from(sealIdHex ?? '', 'hex').toString(), state, ...(error ? [error.code] : [])].join(' '));

describe('after a restart', () => {
  it('ok: what was settled is settled, the last line of a bid counts', () => {
    expect(shown(restoredBids([bid('a', 'AAA'), bid('b', 'BBB')], [bid('a', 'AAA', stopped), bid('a', 'AAA', opened), bid('b', 'BBB', refused)]))).toEqual(['a A opened', 'b B refused SEAL_TREE_ROOT']);
  });
  it('ok: another file in the place of an opened one stands beside it', () => {
    expect(shown(restoredBids([bid('a', 'BBB')], [bid('a', 'AAA', opened)]))).toEqual(['a B waiting', 'a A opened']);
    expect(shown(restoredBids([bid('a', 'AXX')], [bid('a', 'AAA', opened)]))).toEqual(['a A waiting', 'a A opened']);
  });
  it('ok: another file in the place of a refused one comes instead; a refused one that is gone stays', () => {
    expect(shown(restoredBids([bid('a', 'BBB')], [bid('a', 'AAA', refused), bid('b', 'CCC', refused)]))).toEqual(['a B waiting', 'b C refused SEAL_TREE_ROOT']);
  });
  it('ok: a waiting bid tells what stopped it, and asks every group again', () => {
    const groups = [{ name: 'bidder', openers: [], answered: { via: 'key' as const, serial: 'K', label: '', fingerprintHex: '', atUtc: '' } }];
    const [restored] = restoredBids([bid('a', 'AAA')], [bid('a', 'AAA', { ...stopped, state: 'share', groups })]);
    expect(restored).toEqual(bid('a', 'AAA', stopped));
    expect(shown(restoredBids([bid('a', 'AAB')], [bid('a', 'AAA', stopped)]))).toEqual(['a A waiting']);
  });
  it('ok: a folder that is gone takes nothing from what was opened', () => {
    expect(shown(restoredBids([], [bid('a', 'AAA', opened), bid('b', 'BBB', stopped)]))).toEqual(['a A opened']);
  });
  it('ok: a session of an earlier version, whose lines have no header digest', () => {
    const { headerDigestHex: _none, ...earlier } = bid('a', 'AAA', opened);
    expect(shown(restoredBids([bid('a', 'AAA')], [earlier]))).toEqual(['a A opened']);
  });
});

describe('looking at the folder again', () => {
  it('ok: opened stays, shares stay with their very file, everything else is looked at anew', () => {
    const before = [bid('a', 'AAA', opened), bid('b', 'BBB', { state: 'share' }), bid('c', 'CCC', { state: 'share' }), bid('d', 'DDD', refused), bid('e', 'EEE', stopped)];
    const found = [bid('a', 'AAA'), bid('b', 'BBB'), bid('c', 'CCD'), bid('d', 'DDD'), bid('e', 'EEE'), bid('f', 'FFF')];
    expect(shown(rescannedBids(found, before))).toEqual(['a A opened', 'b B share', 'c C waiting', 'd D waiting', 'e E waiting', 'f F waiting']);
  });
  it('ok: another file in the place of an opened one is a bid of its own; the opened one stays', () => {
    expect(shown(rescannedBids([bid('a', 'BBB')], [bid('a', 'AAA', opened)]))).toEqual(['a B waiting', 'a A opened']);
  });
  it('ok: a re-wrap in the place of an opened bid is the same bid', () => {
    expect(shown(rescannedBids([bid('a', 'AAB')], [bid('a', 'AAA', opened)]))).toEqual(['a A opened']);
  });
});
