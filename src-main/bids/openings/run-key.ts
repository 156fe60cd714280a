/**
 * One key over the bids of a session: it gives its shares, and what is complete opens, several bids at once. Whose fault an error is, `judge-fault.ts` says: the bid is refused, or
 * it waits with its error and is asked last from then on, or the run ends. Bids that failed before are tried alone and behind all others: a driver that dies of one takes none with it.
 */
import { access, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { OpeningBid } from '#shared/contract/desktop/openings.ts';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import { toHex } from '#shared/bytes/hex.ts';
import type { EnvelopeRecipient } from '#shared/cms/envelope.ts';
import { refuse, toAppError, type AppError } from '#shared/errors/app-error.ts';
import type { GroupShare } from '#shared/seal/collect-shares.ts';
import { createBatchBuffers } from '../../sealing/batch-buffers.ts';
import { openBid, type OpenedBid } from '../../sealing/open-bid.ts';
import { meansFor, type SealingMeans } from '../../sealing/sealing-means.ts';
import { writing } from '../../sealing/system-errors.ts';
import { askKeys, type AskedKeys } from '../../sealing/unwrap-shares.ts';
import { certificateFacts } from '../certificate-facts.ts';
import { plainPart } from '../projects/project-view.ts';
import { judgeEnvelope, judgeFault, type Fault } from './judge-fault.ts';
import { fileOf, identityOf, isOpen } from './session-bids.ts';

/** Shares that came from keys and answers, by bid, until the session ends; only ever in memory. */
export type HeldShares = Map<string, GroupShare[]>;
/** Fingerprints of openers whose envelope did not open, by bid. */
export type TriedOpeners = Map<string, Set<string>>;

export interface KeyRun {
  readonly serial: string;
  readonly recipients: readonly EnvelopeRecipient[];
  readonly held: HeldShares;
  readonly tried: TriedOpeners;
  readonly outFolder: string;
  readonly means: SealingMeans;
  readonly monotonicMs: () => number;
  /** What a bid looks like now; `lasts` when that is to outlive the program: it is opened, refused, or waits with an error. */
  readonly onBid: (bid: OpeningBid, lasts: boolean) => Promise<void>;
  /** The bid as it will stand when its folder has its name, which it gets next. */
  readonly onNaming?: (bid: OpeningBid) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface OwnOpener<Key = EnvelopeRecipient> {
  readonly group: number;
  readonly recipient: Key;
  readonly label: string;
  readonly fingerprintHex: string;
}

/** Openers of the bid that a key of this set is, by place; in one group there may be several. */
export function ownOpeners<Key>(bid: OpeningBid, fingerprints: ReadonlyMap<string, Key>): OwnOpener<Key>[] {
  return bid.groups.flatMap(({ openers }, group) => openers.flatMap(({ fingerprintHex, label }) => {
    const recipient = fingerprints.get(fingerprintHex);
    return recipient ? [{ group, recipient, label, fingerprintHex }] : [];
  }));
}

/** The fingerprints of the keys by both digests: a bid names its openers by that of its suite. */
export function fingerprintsOf<Key extends { readonly certificateDer: Uint8Array }>(keys: readonly Key[], means: SealingMeans): ReadonlyMap<string, Key> {
  const both = (['sm', 'aes'] as const).map((id) => meansFor(means, id).suite);
  return new Map(keys.flatMap((key) => both.map((suite) => [toHex(suite.digest(key.certificateDer)), key] as const)));
}

/** While one bid waits for the disk to have it, the next one has the key. */
const AT_ONCE = 3;

/** @param bids in the order in which they are to be tried @throws what ended the run before its end: what the key says, CANCELLED, or what two bids in a row failed with */
export async function runKey(bids: readonly OpeningBid[], wanted: KeyRun): Promise<void> {
  const run: Going = { ...wanted, means: { ...wanted.means, buffers: createBatchBuffers() }, fingerprints: fingerprintsOf(wanted.recipients, wanted.means), folders: new Set(), worked: new Set(), again: [], lastUnclear: null, ended: null };
  const waiting = bids.filter(isOpen);
  await eachOf(waiting.filter(({ error }) => error === null), AT_ONCE, run);
  // By now the key has shown whether it works at all.
  await eachOf([...run.again.splice(0), ...waiting.filter(({ error }) => error !== null)], 1, run);
  if (run.ended) throw run.ended;
}

interface Going extends KeyRun {
  readonly fingerprints: ReadonlyMap<string, EnvelopeRecipient>;
  /** Taken by other bids of this run. */
  readonly folders: Set<string>;
  /** Keys that have given a right share in this run. */
  readonly worked: Set<EnvelopeRecipient>;
  /** Their envelopes did not open, and the key had not shown yet that it works. */
  readonly again: OpeningBid[];
  lastUnclear: { readonly identity: string; readonly code: string } | null;
  ended: unknown;
}

async function eachOf(bids: OpeningBid[], atOnce: number, run: Going): Promise<void> {
  const work = async (): Promise<void> => {
    for (let bid = bids.shift(); bid && run.ended === null; bid = bids.shift()) {
      try {
        if (run.signal.aborted) refuse('CANCELLED');
        await tryBid(bid, run);
      } catch (thrown) {
        run.ended ??= thrown;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

/** @throws what ends the run */
async function tryBid(before: OpeningBid, run: Going): Promise<void> {
  const held = run.held.get(identityOf(before)) ?? [];
  const own = ownOpeners(before, run.fingerprints).filter(({ group }) => !held.some((one) => one.group === group));
  if (own.length === 0 && held.length < before.groups.length) return;
  const began = run.monotonicMs();
  const { bid, fault } = await attempt(before, held, own, run);
  const milliseconds = run.monotonicMs() - began;
  if (fault) return bear(before, { ...bid, milliseconds }, fault, run);
  run.lastUnclear = null;
  if (bid.state !== 'opened') return run.onBid(bid, false);
  letGo(run.held, identityOf(bid));
  await run.onBid({ ...bid, milliseconds }, true);
}

interface Outcome {
  readonly bid: OpeningBid;
  readonly fault: { readonly error: AppError; readonly whose: Fault } | null;
}

async function attempt(before: OpeningBid, held: readonly GroupShare[], own: readonly OwnOpener[], run: Going): Promise<Outcome> {
  try {
    const asked = own.length > 0 ? await askKeys(fileOf(before), own.map(({ recipient }) => recipient), run.means) : { given: [], faults: [] };
    noteAsked(before, asked, own, run);
    const bid = answeredBy(before, asked.given, own, run);
    const given = asked.given.map(({ group, share }) => ({ group, share }));
    if (held.length + given.length < before.groups.length) return waitForOthers(bid, [...held, ...given], asked.faults, run);
    try {
      return { bid: await openNow(bid, [...held, ...given], run), fault: null };
    } finally {
      wipeBytes(...given.map(({ share }) => share));
    }
  } catch (thrown) {
    const error = toAppError(thrown);
    return { bid: before, fault: { error, whose: judgeFault(error) } };
  }
}

function noteAsked(bid: OpeningBid, { given, faults }: AskedKeys, own: readonly OwnOpener[], run: Going): void {
  for (const { recipient } of given) run.worked.add(recipient);
  const tried = run.tried.get(identityOf(bid)) ?? new Set();
  for (const { recipient } of faults) for (const one of own) if (one.recipient === recipient) tried.add(one.fingerprintHex);
  run.tried.set(identityOf(bid), tried);
}

/** A group is missing: nobody of it was here, or the key did not open its envelope. */
function waitForOthers(bid: OpeningBid, shares: GroupShare[], faults: AskedKeys['faults'], run: Going): Outcome {
  if (shares.length > 0) run.held.set(identityOf(bid), shares);
  const waiting: OpeningBid = { ...bid, state: shares.length > 0 ? 'share' : 'waiting', error: null };
  const missed = faults.findLast(({ group }) => !shares.some((one) => one.group === group));
  if (!missed) return { bid: waiting, fault: null };
  const tried = run.tried.get(identityOf(bid));
  const othersLeft = bid.groups[missed.group]?.openers.some(({ fingerprintHex }) => tried?.has(fingerprintHex) !== true) ?? false;
  return { bid: waiting, fault: { error: missed.error, whose: judgeEnvelope(missed.error, othersLeft, run.worked.has(missed.recipient)) } };
}

async function openNow(bid: OpeningBid, shares: readonly GroupShare[], run: Going): Promise<OpeningBid> {
  const opening: OpeningBid = { ...bid, state: 'opening', error: null };
  await run.onBid(opening, false);
  await writing(run.outFolder, () => mkdir(run.outFolder, { recursive: true }));
  const outFolder = await freeFolder(run.outFolder, bid, run.folders);
  let named: OpeningBid = opening;
  await openBid(fileOf(bid), { recipients: [], shares }, outFolder, run.means, {
    signal: run.signal,
    onProgress: (doneBytes, totalBytes) => void run.onBid({ ...opening, doneBytes, totalBytes }, false),
    beforeNaming: async (opened) => {
      named = openedBid(opening, opened, outFolder, run.means.clock());
      await run.onNaming?.(named);
    },
  });
  return named;
}

/** What becomes of a bid that did not open, and of the run. @throws what ends the run */
async function bear(before: OpeningBid, bid: OpeningBid, { error, whose }: NonNullable<Outcome['fault']>, run: Going): Promise<void> {
  if (whose === 'run') {
    await run.onBid(before, false);
    throw error;
  }
  const withError: OpeningBid = { ...bid, error: { code: error.code, details: error.details } };
  if (whose === 'bid') {
    letGo(run.held, identityOf(bid));
    return run.onBid({ ...withError, state: 'refused' }, true);
  }
  await run.onBid({ ...withError, milliseconds: before.milliseconds }, true);
  if (whose === 'disk') throw error;
  if (whose === 'file') return;
  if (error.code === 'SEAL_UNWRAP_FAILED') run.again.push(withError);
  const last = run.lastUnclear;
  run.lastUnclear = { identity: identityOf(bid), code: error.code };
  if (last?.code === error.code && last.identity !== identityOf(bid)) throw error;
}

function answeredBy(bid: OpeningBid, given: AskedKeys['given'], own: readonly OwnOpener[], run: Going): OpeningBid {
  const atUtc = run.means.clock().toISOString();
  return {
    ...bid,
    groups: bid.groups.map((group, i) => {
      const giver = given.find((one) => one.group === i)?.recipient;
      const opener = own.find((one) => one.group === i && one.recipient === giver);
      return opener ? { ...group, answered: { via: 'key' as const, serial: run.serial, label: opener.label, fingerprintHex: opener.fingerprintHex, atUtc } } : group;
    }),
  };
}

function openedBid(bid: OpeningBid, { manifest }: OpenedBid, outFolder: string, at: Date): OpeningBid {
  return {
    ...bid, state: 'opened', outFolder, openedAtUtc: at.toISOString(), doneBytes: bid.totalBytes, error: null, bidder: certificateFacts(manifest.signature.certificateDer),
    documents: manifest.manifest.documents.map(({ name, size, digest }) => ({ name, sizeBytes: size, digestHex: toHex(digest) })),
  };
}

/** Named by the bid's file, with a number where that name is taken. @param folders taken by other bids of this run */
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

export function letGo(held: HeldShares, identity: string): void {
  for (const { share } of held.get(identity) ?? []) wipeBytes(share);
  held.delete(identity);
}
