/** What the bid tool tells the ledger of sealed bids. The ledger itself is src-main/ledger; `compose-engine.ts` joins the two. */
import type { BidRehearsal } from '#shared/contract/desktop/ledger.ts';

export interface BidLedger {
  /** A sealed file that is now there: its public part is read for the openers. */
  noteSealed(bid: { readonly path: string; readonly tenderName: string; readonly bidderName: string; readonly openingTimeUtc: string | null }): Promise<void>;
  /** Bids that this machine did not seal are taken in first. */
  noteRehearsal(path: string, sealIdHex: string, rehearsal: BidRehearsal): Promise<void>;
  /** A bid under another name with other openers: its record names them from now on, and keeps what was known. */
  noteRewrapped(path: string): Promise<void>;
  /** These sealed bids answer a tender package that a newer one replaces. Unknown ones are left alone. */
  noteTenderReplaced(sealIds: readonly string[]): void;
  /** Unknown bids are left alone: an opening hall opens other people's. */
  noteOpened(sealIdHex: string): Promise<void>;
}
