/** The sealed bids of a folder (or the one file), as an opening session begins with them: what they say of themselves, nothing verified yet. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { OpeningBid } from '#shared/contract/desktop/openings.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { inspectBid } from '../../sealing/sealed-file.ts';
import type { SealingMeans } from '../../sealing/sealing-means.ts';
import { reading } from '../../sealing/system-errors.ts';

/** A folder of uploads has one folder per bidder at most. */
const MAX_DEPTH = 2;
const MAX_BIDS = 5000;

/** @throws SEAL_SOURCE_UNREADABLE when the folder is none */
export async function findBids(folder: string, means: SealingMeans): Promise<OpeningBid[]> {
  const state = await reading(folder, () => stat(folder));
  const paths = state.isFile() ? [folder] : await bidFilesIn(folder, 0);
  const bids: OpeningBid[] = [];
  for (const path of paths.slice(0, MAX_BIDS)) {
    const bid = await describeBid(path, means);
    if (bid) bids.push(bid);
  }
  return bids;
}

async function bidFilesIn(folder: string, depth: number): Promise<string[]> {
  const entries = (await reading(folder, () => readdir(folder, { withFileTypes: true }))).filter(({ name }) => !name.startsWith('.')).sort((a, b) => a.name.localeCompare(b.name, 'zh-CN', { numeric: true }));
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isFile() && /\.bid$/i.test(entry.name)) found.push(path);
    else if (entry.isDirectory() && depth + 1 < MAX_DEPTH) found.push(...await bidFilesIn(path, depth + 1));
  }
  return found;
}

/** @returns null for backups and tender packages under a name of bids */
export async function describeBid(path: string, means: SealingMeans): Promise<OpeningBid | null> {
  const empty = { path, name: basename(path), groups: [], bidder: null, outFolder: null, documents: [], openedAtUtc: null, milliseconds: null, doneBytes: 0 };
  try {
    const file = await inspectBid(path, means);
    if (file.kind !== 'sealed') return null;
    const { sealIdHex, bidId, tenderId, lot, payloadLength, rootHex, headerDigestHex } = file;
    return {
      ...empty, state: 'waiting', sealIdHex, bidId, tenderId, lot, rootHex, headerDigestHex, sealedAtUtc: file.sealedAtUtc, opensAtUtc: file.opensAtUtc, sizeBytes: (await stat(path)).size, totalBytes: payloadLength, error: null,
      groups: file.groups.map(({ name, openers }) => ({ name, openers: openers.map(({ label, fingerprintHex }) => ({ label, fingerprintHex })), answered: null })),
    };
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    // A bid that cannot be read is part of the opening: it is shown, and stands in the transcript.
    const sizeBytes = (await stat(path).catch(() => null))?.size ?? 0;
    return { ...empty, state: 'refused', sealIdHex: null, bidId: '', tenderId: '', lot: '', rootHex: null, sealedAtUtc: null, opensAtUtc: null, sizeBytes, totalBytes: 0, error: { code: thrown.code, details: thrown.details } };
  }
}
