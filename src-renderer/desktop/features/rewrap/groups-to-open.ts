/** Which groups of a bid need a key for a re-wrap, and which the rehearsal ticket stands in for. Pure. Rule of the engine: a group that changes needs its own key. */
import type { SealedFacts } from '#shared/contract/desktop/bids.ts';

export interface GroupToOpen {
  readonly name: string;
  /** key: one of its keys is plugged in. ticket: the ticket stands in. missing: neither. */
  readonly by: 'key' | 'ticket' | 'missing';
  /** Of the plugged keys that open it. */
  readonly serials: readonly string[];
}

/** @param ticketGroup whose key opens the ticket; null: there is no ticket @param changed names of the groups that get or lose openers */
export function groupsToOpen(groups: SealedFacts['groups'], ticketGroup: string | null, changed: ReadonlySet<string>): GroupToOpen[] {
  const plugged = groups.map(({ name, openers }) => ({ name, serials: [...new Set(openers.flatMap(({ pluggedSerial }) => (pluggedSerial === null ? [] : [pluggedSerial])))] }));
  const ticketOpens = plugged.some(({ name, serials }) => name === ticketGroup && serials.length > 0);
  return plugged.map(({ name, serials }) => {
    if (ticketOpens && name !== ticketGroup && !changed.has(name)) return { name, by: 'ticket', serials };
    return { name, by: serials.length > 0 ? 'key' : 'missing', serials };
  });
}
