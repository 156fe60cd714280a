/** Where a project leaves its tender package, asked of records as they may lie on a disk. */
import { describe, expect, it } from 'vitest';
import type { ChosenOpener } from '#shared/contract/desktop/bids.ts';
import { apartFromTender } from './openers.ts';

/** Told apart by their octets alone. */
const opener = (name: string, group: string, source: ChosenOpener['source']): ChosenOpener => ({ group, certificateDer: Buffer.from(name).toString('base64'), source });
const names = (tender: readonly ChosenOpener[], chosen: readonly ChosenOpener[]) => apartFromTender({ tender: { openers: [...tender] }, openers: chosen }).map(({ group, certificateDer }) => `${group} ${Buffer.from(certificateDer, 'base64').toString()}`);

const own = opener('own', 'bidder', 'key');
const hall = opener('hall', 'tenderer', 'tender');

describe('openers of a project and those of its tender package', () => {
  it('ok: exactly those of the package besides the bidder’s, which are its own', () => {
    expect(names([hall], [own, hall])).toEqual([]);
    expect(names([hall], [opener('hall', 'tenderer', 'file'), opener('second', 'bidder', 'file'), own])).toEqual([]);
    expect(apartFromTender({ tender: null, openers: [own, hall] })).toEqual([]);
  });

  it('refuses: one that is missing, one more, in another group', () => {
    expect(names([hall], [own])).toEqual(['tenderer hall']);
    expect(names([hall], [own, hall, opener('x', 'third', 'file')])).toEqual(['third x']);
    expect(names([hall], [opener('hall', 'third', 'tender'), own])).toEqual(['tenderer hall', 'third hall']);
  });

  it('refuses: openers of a package in the bidder’s group, in whatever spelling and wherever they are said to come from', () => {
    for (const group of ['bidder', 'Bidder', 'ｂｉｄｄｅｒ']) {
      const hostile = opener('theirs', group, 'tender');
      expect(names([hall, hostile], [own, hall, hostile])).toEqual([`${group} theirs`]);
      expect(names([hall, hostile], [own, hall])).toEqual([`${group} theirs`]);
    }
    expect(names([hall], [own, hall, opener('theirs', 'bidder', 'tender')])).toEqual(['bidder theirs']);
    expect(names([hall, opener('theirs', 'bidder', 'tender')], [own, hall, opener('theirs', 'bidder', 'file')])).toEqual(['bidder theirs']);
  });
});
