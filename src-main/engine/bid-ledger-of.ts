/** The ledger as the bid tool sees it: joins src-main/bids to src-main/ledger. */
import type { BidLedger } from '../bids/bid-ledger.ts';
import type { Ledger } from '../ledger/ledger.ts';

export function bidLedgerOf(ledger: Ledger): BidLedger {
  return {
    async noteSealed({ path, tenderName, bidderName, openingTimeUtc }) {
      await ledger.take({ source: { kind: 'file', path, tenderName, bidderName, ...(openingTimeUtc === null ? {} : { openingTimeUtc }) } });
    },
    async noteRehearsal(path, sealIdHex, rehearsal) {
      await ledger.takeIfNew(path);
      ledger.store.addRehearsal(sealIdHex, rehearsal);
      // Tells screens and reminders; the record itself stays as it is.
      ledger.setState({ sealId: sealIdHex, state: ledger.get(sealIdHex).state });
    },
    async noteRewrapped(path) {
      await ledger.take({ source: { kind: 'file', path } });
    },
    noteTenderReplaced: (sealIds) => ledger.noteTenderReplaced(sealIds),
    async noteOpened(sealIdHex) {
      ledger.noteOpened(sealIdHex);
    },
  };
}
