/** The hall's side of remote opening within a session: one challenge file for each bid; answers that come back are laid beside the session and opened by the hall's key. */
import { copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DerReader } from '#shared/asn1/der-reader.ts';
import { wipeBytes } from '#shared/bytes/byte-strings.ts';
import { toHex } from '#shared/bytes/hex.ts';
import type { EnvelopeRecipient } from '#shared/cms/envelope.ts';
import { readSignedData } from '#shared/cms/signed-data.ts';
import type { OpeningBid } from '#shared/contract/desktop/openings.ts';
import { AppError, refuse, toAppError } from '#shared/errors/app-error.ts';
import { nullWhenRefused } from '#shared/errors/null-when-refused.ts';
import type { ErrorCode } from '#shared/errors/error-table.ts';
import type { AcceptedShare } from '#shared/seal/remote-share.ts';
import { acceptShareAnswer, makeShareChallenge, type OpeningHall } from '../../sealing/remote-opening.ts';
import type { SealingMeans } from '../../sealing/sealing-means.ts';
import { reading, writing } from '../../sealing/system-errors.ts';
import { newId } from '../record-store.ts';
import { plainPart } from '../projects/project-view.ts';
import { writeWhole } from '../whole-file.ts';
import { judgeFault } from './judge-fault.ts';
import type { OpeningRecord } from './opening-record.ts';
import type { HeldShares } from './run-key.ts';
import { fileOf, identityOf, isOpen } from './session-bids.ts';

const MAX_ANSWER_BYTES = 64 << 10;
const MAX_ANSWERS = 5000;

export const challengesFolder = (sessionFolder: string): string => join(sessionFolder, 'challenges');
export const answersFolder = (sessionFolder: string): string => join(sessionFolder, 'answers');

type Challenge = OpeningRecord['challenges'][number];

export interface MadeChallenges {
  readonly made: readonly Challenge[];
  /** Bids that cannot be asked about, each with its error; they keep no other from its challenge. */
  readonly failed: readonly OpeningBid[];
}

/** One file for each bid that is not opened; a copy stays with the session, because an answer fits only its own challenge. @throws what the key says, SEAL_OUTPUT_… */
export async function makeChallenges(sessionFolder: string, bids: readonly OpeningBid[], hall: OpeningHall, minutes: number, outFolder: string, means: SealingMeans): Promise<MadeChallenges> {
  await writing(outFolder, () => mkdir(outFolder, { recursive: true }));
  const made: Challenge[] = [];
  const failed: OpeningBid[] = [];
  const names = new Set<string>();
  for (const bid of bids) {
    if (!isOpen(bid) || bid.sealIdHex === null) continue;
    const challenge = await challengeOf(bid, hall, minutes, means);
    if (challenge instanceof AppError) {
      failed.push({ ...bid, error: { code: challenge.code, details: challenge.details } });
      continue;
    }
    const file = `${bid.sealIdHex}.challenge`;
    await writeWhole(join(challengesFolder(sessionFolder), file), challenge, false);
    // Folders of several bidders may hold files of one name; none takes the place of another.
    const base = plainPart(bid.name.replace(/\.bid$/i, ''));
    const name = names.has(base.toLowerCase()) ? `${base}_${bid.sealIdHex.slice(0, 8)}` : base;
    names.add(base.toLowerCase());
    await writing(outFolder, () => writeWhole(join(outFolder, `${name}.challenge`), challenge, false));
    made.push({ sealIdHex: bid.sealIdHex, file, expiresAtUtc: new Date(means.clock().getTime() + minutes * 60_000).toISOString() });
  }
  return { made, failed };
}

/** Or what is wrong with the bid. @throws what the key says */
async function challengeOf(bid: OpeningBid, hall: OpeningHall, minutes: number, means: SealingMeans): Promise<Uint8Array | AppError> {
  try {
    return await makeShareChallenge(fileOf(bid), hall, minutes * 60_000, means);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code.startsWith('SEAL_')) return thrown;
    throw thrown;
  }
}

/** @returns names of the copies @throws SEAL_ANSWER_INVALID when a single file is none */
export async function takeAnswers(sessionFolder: string, path: string): Promise<string[]> {
  const state = await reading(path, () => stat(path));
  const paths = state.isDirectory() ? (await reading(path, () => readdir(path))).filter((name) => /\.(answer|share)$/i.test(name)).sort().slice(0, MAX_ANSWERS).map((name) => join(path, name)) : [path];
  await mkdir(answersFolder(sessionFolder), { recursive: true, mode: 0o700 });
  const taken: string[] = [];
  for (const one of paths) {
    if ((await reading(one, () => stat(one))).size > MAX_ANSWER_BYTES || sealIdOfAnswer(new Uint8Array(await reading(one, () => readFile(one)))) === null) {
      if (!state.isDirectory()) refuse('SEAL_ANSWER_INVALID', { reason: 'no answer' });
      continue;
    }
    const file = `${newId()}.answer`;
    await copyFile(one, join(answersFolder(sessionFolder), file));
    taken.push(file);
  }
  return taken;
}

/** Which bid it claims to be for, so that not every answer is tried on every bid; nothing is believed yet. */
export function sealIdOfAnswer(bytes: Uint8Array): string | null {
  return nullWhenRefused(() => {
    const { content } = readSignedData(bytes);
    if (content === null) return null;
    const inside = DerReader.open(content).readSequence('answer');
    inside.readString('label');
    inside.readOctetString('challenge digest');
    return toHex(inside.readOctetString('seal id'));
  });
}

export interface AcceptedAnswer {
  readonly file: string;
  readonly bid: OpeningBid;
}

export interface RefusedAnswer {
  readonly file: string;
  /** Of the bid that it claims to be for. */
  readonly name: string;
  readonly code: ErrorCode;
}

/** It stays with the session and is tried again, after the others. */
export interface LeftAnswer {
  readonly file: string;
  readonly error: AppError;
}

export interface TakenAnswers {
  readonly accepted: readonly AcceptedAnswer[];
  readonly refused: readonly RefusedAnswer[];
  readonly left: readonly LeftAnswer[];
  /** The key is gone: nothing more can be asked of it. */
  readonly ended: AppError | null;
}

/** Opens what answers this hall's challenges. A bad answer is left out and stands in `refused`; it settles nothing of its bid. */
export async function acceptAnswers(sessionFolder: string, record: OpeningRecord, bids: readonly OpeningBid[], hall: readonly EnvelopeRecipient[], held: HeldShares, means: SealingMeans): Promise<TakenAnswers> {
  const accepted: AcceptedAnswer[] = [];
  const refused: RefusedAnswer[] = [];
  const left: LeftAnswer[] = [];
  const current = new Map(bids.map((bid) => [identityOf(bid), bid]));
  let lastUnclear: string | null = null;
  for (const file of record.answers) {
    let name = '';
    try {
      const answer = new Uint8Array(await reading(file, () => readFile(join(answersFolder(sessionFolder), file))));
      const sealIdHex = sealIdOfAnswer(answer);
      const bid = [...current.values()].find((one) => one.sealIdHex === sealIdHex && isOpen(one));
      const challenge = bid && record.challenges.find((one) => one.sealIdHex === bid.sealIdHex);
      if (!bid || !challenge) continue;
      name = bid.name;
      const share = await acceptShareAnswer(fileOf(bid), answer, new Uint8Array(await readFile(join(challengesFolder(sessionFolder), challenge.file))), hall, means);
      const answered = holdAnswer(bid, share, held, means.clock());
      current.set(identityOf(bid), answered);
      accepted.push({ file, bid: answered });
      lastUnclear = null;
    } catch (thrown) {
      const error = toAppError(thrown);
      // Another key made the challenge: its answers wait for that one.
      if (error.code === 'SEAL_NOT_AN_OPENER') continue;
      const whose = judgeFault(error);
      if (whose === 'run') return { accepted, refused, left, ended: error };
      if (whose === 'bid') {
        refused.push({ file, name, code: error.code });
        continue;
      }
      left.push({ file, error });
      // Twice in a row: the rest of the answers would fare no better now. The bids may: they are asked about all the same.
      if (whose === 'unclear' && lastUnclear === error.code) break;
      if (whose === 'unclear') lastUnclear = error.code;
    }
  }
  return { accepted, refused, left, ended: null };
}

/** Who signed the answer is not judged here: the record names the opener's certificate, of which only its key can have given the share. */
function holdAnswer(bid: OpeningBid, { group, share, fingerprint }: AcceptedShare, held: HeldShares, at: Date): OpeningBid {
  const before = held.get(identityOf(bid)) ?? [];
  for (const one of before) if (one.group === group) wipeBytes(one.share);
  held.set(identityOf(bid), [...before.filter((one) => one.group !== group), { group, share }]);
  const fingerprintHex = toHex(fingerprint);
  const groups = bid.groups.map((one, i) => (i === group ? { ...one, answered: { via: 'remote' as const, serial: null, label: one.openers.find((opener) => opener.fingerprintHex === fingerprintHex)?.label ?? '', fingerprintHex, atUtc: at.toISOString() } } : one));
  return { ...bid, groups, state: 'share' };
}
