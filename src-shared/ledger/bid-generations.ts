/**
 * Generations of a sealed bid: one seal id, several headers, each with openers of its own, made by re-wraps. A platform holds one of them, and only a person knows which.
 * Rule: every generation counts until somebody says which one was uploaded. Spec: docs/spec/sealed-bid.md §9. Pure.
 */
import type { BidGeneration, BidUpload, LedgerOpener, SealedBidRecord } from '#shared/contract/desktop/ledger.ts';
import { asTyped } from '#shared/forms/as-typed.ts';

/** Oldest first. A record that tells none apart is one, of a header that nobody asked for. */
export function generationsOf(bid: Pick<SealedBidRecord, 'generations' | 'openers' | 'file' | 'sealedAtUtc'>): readonly BidGeneration[] {
  return bid.generations ?? [{ headerHex: null, rewraps: 0, madeAtUtc: bid.sealedAtUtc, notedAtUtc: bid.sealedAtUtc, file: bid.file, openers: bid.openers }];
}

/** Those that may be the one which a platform holds: what the last word on each platform names, and what came after that word. */
export function generationsThatCount(bid: SealedBidRecord): readonly BidGeneration[] {
  const all = generationsOf(bid);
  const last = lastUploads(bid.uploads);
  // A word that names none, or one that is not known here, releases nothing.
  if (last.length === 0 || last.some(({ headerHex }) => headerHex === undefined || !all.some((one) => one.headerHex === headerHex))) return all;
  return all.filter((one) => last.some(({ headerHex, atUtc }) => headerHex === one.headerHex || Date.parse(one.notedAtUtc) > Date.parse(atUtc)));
}

/** By platform, as it was typed. */
function lastUploads(uploads: readonly BidUpload[]): BidUpload[] {
  const byTime = [...uploads].sort((one, other) => Date.parse(one.atUtc) - Date.parse(other.atUtc));
  return [...new Map(byTime.map((upload) => [asTyped(upload.platform), upload])).values()];
}

/** What two records know of one bid, as fields of the joined one: openers are those of the newest generation, the file is where that one was last seen. */
export function joinGenerations(known: SealedBidRecord, taken: SealedBidRecord): Pick<SealedBidRecord, 'generations' | 'openers' | 'file'> {
  const joined = [...generationsOf(known)];
  for (const one of generationsOf(taken)) {
    const at = joined.findIndex((other) => isSame(other, one));
    const other = joined[at];
    if (other) joined[at] = joinOne(other, one);
    else joined.push(one);
  }
  const generations = joined.sort((one, other) => one.rewraps - other.rewraps || Date.parse(one.madeAtUtc) - Date.parse(other.madeAtUtc));
  const newest = generations.at(-1);
  if (!newest) return taken;
  const { openers, file } = newest;
  return generations.length === 1 && newest.headerHex === null ? { openers, file } : { generations, openers, file };
}

/** Without the header of one of them, those are one that the same certificates open. */
function isSame(one: BidGeneration, other: BidGeneration): boolean {
  return one.headerHex !== null && other.headerHex !== null ? one.headerHex === other.headerHex : openersKey(one.openers) === openersKey(other.openers);
}

function joinOne(known: BidGeneration, taken: BidGeneration): BidGeneration {
  const said = taken.headerHex === null ? known : taken;
  return { ...said, file: taken.file ?? known.file, notedAtUtc: Date.parse(known.notedAtUtc) < Date.parse(taken.notedAtUtc) ? known.notedAtUtc : taken.notedAtUtc };
}

const openersKey = (openers: readonly LedgerOpener[]): string => openers.map(({ group, fingerprintHex }) => `${group} ${fingerprintHex}`).sort().join('\n');
