/**
 * What a session finds of itself when the program starts again: what was noted, bids whose folder got its name in the moment before the program was killed, and runs
 * that never ended. Rule: the intent is noted before the name, so a bid that stands under its name is not opened a second time.
 */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpeningBid } from '#shared/contract/desktop/openings.ts';
import { isSystemError } from '../../sealing/system-errors.ts';
import { readJournal, type SessionRun } from './opening-record.ts';

export interface ResumedSession {
  /** Lines of the journal, oldest first, and behind them what is opened without having been noted. */
  readonly noted: readonly OpeningBid[];
  /** The latter alone: to be noted now. */
  readonly adopted: readonly OpeningBid[];
  readonly interrupted: readonly SessionRun[];
}

export async function resumeSession(sessionFolder: string): Promise<ResumedSession> {
  const lines = await readJournal(sessionFolder);
  const noted = lines.flatMap((line) => ('bid' in line ? [line.bid] : []));
  const known = new Set(noted.filter(({ state }) => state === 'opened').map(({ outFolder }) => outFolder));
  // Of several tries of one bid the last one.
  const named = new Map(lines.flatMap((line) => ('naming' in line && !known.has(line.naming.outFolder) ? [[line.naming.outFolder, line.naming] as const] : [])));
  const adopted: OpeningBid[] = [];
  for (const bid of named.values()) if (await standsWhole(bid)) adopted.push(bid);
  const ended = new Set(lines.flatMap((line) => ('ended' in line ? [line.ended] : [])));
  const interrupted = lines.flatMap((line) => ('began' in line && !ended.has(line.began.id) ? [line.began] : []));
  return { noted: [...noted, ...adopted], adopted, interrupted };
}

/** Its name was free before, and it gets it in one step: what stands there with these documents is ours. */
async function standsWhole({ outFolder, documents }: OpeningBid): Promise<boolean> {
  if (outFolder === null) return false;
  for (const { name, sizeBytes } of documents) {
    const state = await lookAt(join(outFolder, ...name.split('/')));
    if (!state?.isFile() || state.size !== sizeBytes) return false;
  }
  return (await lookAt(outFolder))?.isDirectory() ?? false;
}

async function lookAt(path: string) {
  try {
    return await lstat(path);
  } catch (thrown) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EIO'].some((code) => isSystemError(thrown, code))) return null;
    throw thrown;
  }
}
