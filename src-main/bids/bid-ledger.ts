/** What the bid tool tells the ledger of sealed bids. The ledger itself is src-main/ledger; `compose-engine.ts` joins the two. */
import type { BidRehearsal } from '#shared/contract/desktop/ledger.ts';

export interface BidLedger {
  /** A sealed file that is now there: its public part is read for the openers. */
  noteSealed(bid: { readonly path: string; readonly tenderName: string; readonly bidderName: string; readonly openingTimeUtc: string | null }): Promise<void>;
  /** Bids that this machine did not seal, and generations that it did not make, are taken in first. */
  noteRehearsal(path: string, sealIdHex: string, rehearsal: BidRehearsal): Promise<void>;
  /** A bid under another name with other openers: a further generation, beside those that a platform may hold already. */
  noteRewrapped(path: string): Promise<void>;
  /** These sealed bids answer a tender package that a newer one replaces. Unknown ones are left alone. */
  noteTenderReplaced(sealIds: readonly string[]): void;
  /** Unknown bids are left alone: an opening hall opens other people's. Before the opening time it is noted and nothing more: the bid is still to be opened. */
  noteOpened(sealIdHex: string): Promise<void>;
}
