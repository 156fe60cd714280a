import { describe, expect, it } from 'vitest';
import type { SealedFacts } from '#shared/contract/desktop/bids.ts';
import { groupsToOpen } from './groups-to-open.ts';

const group = (name: string, ...serials: (string | null)[]): SealedFacts['groups'][number] => ({
  name, openers: serials.map((pluggedSerial, i) => ({ label: `${name} ${i}`, issuer: 'CA', serialHex: '01', fingerprintHex: `${i}`.repeat(64), notAfterUtc: '2030-01-01T00:00:00.000Z', revocation: 'good', pluggedSerial })),
});
const ways = (...input: Parameters<typeof groupsToOpen>) => groupsToOpen(...input).map(({ name, by }) => `${name} ${by}`);
const BIDDER = new Set(['bidder']);

describe('groups to open', () => {
  it('ok: the bidder’s key and its ticket are enough for the bidder’s group', () => {
    expect(ways([group('bidder', null, 'A'), group('tenderer', null)], 'bidder', BIDDER)).toEqual(['bidder key', 'tenderer ticket']);
  });
  it('ok: the ticket spares a second PIN also when the other key is there', () => {
    expect(ways([group('bidder', 'A'), group('tenderer', 'B')], 'bidder', BIDDER)).toEqual(['bidder key', 'tenderer ticket']);
  });
  it('refuses: the ticket for a group that changes, and without a key of its own group', () => {
    expect(ways([group('bidder', 'A'), group('tenderer', null)], 'bidder', new Set(['tenderer']))).toEqual(['bidder key', 'tenderer missing']);
    expect(ways([group('bidder', null), group('tenderer', 'B')], 'bidder', BIDDER)).toEqual(['bidder missing', 'tenderer key']);
    expect(ways([group('bidder', 'A'), group('tenderer', null)], null, BIDDER)).toEqual(['bidder key', 'tenderer missing']);
  });
  it('ok: a key that stands in a group twice is named once', () => {
    expect(groupsToOpen([group('bidder', 'A', 'A', 'B')], null, BIDDER)).toEqual([{ name: 'bidder', by: 'key', serials: ['A', 'B'] }]);
  });
});
