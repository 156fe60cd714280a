/** The hall's side of remote opening within a session: one challenge file for each bid; answers that come back are laid beside the session and opened by the hall's key. */
import { copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DerReader } from '#shared/asn1/der-reader.ts';
import { toHex } from '#shared/bytes/hex.ts';
import type { EnvelopeRecipient } from '#shared/cms/envelope.ts';
import { readSignedData } from '#shared/cms/signed-data.ts';
import type { OpeningBid } from '#shared/contract/desktop/openings.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { ErrorCode } from '#shared/errors/error-table.ts';
import { certificateFacts } from '../certificate-facts.ts';
import { acceptShareAnswer, makeShareChallenge, type OpeningHall } from '../../sealing/remote-opening.ts';
import type { SealingMeans } from '../../sealing/sealing-means.ts';
import { reading, writing } from '../../sealing/system-errors.ts';
import { newId } from '../record-store.ts';
import { plainPart } from '../projects/project-view.ts';
import { writeWhole } from '../whole-file.ts';
import type { OpeningRecord } from './opening-record.ts';
import type { HeldShares } from './run-key.ts';

const MAX_ANSWER_BYTES = 64 << 10;
const MAX_ANSWERS = 5000;

export const challengesFolder = (sessionFolder: string): string => join(sessionFolder, 'challenges');
export const answersFolder = (sessionFolder: string): string => join(sessionFolder, 'answers');

type Challenge = OpeningRecord['challenges'][number];

/** One file for each bid that is not opened; a copy stays with the session, because an answer fits only its own challenge. */
export async function makeChallenges(sessionFolder: string, bids: readonly OpeningBid[], hall: OpeningHall, minutes: number, outFolder: string, means: SealingMeans): Promise<Challenge[]> {
  await writing(outFolder, () => mkdir(outFolder, { recursive: true }));
  const made: Challenge[] = [];
  const names = new Set<string>();
  for (const bid of bids) {
    if (bid.state === 'opened' || bid.state === 'refused' || bid.sealIdHex === null) continue;
    const challenge = await makeShareChallenge(bid.path, hall, minutes * 60_000, means);
    const file = `${bid.sealIdHex}.challenge`;
    await writeWhole(join(challengesFolder(sessionFolder), file), challenge, false);
    // Folders of several bidders may hold files of one name; none takes the place of another.
    const base = plainPart(bid.name.replace(/\.bid$/i, ''));
    const name = names.has(base.toLowerCase()) ? `${base}_${bid.sealIdHex.slice(0, 8)}` : base;
    names.add(base.toLowerCase());
    await writing(outFolder, () => writeWhole(join(outFolder, `${name}.challenge`), challenge, false));
    made.push({ sealIdHex: bid.sealIdHex, file, expiresAtUtc: new Date(means.clock().getTime() + minutes * 60_000).toISOString() });
  }
  return made;
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
  try {
    const { content } = readSignedData(bytes);
    if (content === null) return null;
    const inside = DerReader.open(content).readSequence('answer');
    inside.readString('label');
    inside.readOctetString('challenge digest');
    return toHex(inside.readOctetString('seal id'));
  } catch (thrown) {
    if (thrown instanceof AppError) return null;
    throw thrown;
  }
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

/** Opens what answers this hall's challenges. A bad answer is left out and stands in `refused`; it settles nothing of its bid. */
export async function acceptAnswers(sessionFolder: string, record: OpeningRecord, bids: readonly OpeningBid[], hall: readonly EnvelopeRecipient[], held: HeldShares, means: SealingMeans): Promise<{ readonly accepted: AcceptedAnswer[]; readonly refused: RefusedAnswer[] }> {
  const accepted: AcceptedAnswer[] = [];
  const refused: RefusedAnswer[] = [];
  const current = new Map(bids.map((bid) => [bid.path, bid]));
  for (const file of record.answers) {
    const answer = new Uint8Array(await readFile(join(answersFolder(sessionFolder), file)));
    const bid = [...current.values()].find((one) => one.sealIdHex === sealIdOfAnswer(answer) && one.state !== 'opened' && one.state !== 'refused');
    const challenge = bid && record.challenges.find((one) => one.sealIdHex === bid.sealIdHex);
    if (!bid || !challenge) continue;
    try {
      const { group, share, signature } = await acceptShareAnswer(bid.path, answer, new Uint8Array(await readFile(join(challengesFolder(sessionFolder), challenge.file))), hall, means);
      const before = (held.get(bid.path) ?? []).filter((one) => one.group !== group);
      held.set(bid.path, [...before, { group, share }]);
      const answered = answeredFromAfar(bid, group, certificateFacts(signature.certificateDer).subjectCommonName, means.clock());
      current.set(bid.path, answered);
      accepted.push({ file, bid: answered });
    } catch (thrown) {
      if (!(thrown instanceof AppError) || !/^SEAL_/.test(thrown.code)) throw thrown;
      // Another key made the challenge: its answers wait for that one.
      if (thrown.code !== 'SEAL_NOT_AN_OPENER') refused.push({ file, name: bid.name, code: thrown.code });
    }
  }
  return { accepted, refused };
}

function answeredFromAfar(bid: OpeningBid, group: number, signer: string, at: Date): OpeningBid {
  const groups = bid.groups.map((one, i) => (i === group ? { ...one, answered: { via: 'remote' as const, serial: null, label: signer, fingerprintHex: one.openers[0]?.fingerprintHex ?? '', atUtc: at.toISOString() } } : one));
  return { ...bid, groups, state: 'share' };
}
