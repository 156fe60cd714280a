/** Opening sessions (开标): made over a folder of bids, carried on by keys one after the other, ended by a signed transcript. What is settled is on the disk at once. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Opening, OpeningBid, OpeningSummary } from '#shared/contract/desktop/openings.ts';
import type { DesktopInput, DesktopOutput } from '#shared/contract/desktop/desktop-contract.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { fromErrorData, refuse, toAppError, type ErrorData } from '#shared/errors/app-error.ts';
import { nullWhenRejected } from '#shared/errors/null-when-refused.ts';
import type { SealingMeans } from '../../sealing/sealing-means.ts';
import { chooseSigner } from '../../sealing/token-keys.ts';
import type { TokenPort } from '../../token/token-port.ts';
import type { BidLedger } from '../bid-ledger.ts';
import { certificateFacts } from '../certificate-facts.ts';
import { keyHolderOf, openKey, withKey, type LoggedInKey, type OpenKey } from '../log-in-key.ts';
import { BIDDER_GROUP } from '../projects/openers.ts';
import { newId, type RecordStore } from '../record-store.ts';
import { findBids } from './find-bids.ts';
import { appendJournal, type OpeningRecord, type SessionRun } from './opening-record.ts';
import { acceptAnswers, makeChallenges, takeAnswers } from './remote-answers.ts';
import { fingerprintsOf, letGo, ownOpeners, runKey, type HeldShares, type TriedOpeners } from './run-key.ts';
import { resumeSession, type ResumedSession } from './resume-session.ts';
import { identityOf, isOpen, rescannedBids, restoredBids } from './session-bids.ts';
import { makeTranscript } from './transcript.ts';

export interface OpeningDeps {
  readonly store: RecordStore<OpeningRecord>;
  readonly tokens: TokenPort;
  readonly means: SealingMeans;
  readonly ledger: BidLedger;
  readonly font: string;
  readonly monotonicMs: () => number;
  readonly onChange: (opening: Opening) => void;
  readonly onFailure: (openingId: string, thrown: unknown) => void;
}

/** What a session is while the program runs. */
interface Live {
  bids: OpeningBid[];
  readonly held: HeldShares;
  readonly tried: TriedOpeners;
  /** Bids that wait with an error, in the order in which they failed: they are tried last, the one that failed last behind the others. */
  readonly failed: Set<string>;
  /** Runs of an earlier start of the program that never ended. */
  readonly interrupted: readonly SessionRun[];
  running: AbortController | null;
  ended: Promise<void>;
  error: ErrorData | null;
  lastNewsMs: number;
}

const NEWS_EVERY_MS = 200;

export function createOpenings(deps: OpeningDeps) {
  const { store, means } = deps;
  const lives = new Map<string, Live>();

  /** From the disk, once: the folder as it was, and over it what the journal says was settled. */
  async function live(record: OpeningRecord): Promise<Live> {
    const known = lives.get(record.id);
    if (known) return known;
    const folder = store.folderOf(record.id);
    const { noted, adopted, interrupted }: ResumedSession = record.bids ? { noted: [], adopted: [], interrupted: [] } : await resumeSession(folder);
    // A folder that is gone (a stick that was pulled) takes nothing from what was settled.
    const bids = record.bids ?? restoredBids((await nullWhenRejected(() => findBids(record.folder, means))) ?? [], noted);
    // Two calls at once must not make two lives of one session.
    const other = lives.get(record.id);
    if (other) return other;
    const made: Live = { bids, held: new Map(), tried: new Map(), failed: new Set(), interrupted, running: null, ended: Promise.resolve(), error: null, lastNewsMs: -Infinity };
    for (const bid of noted) noteFailure(made, bid);
    lives.set(record.id, made);
    for (const bid of adopted) await settle(folder, made, bid);
    return made;
  }

  function view(record: OpeningRecord, one: Live): Opening {
    const { version: _version, revision: _revision, challenges: _challenges, answers, bids: _bids, ...facts } = record;
    const count = (state: OpeningBid['state']) => one.bids.filter((bid) => bid.state === state).length;
    return { ...facts, state: one.running ? 'running' : record.transcript ? 'finished' : 'open', bids: one.bids, opened: count('opened'), refused: count('refused'), total: one.bids.length, answers: answers.length, error: one.error };
  }

  const tell = (record: OpeningRecord, one: Live): Opening => {
    const opening = view(record, one);
    deps.onChange(opening);
    return opening;
  };
  const get = async (openingId: string) => {
    const record = await store.get(openingId);
    return { record, one: await live(record) };
  };
  const getOpen = async (openingId: string) => {
    const found = await get(openingId);
    if (found.record.transcript) refuse('OPENING_FINISHED');
    if (found.one.running) refuse('BID_WORK_RUNNING');
    return found;
  };

  async function useKey(input: DesktopInput<'openings.useKey'>): Promise<Opening> {
    const { record, one } = await getOpen(input.openingId);
    const abort = new AbortController();
    // From here on a second call is refused, also while the PIN is being checked.
    one.running = abort;
    try {
      const key = await openKey(deps.tokens, input);
      try {
        checkUse(record, one, key, input.beforeTimeConfirmed ?? false);
      } catch (thrown) {
        await key.close();
        throw thrown;
      }
      one.error = null;
      one.ended = runSession(record, one, key, abort, input.signTranscript);
      return tell(record, one);
    } catch (thrown) {
      one.running = null;
      throw thrown;
    }
  }

  /** Nothing is asked of a key that opens nothing here, or before its time. */
  function checkUse(record: OpeningRecord, one: Live, key: LoggedInKey, confirmed: boolean): void {
    const open = one.bids.filter(isOpen);
    const fingerprints = fingerprintsOf(key.keys.recipients, means);
    // An answer from afar may complete any of them.
    const mine = record.answers.length > 0 ? open : open.filter((bid) => ownOpeners(bid, fingerprints).length > 0);
    if (mine.length === 0) refuse('OPENING_KEY_USELESS', { serial: key.token.ref.serial });
    const now = means.clock();
    const early = mine.find(({ opensAtUtc }) => opensAtUtc !== null && new Date(opensAtUtc) > now);
    if (early && !confirmed) refuse('OPENING_TOO_EARLY', { name: early.name, opensAtUtc: early.opensAtUtc });
  }

  async function runSession(record: OpeningRecord, one: Live, key: OpenKey, abort: AbortController, signTranscript: boolean | undefined): Promise<void> {
    const before = { opened: countOpened(one), shares: one.held.size };
    const folder = store.folderOf(record.id);
    const run: SessionRun = { id: newId(), serial: key.token.ref.serial, holder: keyHolderOf(key.token), beganAtUtc: means.clock().toISOString() };
    try {
      await appendJournal(folder, { began: run });
      record = await takeFromAfar(record, one, key);
      await runKey(inLine(one), {
        serial: key.token.ref.serial, recipients: key.keys.recipients, held: one.held, tried: one.tried, outFolder: record.outFolder, means, monotonicMs: deps.monotonicMs, signal: abort.signal,
        onNaming: (bid) => appendJournal(folder, { naming: bid }),
        onBid: async (bid, lasts) => {
          put(one, bid);
          if (lasts) await settle(folder, one, bid);
          const nowMs = deps.monotonicMs();
          if (nowMs - one.lastNewsMs < NEWS_EVERY_MS) return;
          one.lastNewsMs = nowMs;
          tell(record, one);
        },
      });
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.code !== 'CANCELLED') {
        deps.onFailure(record.id, thrown);
        one.error = error.toData();
      }
    }
    try {
      const used = { serial: key.token.ref.serial, holder: keyHolderOf(key.token), usedAtUtc: means.clock().toISOString(), opened: countOpened(one) - before.opened, shares: Math.max(0, one.held.size - before.shares) };
      record = await endRun(record, one, key, used, signTranscript);
    } catch (thrown) {
      deps.onFailure(record.id, thrown);
      one.error ??= toAppError(thrown).toData();
    } finally {
      await appendJournal(folder, { ended: run.id }).catch((thrown: unknown) => deps.onFailure(record.id, thrown));
      await key.close();
      one.running = null;
      tell(record, one);
    }
  }

  /** Answers that this key opens, before it is asked about the bids. @throws what the key says when it is gone */
  async function takeFromAfar(record: OpeningRecord, one: Live, key: LoggedInKey): Promise<OpeningRecord> {
    const { accepted, refused, left, ended } = await acceptAnswers(store.folderOf(record.id), record, one.bids, key.keys.recipients, one.held, means);
    for (const { bid } of accepted) put(one, bid);
    // A bad answer settles nothing of its bid, but nobody may wait for it.
    const [bad] = refused;
    if (bad) one.error = { code: bad.code, details: { file: bad.name } };
    one.error ??= left[0]?.error.toData() ?? null;
    const moved = new Set([...accepted, ...refused, ...left].map(({ file }) => file));
    const next = moved.size === 0 ? record : await store.change(record.id, (latest) => ({ ...latest, answers: [...latest.answers.filter((file) => !moved.has(file)), ...left.map(({ file }) => file)] }));
    if (ended) throw ended;
    return next;
  }

  async function settle(folder: string, one: Live, bid: OpeningBid): Promise<void> {
    noteFailure(one, bid);
    // What is opened was noted before its folder got its name, and is found by that should this line be lost.
    await appendJournal(folder, { bid }, bid.state !== 'opened');
    if (bid.state === 'opened' && bid.sealIdHex !== null) await deps.ledger.noteOpened(bid.sealIdHex);
  }

  /** The key stands in the session; when every bid is opened, the same login signs the transcript if the person wants this key for it: one PIN for all. */
  async function endRun(record: OpeningRecord, one: Live, key: OpenKey, used: OpeningRecord['keys'][number], signTranscript: boolean | undefined): Promise<OpeningRecord> {
    const next = await store.change(record.id, (latest) => ({ ...latest, keys: [...latest.keys, used] }));
    const all = one.bids.length > 0 && one.bids.every(({ state }) => state === 'opened');
    const wanted = signTranscript ?? lookAt(one, key.keys.recipients).proposedForTranscript;
    return all && wanted && key.keys.signers.length > 0 ? finishWith(next, one, key) : next;
  }

  /** What a key is in a session, by its certificates. The transcript is proposed to a key of the tenderer's side: a bidder's signs it only when a person says so. */
  function lookAt(one: Live, certificates: readonly { readonly certificateDer: Uint8Array }[]): DesktopOutput<'openings.inspectKey'> {
    const fingerprints = fingerprintsOf(certificates, means);
    const own = one.bids.map((bid) => ({ bid, groups: ownOpeners(bid, fingerprints).map(({ group }) => bid.groups[group]?.name ?? '') }));
    const groups = [...new Set(own.flatMap((each) => each.groups))];
    return { groups, waiting: own.filter((each) => isOpen(each.bid) && each.groups.length > 0).length, proposedForTranscript: groups.some((name) => name !== BIDDER_GROUP) };
  }

  async function finishWith(record: OpeningRecord, one: Live, key: LoggedInKey): Promise<OpeningRecord> {
    const transcript = await makeTranscript({ means, font: deps.font }, record, one.bids, one.interrupted, chooseSigner(key.keys, means.clock()));
    for (const identity of [...one.held.keys()]) letGo(one.held, identity);
    return store.change(record.id, (latest) => ({ ...latest, transcript, bids: one.bids }));
  }

  return {
    list: async (): Promise<OpeningSummary[]> => Promise.all((await store.list()).map(async (record) => {
      const { bids: _bids, transcript: _transcript, keys: _keys, challengeFolder: _challenges, answers: _answers, error: _error, ...summary } = view(record, await live(record));
      return summary;
    })),
    async create({ name, folder, outFolder }: DesktopInput<'openings.create'>): Promise<Opening> {
      const bids = await findBids(folder, means);
      if (bids.length === 0) refuse('OPENING_EMPTY');
      const record = await store.create((common) => ({ version: 1, ...common, name, folder, outFolder, transcript: null, keys: [], challengeFolder: null, challenges: [], answers: [], bids: null }));
      return view(record, await live(record));
    },
    get: async (openingId: string) => {
      const { record, one } = await get(openingId);
      return view(record, one);
    },
    async rescan(openingId: string) {
      const { record, one } = await getOpen(openingId);
      const found = await findBids(record.folder, means);
      one.bids = rescannedBids(found, one.bids);
      one.failed.clear();
      one.tried.clear();
      const holding = new Set(one.bids.filter(({ state }) => state === 'share').map(identityOf));
      for (const identity of [...one.held.keys()]) if (!holding.has(identity)) letGo(one.held, identity);
      return tell(record, one);
    },
    useKey,
    async inspectKey({ openingId, token }: DesktopInput<'openings.inspectKey'>) {
      const { one } = await get(openingId);
      const { certificates } = await deps.tokens.get(token);
      return lookAt(one, certificates.map(({ certificateDer }) => ({ certificateDer: fromBase64(certificateDer) })));
    },
    async stop(openingId: string) {
      const { record, one } = await get(openingId);
      one.running?.abort();
      return view(record, one);
    },
    async makeChallenges(input: DesktopInput<'openings.makeChallenges'>) {
      const { record, one } = await getOpen(input.openingId);
      const { made, failed } = await withKey(deps.tokens, input, async ({ keys }) => {
        const signer = chooseSigner(keys, means.clock());
        const hall = encryptionCertificateOf(keys);
        return makeChallenges(store.folderOf(record.id), one.bids, { certificateDer: hall, signer }, input.minutes, input.outFolder, means);
      });
      for (const bid of failed) put(one, bid);
      const [bad] = failed;
      if (made.length === 0 && bad?.error) throw fromErrorData(bad.error);
      await mkdir(join(store.folderOf(record.id), 'answers'), { recursive: true, mode: 0o700 });
      return tell(await store.change(record.id, (latest) => ({ ...latest, challengeFolder: input.outFolder, challenges: [...latest.challenges.filter(({ sealIdHex }) => !made.some((newer) => newer.sealIdHex === sealIdHex)), ...made] })), one);
    },
    async addAnswers({ openingId, path }: DesktopInput<'openings.addAnswers'>) {
      const { record, one } = await getOpen(openingId);
      const taken = await takeAnswers(store.folderOf(record.id), path);
      return tell(await store.change(record.id, (latest) => ({ ...latest, answers: [...latest.answers, ...taken] })), one);
    },
    async finish(input: DesktopInput<'openings.finish'>) {
      const { record, one } = await getOpen(input.openingId);
      return tell(await withKey(deps.tokens, input, (key) => finishWith(record, one, key)), one);
    },
    async remove(openingId: string): Promise<null> {
      const { one } = await get(openingId);
      if (one.running) refuse('BID_WORK_RUNNING');
      for (const identity of [...one.held.keys()]) letGo(one.held, identity);
      lives.delete(openingId);
      await store.remove(openingId);
      return null;
    },
    async close() {
      for (const one of lives.values()) one.running?.abort();
      for (const one of lives.values()) {
        await one.ended;
        for (const identity of [...one.held.keys()]) letGo(one.held, identity);
      }
    },
  };
}

function put(one: Live, bid: OpeningBid): void {
  const identity = identityOf(bid);
  one.bids = one.bids.map((other) => (identityOf(other) === identity ? bid : other));
}

function noteFailure(one: Live, bid: OpeningBid): void {
  one.failed.delete(identityOf(bid));
  if (bid.error && isOpen(bid)) one.failed.add(identityOf(bid));
}

/** Those that failed come last, in the order in which they failed. */
function inLine({ bids, failed }: Live): OpeningBid[] {
  const places = new Map([...failed].map((identity, i) => [identity, i]));
  const placeOf = (bid: OpeningBid): number => places.get(identityOf(bid)) ?? -1;
  return [...bids].sort((a, b) => placeOf(a) - placeOf(b));
}

const countOpened = ({ bids }: Live): number => bids.filter(({ state }) => state === 'opened').length;

/** The newest certificate to which answers can be sealed. @throws SEAL_NOT_AN_OPENER */
function encryptionCertificateOf({ recipients }: LoggedInKey['keys']): Uint8Array {
  const usable = recipients.map(({ certificateDer }) => ({ certificateDer, facts: certificateFacts(certificateDer) })).filter(({ facts }) => ['encrypt', 'both'].includes(facts.purpose));
  usable.sort((a, b) => b.facts.notBeforeUtc.localeCompare(a.facts.notBeforeUtc));
  return usable[0]?.certificateDer ?? refuse('SEAL_NOT_AN_OPENER', { reason: 'no encryption certificate' });
}
