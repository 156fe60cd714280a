/** One bid known twice: from the ledger and from what is taken in. Rule: nothing that was known is forgotten, and a bid that is opened or withdrawn stays so. Pure. */
import type { LedgerOpener, SealedBidRecord } from '#shared/contract/desktop/ledger.ts';
import { joinGenerations } from '#shared/ledger/bid-generations.ts';

export function joinBids(known: SealedBidRecord, taken: SealedBidRecord): SealedBidRecord {
  const tenderReplacedAtUtc = known.tenderReplacedAtUtc ?? taken.tenderReplacedAtUtc;
  const openedEarlyAtUtc = [known.openedEarlyAtUtc, taken.openedEarlyAtUtc].filter((time) => time !== undefined).sort().at(-1);
  const { generations: _generations, ...plain } = taken;
  return {
    ...plain,
    ...joinGenerations(known, taken),
    openingTimeUtc: taken.openingTimeUtc ?? known.openingTimeUtc,
    bidderName: taken.bidderName === '' ? known.bidderName : taken.bidderName,
    // A sealed file knows only the number of its tender; the name that a person gave says more.
    tenderName: namesNothing(taken) ? known.tenderName : taken.tenderName,
    state: known.state === 'to-open' ? taken.state : known.state,
    rehearsals: joinLists(known.rehearsals, taken.rehearsals),
    uploads: joinLists(known.uploads, taken.uploads),
    ...(openedEarlyAtUtc === undefined ? {} : { openedEarlyAtUtc }),
    ...(tenderReplacedAtUtc === undefined ? {} : { tenderReplacedAtUtc }),
  };
}

/** Times as the store keeps them, so that the same bid looks the same. */
export function inStoreForm(bid: SealedBidRecord): SealedBidRecord {
  const utc = (time: string) => new Date(time).toISOString();
  const openers = (list: readonly LedgerOpener[]) => list.map((one) => ({ ...one, notAfterUtc: utc(one.notAfterUtc) }));
  return {
    ...bid,
    ...(bid.generations === undefined ? {} : { generations: bid.generations.map((one) => ({ ...one, madeAtUtc: utc(one.madeAtUtc), notedAtUtc: utc(one.notedAtUtc), openers: openers(one.openers) })) }),
    ...(bid.openedEarlyAtUtc === undefined ? {} : { openedEarlyAtUtc: utc(bid.openedEarlyAtUtc) }),
    openingTimeUtc: bid.openingTimeUtc === null ? null : utc(bid.openingTimeUtc), sealedAtUtc: utc(bid.sealedAtUtc),
    openers: openers(bid.openers),
    rehearsals: joinLists([], bid.rehearsals).map((one) => ({ ...one, atUtc: utc(one.atUtc) })),
    uploads: joinLists([], bid.uploads).map((one) => ({ ...one, atUtc: utc(one.atUtc) })),
  };
}

/** What recordOfFile gives as a name when nobody gave one. */
const namesNothing = (bid: SealedBidRecord) => bid.tenderName === bid.tenderId || bid.tenderName === bid.bidId || bid.tenderName === bid.sealId;

function joinLists<T extends { readonly atUtc: string }>(known: readonly T[], taken: readonly T[]): T[] {
  const byContent = new Map([...known, ...taken].map((one) => [JSON.stringify({ ...one, atUtc: Date.parse(one.atUtc) }), one]));
  return [...byContent.values()].sort((one, other) => Date.parse(one.atUtc) - Date.parse(other.atUtc));
}
