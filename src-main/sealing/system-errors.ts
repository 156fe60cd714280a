/** Errors of the file system under codes of ours: what failed to be written, what failed to be read. */
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { basename } from 'node:path';

const codeOf = (thrown: unknown): string | null => (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' && 'syscall' in thrown ? thrown.code : null);

/** EFBIG too: a disk of FAT32 holds no file of 4 GiB, and a quota ends likewise. */
const FULL: readonly string[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

export async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (thrown) {
    const reason = codeOf(thrown);
    if (thrown instanceof AppError || reason === null) throw thrown;
    if (FULL.includes(reason)) throw new AppError('SEAL_DISK_FULL', { reason, name: basename(path) }, thrown);
    throw new AppError(reason === 'EEXIST' || reason === 'ENOTEMPTY' ? 'SEAL_OUTPUT_EXISTS' : 'SEAL_OUTPUT_FAILED', { reason, name: basename(path) }, thrown);
  }
}

export async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    const reason = codeOf(thrown);
    if (thrown instanceof AppError || reason === null) throw thrown;
    throw new AppError('SEAL_SOURCE_UNREADABLE', { reason, name: basename(path) }, thrown);
  }
}

export const isSystemError = (thrown: unknown, code: string): boolean => codeOf(thrown) === code;

export function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) refuse('CANCELLED');
}
