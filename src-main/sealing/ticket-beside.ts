/** Where the rehearsal ticket of a bid lies: `<bid>.ticket`, so `a.bid.ticket`. Rule: written under this name only; also read under `a.ticket`, as earlier bids have it. */
import { readFile, stat } from 'node:fs/promises';
import { MAX_TICKET_BYTES } from '#shared/seal/rehearsal-ticket.ts';
import { reading } from './system-errors.ts';

export const ticketBeside = (bidPath: string): string => `${bidPath}.ticket`;

/** @returns the places in which a ticket may lie, the first that is there counts */
export function ticketPlaces(bidPath: string): string[] {
  const earlier = bidPath.replace(/\.bid$/i, '.ticket');
  return earlier === bidPath ? [ticketBeside(bidPath)] : [ticketBeside(bidPath), earlier];
}

/** The ticket that was made with the bid, as it stands in its file; null when it does not lie beside it any more. @throws SEAL_SOURCE_UNREADABLE */
export async function readTicketBeside(bidPath: string): Promise<Uint8Array | null> {
  for (const place of ticketPlaces(bidPath)) {
    const state = await stat(place).catch(() => null);
    if (state?.isFile() && state.size <= MAX_TICKET_BYTES) return new Uint8Array(await reading(place, () => readFile(place)));
  }
  return null;
}
