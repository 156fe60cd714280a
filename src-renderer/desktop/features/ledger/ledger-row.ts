/** What a row of the ledger shows, worked out. Pure. */
import type { BidGeneration, LedgerOpener, SealedBidRecord } from '#shared/contract/desktop/ledger.ts';
import { generationsOf, generationsThatCount } from '#shared/ledger/bid-generations.ts';

const DAY_MS = 86_400_000;

export interface OpenersOfGroup {
  readonly group: string;
  readonly openers: readonly LedgerOpener[];
  readonly labels: readonly string[];
}

/** Groups in the order of the bid. */
export function openersByGroup({ openers }: Pick<SealedBidRecord, 'openers'>): OpenersOfGroup[] {
  const groups = [...new Set(openers.map((opener) => opener.group))];
  return groups.map((group) => {
    const members = openers.filter((opener) => opener.group === group);
    return { group, openers: members, labels: members.map((opener) => opener.label) };
  });
}

export interface ShownGeneration extends BidGeneration {
  /** Of the uploads that name it. */
  readonly uploadedTo: readonly string[];
  /** Whether a platform may hold it, for all that was said. */
  readonly counts: boolean;
}

/** Newest first; one only for a bid that was never re-wrapped. */
export function generationsShown(row: SealedBidRecord): ShownGeneration[] {
  const counting = generationsThatCount(row);
  return generationsOf(row).map((one) => ({
    ...one, counts: counting.includes(one),
    uploadedTo: [...new Set(row.uploads.filter(({ headerHex }) => headerHex !== undefined && headerHex === one.headerHex).map(({ platform }) => platform))],
  })).reverse();
}

/** Several may be the one that a platform holds: somebody has to say which. */
export const uploadUnsaid = (row: SealedBidRecord): boolean => row.state === 'to-open' && generationsThatCount(row).length > 1;

/** @returns whole days until the opening; null when its time is not known */
export function openingOf({ openingTimeUtc }: Pick<SealedBidRecord, 'openingTimeUtc'>, nowMs: number): { readonly passed: boolean; readonly days: number } | null {
  if (openingTimeUtc === null) return null;
  const leftMs = Date.parse(openingTimeUtc) - nowMs;
  return { passed: leftMs < 0, days: Math.max(0, Math.floor(leftMs / DAY_MS)) };
}

/** `2026-12-01 09:30` in Beijing time → RFC 3339 UTC; null when it is not written so or no such day exists. */
export function utcOfBeijingText(text: string): string | null {
  const parts = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})$/.exec(text.trim());
  if (!parts) return null;
  const at = Date.parse(`${parts[1]}T${parts[2]}:00+08:00`);
  if (Number.isNaN(at)) return null;
  const back = new Date(at + 8 * 3_600_000).toISOString().slice(0, 16);
  return back === `${parts[1]}T${parts[2]}` ? `${new Date(at).toISOString().slice(0, 19)}Z` : null;
}
