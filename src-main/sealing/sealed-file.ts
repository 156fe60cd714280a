/** A sealed bid, backup or tender package on disk, its public parts read and checked for form; nothing is decrypted yet. Spec §1, §13. */
import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { concatBytes, equalBytes } from '#shared/bytes/byte-strings.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { checkStoredLength, FOOTER_BYTES, HEADER_TAG_BYTES, layoutOf, planChunks, PRELUDE_BYTES, readFooter, readPrelude, type ChunkPlan, type FileLayout } from '#shared/seal/file-layout.ts';
import { inspectFile, type InspectedFile } from '#shared/seal/inspect-file.ts';
import { plainHeaderTag } from '#shared/seal/key-schedule.ts';
import type { Means } from '#shared/seal/prepare-file.ts';
import { readHeader, type SealHeader } from '#shared/seal/seal-header.ts';
import { headerDigestOf, readTrailer, type SealTrailer } from '#shared/seal/seal-trailer.ts';
import { meansFor, type SealingMeans } from './sealing-means.ts';
import { reading } from './system-errors.ts';

/** An open file and who is told how much of it is read. */
export interface ReadableFile {
  readonly path: string;
  readonly handle: FileHandle;
  readonly onRead: ((octets: number) => void) | null;
}

export interface SealedFile extends ReadableFile {
  readonly header: SealHeader;
  readonly preludeAndHeader: Uint8Array;
  readonly headerTag: Uint8Array;
  readonly headerDigest: Uint8Array;
  readonly trailer: SealTrailer;
  readonly layout: FileLayout;
  readonly plan: ChunkPlan;
  readonly means: Means;
}

/** A file that was looked at before, and which one that was: whatever lies under its name by now, only that very file is meant. */
export interface KnownFile {
  readonly path: string;
  readonly headerDigestHex: string;
  readonly rootHex: string;
}

export type BidFile = string | KnownFile;

/** Runs a deed on the file and closes it. @throws SEAL_NOT_OURS, SEAL_VERSION, SEAL_HEADER_…, SEAL_LENGTH, SEAL_TRAILER_MALFORMED, …; SEAL_FILE_REPLACED when it is not the known one */
export async function withSealedFile<T>(bid: BidFile, means: SealingMeans, deed: (file: SealedFile) => Promise<T>): Promise<T> {
  const path = typeof bid === 'string' ? bid : bid.path;
  const handle = await reading(path, () => open(path, 'r'));
  try {
    const readable = { path, handle, onRead: means.onRead ?? null };
    return await deed(typeof bid === 'string' ? await readParts(readable, means) : await readKnownParts(readable, bid, means));
  } finally {
    await handle.close();
  }
}

/** The header digest covers everything in front of the payload, the root all of it: no other file has both. */
async function readKnownParts(readable: ReadableFile, known: KnownFile, means: SealingMeans): Promise<SealedFile> {
  try {
    const file = await readParts(readable, means);
    if (toHex(file.headerDigest) === known.headerDigestHex && toHex(file.trailer.root) === known.rootHex) return file;
  } catch (thrown) {
    // The known file could be read: what is malformed now is another one. Only a file that cannot be read at all says nothing of that.
    if (!(thrown instanceof AppError) || thrown.code === 'SEAL_SOURCE_UNREADABLE') throw thrown;
  }
  return refuse('SEAL_FILE_REPLACED', { name: basename(readable.path) });
}

/** Everything public, without a key; nothing is verified. */
export function inspectBid(path: string, means: SealingMeans): Promise<InspectedFile> {
  return withSealedFile(path, means, async (file) => inspectFile(file));
}

async function readParts(readable: ReadableFile, means: SealingMeans): Promise<SealedFile> {
  const state = await reading(readable.path, () => readable.handle.stat());
  if (!state.isFile()) refuse('SEAL_SOURCE_UNREADABLE', { reason: 'not a file' });
  if (state.size < PRELUDE_BYTES) refuse('SEAL_NOT_OURS');
  const prelude = await readAt(readable, 0, PRELUDE_BYTES);
  const headerLength = readPrelude(prelude);
  // Against the file's length before anything is taken for it.
  if (state.size < PRELUDE_BYTES + headerLength + HEADER_TAG_BYTES + FOOTER_BYTES) refuse('SEAL_LENGTH', { reason: 'cut off' });
  const trailerLength = readFooter(await readAt(readable, state.size - FOOTER_BYTES, FOOTER_BYTES));
  const layout = layoutOf(state.size, headerLength, trailerLength);
  const front = await readAt(readable, PRELUDE_BYTES, headerLength + HEADER_TAG_BYTES);
  const [headerDer, headerTag] = [front.subarray(0, headerLength), front.subarray(headerLength)];
  const header = readHeader(headerDer);
  const trailer = readTrailer(await readAt(readable, layout.trailerOffset, trailerLength));
  const plan = planChunks(header.core, trailer.payloadLength);
  checkStoredLength(layout, plan);
  const bound = meansFor(means, header.core.suite);
  const preludeAndHeader = concatBytes(prelude, headerDer);
  if (header.core.kind === 'plain' && !equalBytes(plainHeaderTag(bound.suite, preludeAndHeader), headerTag)) refuse('SEAL_HEADER_MAC');
  return { ...readable, header, preludeAndHeader, headerTag, headerDigest: headerDigestOf(bound.suite, preludeAndHeader, headerTag), trailer, layout, plan, means: bound };
}

/** @throws SEAL_LENGTH when the file ends before */
export async function readAt({ handle, path, onRead }: ReadableFile, offset: number, length: number, into: Uint8Array = new Uint8Array(length)): Promise<Uint8Array> {
  for (let done = 0; done < length; ) {
    const { bytesRead } = await reading(path, () => handle.read(into, done, length - done, offset + done));
    if (bytesRead === 0) refuse('SEAL_LENGTH', { reason: 'the file became shorter' });
    onRead?.(bytesRead);
    done += bytesRead;
  }
  return into.subarray(0, length);
}
