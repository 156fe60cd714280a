/** Names of groups that mean something: the bidder's own, which nobody else may take. Spec §11. Pure. */

/** The group of the bidder, in every bid that answers a tender package. */
export const BIDDER_GROUP = 'bidder';

/** What a person would read as the same name. */
export const foldGroupName = (name: string): string => name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC').replace(/\s+/gu, '');

/** Under whatever spelling. A package that names this group would have its own keys stand for the bidder's: they opened alone, before the time. */
export const isBidderGroup = (name: string): boolean => foldGroupName(name) === BIDDER_GROUP;
