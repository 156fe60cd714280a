/**
 * What a deed on a key does to the bids that are still to be opened: for each group in which a certificate of the key stands, in every generation that may be the uploaded
 * one, what still opens it afterwards, and what is not counted on and why. Rule: what is not known is never taken for safe. Pure.
 */
import type { AssessedBid, BidDoubt, BidGeneration, BidKeeper, LedgerDeed, LedgerOpener, SealedBidRecord } from '#shared/contract/desktop/ledger.ts';
import { generationsThatCount } from '#shared/ledger/bid-generations.ts';
import type { KnownCertificate } from './ledger-store.ts';

/** Whether the CA that issued a certificate gives its encryption key back; `unknown`: it could not be asked. */
export type Escrow = 'kept' | 'not-kept' | 'unknown';

export interface AssessmentFacts {
  readonly deed: LedgerDeed;
  readonly keyPolicy: 'new-keys' | 'same-keys';
  readonly removesContents: boolean;
  /** Whether a further pair fits on the key; null when neither driver nor profile tells: then a writing that does not fit stops before anything old is touched. */
  readonly roomForPair: boolean | null;
  /** Every certificate on the key, and those that the deed is about. Null: nobody knows what is on it; then any opener that was never seen on another key may be it. */
  readonly own: readonly KnownCertificate[] | null;
  /** Every certificate that was ever seen on a key here. */
  readonly known: readonly KnownCertificate[];
  /** SHA-256 of a certificate → escrow. Absent: unknown. */
  readonly escrow: ReadonlyMap<string, Escrow>;
  readonly now: Date;
}

/** What becomes of the encryption key that is on the key now, and how long an approved recovery from escrow may take before the opening. */
const EFFECTS: Readonly<Record<LedgerDeed, { readonly keeps: 'same' | 'history' | 'nothing'; readonly escrowLeadDays: number }>> = {
  renewal: { keeps: 'history', escrowLeadDays: 3 },
  change: { keeps: 'history', escrowLeadDays: 3 },
  // The old key is lost or broken; its encryption keys come back in the same writing, after two approvals.
  reissue: { keeps: 'nothing', escrowLeadDays: 0 },
  revocation: { keeps: 'same', escrowLeadDays: 3 },
  suspension: { keeps: 'same', escrowLeadDays: 3 },
  unlock: { keeps: 'same', escrowLeadDays: 3 },
  'key-recovery': { keeps: 'same', escrowLeadDays: 3 },
};
const DAY_MS = 86_400_000;

/** @returns the bids that depend on this key, those that open first first */
export function assessBids(bids: readonly SealedBidRecord[], facts: AssessmentFacts): AssessedBid[] {
  return bids.filter((bid) => bid.state === 'to-open').flatMap((bid) => {
    const generations = generationsThatCount(bid);
    const assessed = generations.flatMap((generation) => assessGeneration(bid, generation, (bid.generations?.length ?? 1) > 1, facts));
    if (assessed.length === 0) return [];
    const openingPassed = bid.openingTimeUtc !== null && Date.parse(bid.openingTimeUtc) <= facts.now.getTime();
    const { sealId, tenderName, bidderName, lot, file, openingTimeUtc } = bid;
    return [{ sealId, tenderName, bidderName, lot, file, openingTimeUtc, openingPassed, lost: assessed.some(({ keptBy }) => keptBy.length === 0), groups: assessed }];
  });
}

/** @param named whether it has to be said which generation is meant */
function assessGeneration(bid: SealedBidRecord, generation: BidGeneration, named: boolean, facts: AssessmentFacts): AssessedBid['groups'] {
  const { rewraps, file, openers } = generation;
  return [...new Set(openers.map(({ group }) => group))].flatMap((group) => {
    const members = openers.filter((opener) => opener.group === group);
    if (!members.some((opener) => isOwn(opener, facts))) return [];
    return [{ group, generation: named ? { rewraps, file } : null, ...assessGroup(bid, members, facts) }];
  });
}

const fingerprintOf = (certificate: KnownCertificate, opener: LedgerOpener) => (opener.fingerprintDigest === 'sm3' ? certificate.sm3Hex : certificate.sha256Hex);
const find = (certificates: readonly KnownCertificate[] | null, opener: LedgerOpener) => certificates?.find((one) => fingerprintOf(one, opener) === opener.fingerprintHex) ?? null;

const isOwn = (opener: LedgerOpener, facts: AssessmentFacts): boolean => (facts.own === null ? find(facts.known, opener) === null : find(facts.own, opener) !== null);

function assessGroup(bid: SealedBidRecord, members: readonly LedgerOpener[], facts: AssessmentFacts): Pick<AssessedBid['groups'][number], 'keptBy' | 'doubts'> {
  const keptBy: BidKeeper[] = [];
  const doubts: BidDoubt[] = [];
  for (const opener of members) {
    const own = find(facts.own, opener);
    for (const answer of own ? ofThisKey(bid, opener, own, facts) : [ofOtherKey(bid, opener, facts)]) {
      if ('by' in answer) keptBy.push(answer);
      else doubts.push(answer);
    }
  }
  return { keptBy, doubts };
}

const keeper = (by: BidKeeper['by'], opener: LedgerOpener, seen: KnownCertificate | null): BidKeeper => ({
  by, label: opener.label, fingerprintHex: opener.fingerprintHex, tokenSerial: seen?.tokenSerial ?? null, lastSeenUtc: by === 'other-key' ? (seen?.lastSeenUtc ?? null) : null,
});
const doubt = (reason: BidDoubt['reason'], opener: LedgerOpener): BidDoubt => ({ reason, label: opener.label, fingerprintHex: opener.fingerprintHex });

function ofThisKey(bid: SealedBidRecord, opener: LedgerOpener, own: KnownCertificate, facts: AssessmentFacts): (BidKeeper | BidDoubt)[] {
  return [...keyAfterwards(opener, own, facts), escrowAfterwards(bid, opener, own, facts)];
}

/** What the key itself still does. */
function keyAfterwards(opener: LedgerOpener, own: KnownCertificate, facts: AssessmentFacts): (BidKeeper | BidDoubt)[] {
  const { keeps } = EFFECTS[facts.deed];
  if (keeps === 'nothing') return [];
  if (facts.removesContents) return [doubt('contents-removed', opener)];
  if (keeps === 'same' || facts.keyPolicy === 'same-keys') return [keeper('same-key', opener, own)];
  return [facts.roomForPair === false ? doubt('no-room-for-history', opener) : keeper('history-key', opener, own)];
}

function escrowAfterwards(bid: SealedBidRecord, opener: LedgerOpener, own: KnownCertificate, facts: AssessmentFacts): BidKeeper | BidDoubt {
  const escrow = facts.escrow.get(own.sha256Hex) ?? 'unknown';
  if (escrow !== 'kept') return doubt(escrow === 'unknown' ? 'escrow-unknown' : 'escrow-not-kept', opener);
  const inTime = bid.openingTimeUtc !== null && Date.parse(bid.openingTimeUtc) > facts.now.getTime() + EFFECTS[facts.deed].escrowLeadDays * DAY_MS;
  return inTime ? keeper('escrow', opener, own) : doubt('escrow-too-late', opener);
}

/** A certificate of the same group that is not on this key: counted on only when its key was seen here. */
function ofOtherKey(bid: SealedBidRecord, opener: LedgerOpener, facts: AssessmentFacts): BidKeeper | BidDoubt {
  const seen = find(facts.known, opener);
  if (seen === null) return doubt(facts.own === null ? 'key-unknown' : 'other-key-never-seen', opener);
  const needed = Math.max(facts.now.getTime(), bid.openingTimeUtc === null ? 0 : Date.parse(bid.openingTimeUtc));
  return Date.parse(opener.notAfterUtc) <= needed ? doubt('other-certificate-expired', opener) : keeper('other-key', opener, seen);
}
