/** Shares of other groups out of the rehearsal ticket, for a key of the ticket's own group. Spec §12. Rule: a rehearsal and a re-wrap take tickets; an opening never does. */
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import { openTicket, readTicket } from '#shared/seal/rehearsal-ticket.ts';
import type { SealedFile } from './sealed-file.ts';

/**
 * Puts what the ticket gives among the shares; their owner wipes them.
 * @returns names of the groups that were missing until then; none when the ticket's own group has not opened
 * @throws SEAL_TICKET_INVALID, SEAL_SHARE_WRONG
 */
export async function addTicketShares({ header, means: { suite } }: SealedFile, ticketDer: Uint8Array | null, shares: Map<number, Uint8Array>): Promise<string[]> {
  if (ticketDer === null || header.core.kind !== 'sealed') return [];
  const ticket = readTicket(ticketDer, header, suite);
  const own = shares.get(ticket.group);
  if (!own) return [];
  const added: string[] = [];
  for (const { group, share } of await openTicket(ticket, own, header, suite)) {
    if (shares.has(group)) {
      wipeBytes(share);
      continue;
    }
    shares.set(group, share);
    added.push(header.core.groupNames[group] ?? '');
  }
  return added;
}
