/**
 * Which bids a session has: what the folder shows, and over it what was settled before. Rule: a bid is a file with its content, never a place. What was opened stays in the
 * session, whatever lies under its name by now; what lies there now is another bid.
 */
import type { OpeningBid } from '#shared/contract/desktop/openings.ts';
import { refuse } from '#shared/errors/app-error.ts';
import type { KnownFile } from '../../sealing/sealed-file.ts';

/** By place, seal id and content. A re-wrap is the same bid for other openers, so it has the same one. */
export const identityOf = ({ path, sealIdHex, rootHex }: OpeningBid): string => [path, sealIdHex ?? '', rootHex ?? ''].join('\n');

/** The very file that was scanned: nothing else is opened in its place. @throws SEAL_FILE_REPLACED for a bid that could not be read when it was scanned */
export const fileOf = ({ path, name, headerDigestHex, rootHex }: OpeningBid): KnownFile => ({ path, headerDigestHex: headerDigestHex ?? refuse('SEAL_FILE_REPLACED', { name }), rootHex: rootHex ?? refuse('SEAL_FILE_REPLACED', { name }) });

export const isOpen = ({ state }: OpeningBid): boolean => state !== 'opened' && state !== 'refused';

const isSameGeneration = (one: OpeningBid, other: OpeningBid): boolean => identityOf(one) === identityOf(other) && one.headerDigestHex === other.headerDigestHex;

/** After a restart. @param found what the folder shows @param noted lines of the journal, oldest first */
export function restoredBids(found: readonly OpeningBid[], noted: readonly OpeningBid[]): OpeningBid[] {
  const last = new Map(noted.map((bid) => [identityOf(bid), bid]));
  const restored = found.map((bid): OpeningBid => {
    const known = last.get(identityOf(bid));
    if (!known) return bid;
    if (!isOpen(known)) return known;
    // Shares are never written, so it waits for all groups again; what stopped it is still to be told.
    return isSameGeneration(known, bid) ? { ...bid, error: known.error } : bid;
  });
  return [...restored, ...gone([...last.values()].filter((bid) => bid.state === 'opened' || (bid.state === 'refused' && !found.some(({ path }) => path === bid.path))), found)];
}

/** When a person has the folder looked at again: of what is not opened, only shares of the very same file stay. */
export function rescannedBids(found: readonly OpeningBid[], before: readonly OpeningBid[]): OpeningBid[] {
  const known = new Map(before.map((bid) => [identityOf(bid), bid]));
  const kept = (bid: OpeningBid): OpeningBid => {
    const one = known.get(identityOf(bid));
    return one && (one.state === 'opened' || (one.state === 'share' && isSameGeneration(one, bid))) ? one : bid;
  };
  return [...found.map(kept), ...gone(before.filter(({ state }) => state === 'opened'), found)];
}

/** Those that the folder does not show any more. */
function gone(known: readonly OpeningBid[], found: readonly OpeningBid[]): OpeningBid[] {
  const there = new Set(found.map(identityOf));
  return known.filter((bid) => !there.has(identityOf(bid)));
}
