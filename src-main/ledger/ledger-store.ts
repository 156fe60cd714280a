/** What the ledger keeps, as a port. Implemented on SQLite (sqlite-ledger.ts). Every call is one committed transaction. */
import type { BidRehearsal, BidUpload, SealedBidRecord, SealedBidState } from '#shared/contract/desktop/ledger.ts';

/** A certificate that was seen on a plugged key: how the ledger knows of a company's other keys, and of a key that was lost. */
export interface KnownCertificate {
  readonly sha256Hex: string;
  readonly sm3Hex: string;
  readonly tokenSerial: string;
  readonly purpose: 'sign' | 'encrypt' | 'other';
  readonly label: string;
  readonly serialHex: string;
  readonly notAfterUtc: string;
  readonly lastSeenUtc: string;
}

export interface BidPage {
  readonly items: SealedBidRecord[];
  readonly next: string | null;
}

export interface LedgerStore {
  /** Those that open next first; those without an opening time last. @throws INPUT_INVALID for a cursor that is none of ours */
  page(query: { readonly state?: SealedBidState; readonly limit: number; readonly after?: string }): BidPage;
  /** Every bid that is still to be opened. */
  toOpen(): SealedBidRecord[];
  /** @returns null when there is no such bid */
  get(sealId: string): SealedBidRecord | null;
  /** Puts a bid in, or in the place of the one with its seal id. */
  put(bid: SealedBidRecord): SealedBidRecord;
  /** All or none. */
  putAll(bids: readonly SealedBidRecord[]): void;
  /** @throws LEDGER_BID_UNKNOWN */
  addRehearsal(sealId: string, rehearsal: BidRehearsal): SealedBidRecord;
  /** @throws LEDGER_BID_UNKNOWN */
  addUpload(sealId: string, upload: BidUpload): SealedBidRecord;
  /** @throws LEDGER_BID_UNKNOWN */
  setState(sealId: string, state: SealedBidState): SealedBidRecord;
  remove(sealId: string): void;
  /** What stands on a plugged key, all of it: what was noted of that key before and is not there any more goes. */
  noteKey(tokenSerial: string, certificates: readonly KnownCertificate[]): void;
  knownCertificates(): KnownCertificate[];
  /** Keeps encryption certificates for good: what was sealed for one opens by the private key, also when the certificate is not on the key any more. */
  keepCertificates(certificates: readonly { readonly sha256Hex: string; readonly certificateDer: Uint8Array; readonly seenUtc: string }[]): void;
  /** DER of every encryption certificate that was ever seen on a key here. */
  seenCertificates(): Uint8Array[];
  close(): void;
}
