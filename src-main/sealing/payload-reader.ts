/** Reads chunks of a payload, decrypts and authenticates them on the thread pool: any range, or batch after batch. Spec §6. */
import { AppError } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import { chunkNonce, plainBytesOf, storedBytesOf } from '#shared/seal/file-layout.ts';
import type { FileKeys } from '#shared/seal/key-schedule.ts';
import { BATCH_BYTES } from './payload-writer.ts';
import { readAt, type SealedFile } from './sealed-file.ts';

export interface ChunkRun {
  readonly first: number;
  readonly count: number;
}

/** How many chunks make a batch. */
export const batchChunks = (file: SealedFile): number => Math.min(file.plan.chunkCount, BATCH_BYTES / file.plan.chunkBytes);

/** Octets of plaintext in a run. */
export const plainLengthOf = (file: SealedFile, run: ChunkRun): number => (run.count - 1) * file.plan.chunkBytes + plainBytesOf(file.plan, run.first + run.count - 1);

/** The chunks of a run as they stand in the file, views into one buffer. */
export async function readStored(file: SealedFile, run: ChunkRun, into?: Uint8Array): Promise<Uint8Array[]> {
  const { plan } = file;
  const length = (run.count - 1) * plan.storedBytes + storedBytesOf(plan, run.first + run.count - 1);
  const bytes = await readAt(file, file.layout.payloadOffset + run.first * plan.storedBytes, length, into);
  return Array.from({ length: run.count }, (_, i) => bytes.subarray(i * plan.storedBytes, Math.min((i + 1) * plan.storedBytes, length)));
}

/** @param out as long as the plaintext of the run @throws SEAL_CHUNK_DAMAGED with the number of the first that does not open */
export async function openChunks(file: SealedFile, keys: FileKeys | null, run: ChunkRun, stored: readonly Uint8Array[], out: Uint8Array): Promise<void> {
  const { plan, header, means } = file;
  assert(out.length === plainLengthOf(file, run) && (keys !== null) === (header.core.kind === 'sealed'), 'room for the run, keys for a sealed file');
  const opened = await Promise.allSettled(stored.map(async (chunk, i) => {
    const number = run.first + i;
    const start = i * plan.chunkBytes;
    const plain = out.subarray(start, start + plainBytesOf(plan, number));
    if (keys) await means.suite.decrypt(keys.payloadKey, chunkNonce(number, number === plan.chunkCount - 1), header.core.identity.sealId, chunk, plain);
    else plain.set(chunk);
  }));
  opened.forEach((result, i) => {
    if (result.status === 'fulfilled') return;
    const fault: unknown = result.reason;
    throw fault instanceof AppError && fault.code === 'DECRYPT_FAILED' ? new AppError('SEAL_CHUNK_DAMAGED', { chunk: run.first + i }) : fault;
  });
}

/** Plaintext octets from … to; reads the chunks they stand in, and no others. For short ranges. */
export async function readPlainRange(file: SealedFile, keys: FileKeys | null, from: number, to: number): Promise<Uint8Array> {
  const first = Math.floor(from / file.plan.chunkBytes);
  const run = { first, count: Math.floor((to - 1) / file.plan.chunkBytes) - first + 1 };
  const plain = new Uint8Array(plainLengthOf(file, run));
  await openChunks(file, keys, run, await readStored(file, run), plain);
  return plain.subarray(from - first * file.plan.chunkBytes, to - first * file.plan.chunkBytes);
}
