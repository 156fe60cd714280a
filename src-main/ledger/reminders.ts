/** Which rehearsals are due: one a day and one an hour before the opening. Pure. */
import type { LedgerReminder, SealedBidRecord } from '#shared/contract/desktop/ledger.ts';

const HOUR_MS = 3_600_000;
const REMINDERS: readonly (readonly [LedgerReminder['kind'], number])[] = [['day-before', 24 * HOUR_MS], ['hour-before', HOUR_MS]];

/** @returns those of bids whose opening is still to come, by time. Of two that are due for one bid only the later one is `due`. */
export function remindersOf(bids: readonly SealedBidRecord[], now: Date): LedgerReminder[] {
  return bids
    .flatMap((bid) => (bid.state === 'to-open' && bid.openingTimeUtc !== null && Date.parse(bid.openingTimeUtc) > now.getTime() ? remindersOfBid(bid, bid.openingTimeUtc, now) : []))
    .sort((one, other) => one.dueAtUtc.localeCompare(other.dueAtUtc));
}

function remindersOfBid(bid: SealedBidRecord, openingTimeUtc: string, now: Date): LedgerReminder[] {
  const openingMs = Date.parse(openingTimeUtc);
  const nowMs = now.getTime();
  return REMINDERS.flatMap(([kind, beforeMs], index) => {
    const dueMs = openingMs - beforeMs;
    const next = REMINDERS[index + 1];
    // The later rehearsal stands for the earlier one.
    if (next && nowMs >= openingMs - next[1]) return [];
    const done = bid.rehearsals.some((one) => one.opened && Date.parse(one.atUtc) >= dueMs);
    return [{ sealId: bid.sealId, tenderName: bid.tenderName, openingTimeUtc, kind, dueAtUtc: new Date(dueMs).toISOString(), state: done ? 'done' : nowMs >= dueMs ? 'due' : 'upcoming' }];
  });
}

/** When the list of what is due changes next by itself: milliseconds from now, or null. */
export function msUntilNextReminder(reminders: readonly LedgerReminder[], now: Date): number | null {
  const times = reminders.filter(({ state }) => state === 'upcoming').map(({ dueAtUtc }) => Date.parse(dueAtUtc) - now.getTime());
  return times.length === 0 ? null : Math.max(0, Math.min(...times));
}
