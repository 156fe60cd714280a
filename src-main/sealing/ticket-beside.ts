/** Where the rehearsal ticket of a bid lies: `<bid>.ticket`, so `a.bid.ticket`. Rule: written under this name only; also read under `a.ticket`, as earlier bids have it. */
export const ticketBeside = (bidPath: string): string => `${bidPath}.ticket`;

/** @returns the places in which a ticket may lie, the first that is there counts */
export function ticketPlaces(bidPath: string): string[] {
  const earlier = bidPath.replace(/\.bid$/i, '.ticket');
  return earlier === bidPath ? [ticketBeside(bidPath)] : [ticketBeside(bidPath), earlier];
}
