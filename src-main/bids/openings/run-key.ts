/**
 * One key over the bids of a session: it gives its shares, and what is complete opens, one bid after the other. Rule: an error of a bid settles that bid; an error
 * of the key (pulled out, locked, driver gone) ends the run and settles nothing.
 */
import { access, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { OpeningBid } from '#shared/contract/desktop/openings.ts';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import { toHex } from '#shared/bytes/hex.ts';
import type { EnvelopeRecipient } from '#shared/cms/envelope.ts';
import { refuse, toAppError, type AppError } from '#shared/errors/app-error.ts';
import { TOKEN_ERRORS } from '#shared/errors/table/token.ts';
import type { GroupShare } from '#shared/seal/collect-shares.ts';
import { createBatchBuffers } from '../../sealing/batch-buffers.ts';
import { openBid, type OpenedBid } from '../../sealing/open-bid.ts';
import { meansFor, type SealingMeans, type WorkOptions } from '../../sealing/sealing-means.ts';
import { writing } from '../../sealing/system-errors.ts';
import { unwrapShares } from '../../sealing/unwrap-shares.ts';
import { certificateFacts } from '../certificate-facts.ts';
import { plainPart } from '../projects/project-view.ts';

/** Shares that came from keys and answers, until the session ends; only ever in memory. */
export type HeldShares = Map<string, GroupShare[]>;

export interface KeyRun {
  readonly serial: string;
  readonly recipients: readonly EnvelopeRecipient[];
  readonly held: HeldShares;
  readonly outFolder: string;
  readonly means: SealingMeans;
  readonly monotonicMs: () => number;
  /** What a bid looks like now; `settled` when it is opened or refused. */
  readonly onBid: (bid: OpeningBid, settled: boolean) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Groups of the bid that a key of this set opens, by place. */
export function ownGroups(bid: OpeningBid, digestsOf: (bid: OpeningBid) => ReadonlyMap<string, EnvelopeRecipient>): { readonly group: number; readonly recipient: EnvelopeRecipient; readonly label: string; readonly fingerprintHex: string }[] {
  const digests = digestsOf(bid);
  return bid.groups.flatMap(({ openers }, group) => {
    for (const { fingerprintHex, label } of openers) {
      const recipient = digests.get(fingerprintHex);
      if (recipient) return [{ group, recipient, label, fingerprintHex }];
    }
    return [];
  });
}

/** The fingerprints of the keys by both digests: a bid names its openers by that of its suite. */
export function fingerprintsOf(recipients: readonly EnvelopeRecipient[], means: SealingMeans): ReadonlyMap<string, EnvelopeRecipient> {
  const both = (['sm', 'aes'] as const).map((id) => meansFor(means, id).suite);
  return new Map(recipients.flatMap((recipient) => both.map((suite) => [toHex(suite.digest(recipient.certificateDer)), recipient] as const)));
}

/** @throws what the key says, CANCELLED */
export async function runKey(bids: readonly OpeningBid[], wanted: KeyRun): Promise<void> {
  const run = { ...wanted, means: { ...wanted.means, buffers: createBatchBuffers() } };
  const fingerprints = fingerprintsOf(run.recipients, run.means);
  const waiting = bids.filter(({ state }) => state !== 'opened' && state !== 'refused');
  const folders = new Set<string>();
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    for (let bid = waiting.shift(); bid && failures.length === 0; bid = waiting.shift()) {
      try {
        if (run.signal.aborted) refuse('CANCELLED');
        await runBid(bid, fingerprints, run, folders);
      } catch (thrown) {
        failures.push(thrown);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (failures.length > 0) throw failures[0];
}

/** While one bid waits for the disk to have it, the next one has the key. */
const AT_ONCE = 3;

async function runBid(before: OpeningBid, fingerprints: ReadonlyMap<string, EnvelopeRecipient>, run: KeyRun, folders: Set<string>): Promise<void> {
  const held = run.held.get(before.path) ?? [];
  const mine = ownGroups(before, () => fingerprints).filter(({ group }) => !held.some((one) => one.group === group));
  if (mine.length === 0 && held.length < before.groups.length) return;
  const began = run.monotonicMs();
  let bid = answeredBy(before, mine, run);
  try {
    if (held.length + mine.length < before.groups.length) {
      run.held.set(before.path, [...held, ...await unwrapShares(before.path, mine.map(({ recipient }) => recipient), run.means)]);
      bid = { ...bid, state: 'share', error: null };
      await run.onBid(bid, false);
      return;
    }
    bid = { ...bid, state: 'opening', error: null };
    await run.onBid(bid, false);
    await writing(run.outFolder, () => mkdir(run.outFolder, { recursive: true }));
    const outFolder = await freeFolder(run.outFolder, bid, folders);
    const progress: WorkOptions = { signal: run.signal, onProgress: (doneBytes, totalBytes) => void run.onBid({ ...bid, doneBytes, totalBytes }, false) };
    const opened = await openBid(before.path, { recipients: mine.map(({ recipient }) => recipient), shares: held }, outFolder, run.means, progress);
    await run.onBid(openedBid(bid, opened, outFolder, run.means.clock(), run.monotonicMs() - began), true);
    letGo(run.held, before.path);
  } catch (thrown) {
    const error = toAppError(thrown);
    if (isOfTheKey(error)) {
      await run.onBid({ ...before, state: held.length > 0 ? 'share' : 'waiting' }, false);
      throw error;
    }
    await run.onBid({ ...before, state: 'refused', error: { code: error.code, details: error.details }, milliseconds: run.monotonicMs() - began }, true);
  }
}

/** Errors that say nothing of the bid. */
function isOfTheKey(error: AppError): boolean {
  return error.code in TOKEN_ERRORS || ['CANCELLED', 'INTERNAL', 'SEAL_DISK_FULL', 'SEAL_OUTPUT_FAILED', 'SEAL_OUTPUT_EXISTS'].includes(error.code);
}

function answeredBy(bid: OpeningBid, mine: ReturnType<typeof ownGroups>, run: KeyRun): OpeningBid {
  const atUtc = run.means.clock().toISOString();
  return {
    ...bid,
    groups: bid.groups.map((group, i) => {
      const own = mine.find((one) => one.group === i);
      return own ? { ...group, answered: { via: 'key' as const, serial: run.serial, label: own.label, fingerprintHex: own.fingerprintHex, atUtc } } : group;
    }),
  };
}

function openedBid(bid: OpeningBid, { manifest }: OpenedBid, outFolder: string, at: Date, milliseconds: number): OpeningBid {
  return {
    ...bid, state: 'opened', outFolder, openedAtUtc: at.toISOString(), milliseconds, doneBytes: bid.totalBytes, error: null, bidder: certificateFacts(manifest.signature.certificateDer),
    documents: manifest.manifest.documents.map(({ name, size, digest }) => ({ name, sizeBytes: size, digestHex: toHex(digest) })),
  };
}

/** Named by the bid's file. After a kill between writing and noting it, the folder is there already: the bid is opened again beside it. @param folders taken by other bids of this run */
async function freeFolder(parent: string, bid: OpeningBid, folders: Set<string>): Promise<string> {
  const base = join(parent, plainPart(`${basename(bid.path).replace(/\.bid$/i, '')}`));
  for (let n = 1; n < 1000; n++) {
    const path = n === 1 ? base : `${base} (${n})`;
    if (folders.has(path)) continue;
    folders.add(path);
    const there = await access(path).then(() => true, () => false);
    if (!there) return path;
  }
  return refuse('SEAL_OUTPUT_EXISTS', { name: base });
}

export function letGo(held: HeldShares, path: string): void {
  for (const { share } of held.get(path) ?? []) wipeBytes(share);
  held.delete(path);
}
