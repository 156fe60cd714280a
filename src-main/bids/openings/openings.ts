/** Opening sessions (开标): made over a folder of bids, carried on by keys one after the other, ended by a signed transcript. What is settled is on the disk at once. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Opening, OpeningBid, OpeningSummary } from '#shared/contract/desktop/openings.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError, refuse, toAppError, type ErrorData } from '#shared/errors/app-error.ts';
import type { SealingMeans } from '../../sealing/sealing-means.ts';
import { chooseSigner } from '../../sealing/token-keys.ts';
import type { TokenPort } from '../../token/token-port.ts';
import type { BidLedger } from '../bid-ledger.ts';
import { certificateFacts } from '../certificate-facts.ts';
import { keyHolderOf, openKey, withKey, type LoggedInKey, type OpenKey } from '../log-in-key.ts';
import type { RecordStore } from '../record-store.ts';
import { findBids } from './find-bids.ts';
import { appendJournal, readJournal, type OpeningRecord } from './opening-record.ts';
import { acceptAnswers, makeChallenges, takeAnswers } from './remote-answers.ts';
import { fingerprintsOf, letGo, ownGroups, runKey, type HeldShares } from './run-key.ts';
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
    const found = record.bids ?? await findIfThere(record.folder);
    const settled = new Map<string, OpeningBid>();
    if (record.bids === null) for (const line of await readJournal(store.folderOf(record.id))) if ('bid' in line) settled.set(line.bid.path, line.bid);
    // Two calls at once must not make two lives of one session.
    const other = lives.get(record.id);
    if (other) return other;
    const made: Live = { bids: [...found.map((bid) => settled.get(bid.path) ?? bid), ...[...settled.values()].filter(({ path }) => !found.some((bid) => bid.path === path))], held: new Map(), running: null, ended: Promise.resolve(), error: null, lastNewsMs: -Infinity };
    lives.set(record.id, made);
    return made;
  }

  /** A folder that is gone (a stick that was pulled) takes nothing from what was settled. */
  async function findIfThere(folder: string): Promise<OpeningBid[]> {
    try {
      return await findBids(folder, means);
    } catch (thrown) {
      if (thrown instanceof AppError) return [];
      throw thrown;
    }
  }

  function view(record: OpeningRecord, one: Live): Opening {
    const { version: _version, revision: _revision, challenges: _challenges, answers, bids: _bids, ...facts } = record;
    const count = (state: OpeningBid['state']) => one.bids.filter((bid) => bid.state === state).length;
    return { ...facts, state: record.transcript ? 'finished' : one.running ? 'running' : 'open', bids: one.bids, opened: count('opened'), refused: count('refused'), total: one.bids.length, answers: answers.length, error: one.error };
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
        await checkUse(record, one, key, input.beforeTimeConfirmed ?? false);
      } catch (thrown) {
        await key.close();
        throw thrown;
      }
      one.error = null;
      one.ended = runSession(record, one, key, abort);
      return tell(record, one);
    } catch (thrown) {
      one.running = null;
      throw thrown;
    }
  }

  /** Nothing is asked of a key that opens nothing here, or before its time. */
  async function checkUse(record: OpeningRecord, one: Live, key: LoggedInKey, confirmed: boolean): Promise<void> {
    const open = one.bids.filter(({ state }) => state !== 'opened' && state !== 'refused');
    const fingerprints = fingerprintsOf(key.keys.recipients, means);
    // An answer from afar may complete any of them.
    const mine = record.answers.length > 0 ? open : open.filter((bid) => ownGroups(bid, () => fingerprints).length > 0);
    if (mine.length === 0) refuse('OPENING_KEY_USELESS', { serial: key.token.ref.serial });
    const now = means.clock();
    const early = mine.find(({ opensAtUtc }) => opensAtUtc !== null && new Date(opensAtUtc) > now);
    if (early && !confirmed) refuse('OPENING_TOO_EARLY', { name: early.name, opensAtUtc: early.opensAtUtc });
  }

  async function runSession(record: OpeningRecord, one: Live, key: OpenKey, abort: AbortController): Promise<void> {
    const before = { opened: countOpened(one), shares: one.held.size };
    const folder = store.folderOf(record.id);
    const put = (bid: OpeningBid) => {
      one.bids = one.bids.map((other) => (other.path === bid.path ? bid : other));
    };
    try {
      const { accepted, refused } = await acceptAnswers(folder, record, one.bids, key.keys.recipients, one.held, means);
      for (const { bid } of accepted) put(bid);
      const done = new Set([...accepted, ...refused].map(({ file }) => file));
      // A bad answer settles nothing of its bid, but nobody may wait for it.
      const [bad] = refused;
      if (bad) one.error = { code: bad.code, details: { file: bad.name } };
      if (done.size > 0) record = await store.change(record.id, (latest) => ({ ...latest, answers: latest.answers.filter((file) => !done.has(file)) }));
      await runKey(one.bids, {
        serial: key.token.ref.serial, recipients: key.keys.recipients, held: one.held, outFolder: record.outFolder, means, monotonicMs: deps.monotonicMs, signal: abort.signal,
        onBid: async (bid, settled) => {
          put(bid);
          if (settled) await settle(folder, bid);
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
      record = await endRun(record, one, key, countOpened(one) - before.opened, Math.max(0, one.held.size - before.shares));
    } catch (thrown) {
      deps.onFailure(record.id, thrown);
      one.error ??= toAppError(thrown).toData();
    } finally {
      await key.close();
      one.running = null;
      tell(record, one);
    }
  }

  async function settle(folder: string, bid: OpeningBid): Promise<void> {
    await appendJournal(folder, { bid });
    if (bid.state === 'opened' && bid.sealIdHex !== null) await deps.ledger.noteOpened(bid.sealIdHex);
  }

  /** The key stands in the session; when every bid is opened, the same login signs the transcript: one PIN for all. */
  async function endRun(record: OpeningRecord, one: Live, key: OpenKey, opened: number, shares: number): Promise<OpeningRecord> {
    const used = { serial: key.token.ref.serial, holder: keyHolderOf(key.token), usedAtUtc: means.clock().toISOString(), opened, shares };
    const next = await store.change(record.id, (latest) => ({ ...latest, keys: [...latest.keys, used] }));
    const all = one.bids.length > 0 && one.bids.every(({ state }) => state === 'opened');
    return all && key.keys.signers.length > 0 ? finishWith(next, one, key) : next;
  }

  async function finishWith(record: OpeningRecord, one: Live, key: LoggedInKey): Promise<OpeningRecord> {
    const transcript = await makeTranscript({ means, font: deps.font }, record, one.bids, chooseSigner(key.keys, means.clock()));
    for (const path of [...one.held.keys()]) letGo(one.held, path);
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
      // What is opened stays; of the rest only shares of the very same file: another copy may have come in its place.
      const before = new Map(one.bids.map((bid) => [bid.path, bid]));
      const kept = (bid: OpeningBid): OpeningBid => {
        const known = before.get(bid.path);
        return known && (known.state === 'opened' || (known.state === 'share' && known.sealIdHex === bid.sealIdHex && known.sizeBytes === bid.sizeBytes)) ? known : bid;
      };
      one.bids = [...found.map(kept), ...one.bids.filter(({ path, state }) => state === 'opened' && !found.some((bid) => bid.path === path))];
      for (const path of [...one.held.keys()]) if (!one.bids.some((bid) => bid.path === path && bid.state === 'share')) letGo(one.held, path);
      return tell(record, one);
    },
    useKey,
    async stop(openingId: string) {
      const { record, one } = await get(openingId);
      one.running?.abort();
      return view(record, one);
    },
    async makeChallenges(input: DesktopInput<'openings.makeChallenges'>) {
      const { record, one } = await getOpen(input.openingId);
      const challenges = await withKey(deps.tokens, input, async ({ keys }) => {
        const signer = chooseSigner(keys, means.clock());
        const hall = encryptionCertificateOf(keys);
        return makeChallenges(store.folderOf(record.id), one.bids, { certificateDer: hall, signer }, input.minutes, input.outFolder, means);
      });
      await mkdir(join(store.folderOf(record.id), 'answers'), { recursive: true, mode: 0o700 });
      return tell(await store.change(record.id, (latest) => ({ ...latest, challengeFolder: input.outFolder, challenges: [...latest.challenges.filter(({ sealIdHex }) => !challenges.some((made) => made.sealIdHex === sealIdHex)), ...challenges] })), one);
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
      for (const path of [...one.held.keys()]) letGo(one.held, path);
      lives.delete(openingId);
      await store.remove(openingId);
      return null;
    },
    async close() {
      for (const one of lives.values()) one.running?.abort();
      for (const one of lives.values()) {
        await one.ended;
        for (const path of [...one.held.keys()]) letGo(one.held, path);
      }
    },
  };
}

const countOpened = ({ bids }: Live): number => bids.filter(({ state }) => state === 'opened').length;

/** The newest certificate to which answers can be sealed. @throws SEAL_NOT_AN_OPENER */
function encryptionCertificateOf({ recipients }: LoggedInKey['keys']): Uint8Array {
  const usable = recipients.map(({ certificateDer }) => ({ certificateDer, facts: certificateFacts(certificateDer) })).filter(({ facts }) => ['encrypt', 'both'].includes(facts.purpose));
  usable.sort((a, b) => b.facts.notBeforeUtc.localeCompare(a.facts.notBeforeUtc));
  return usable[0]?.certificateDer ?? refuse('SEAL_NOT_AN_OPENER', { reason: 'no encryption certificate' });
}
