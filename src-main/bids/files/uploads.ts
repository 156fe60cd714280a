/** Files that a page hands over piece by piece (dropped on it: a browser tells no path). They lie in the data folder until they are taken over or given up. */
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { FileSource } from '#shared/contract/desktop/bid-files.ts';
import { refuse } from '#shared/errors/app-error.ts';
import { newId } from '../record-store.ts';

interface Upload {
  readonly name: string;
  readonly sizeBytes: number;
  readonly path: string;
  done: number;
}

/** A file as a deed takes it: where it lies, what the person calls it. */
export interface TakenFile {
  readonly path: string;
  readonly name: string;
}

export interface Uploads {
  begin(name: string, sizeBytes: number): Promise<{ uploadId: string }>;
  append(uploadId: string, offset: number, bytes: Uint8Array): Promise<void>;
  discard(uploadId: string): Promise<void>;
  /** Runs a deed on the file; an upload is gone afterwards. @throws UPLOAD_NOT_FOUND */
  take<T>(source: FileSource, deed: (file: TakenFile) => Promise<T>): Promise<T>;
}

const MAX_OPEN = 64;

/** What an earlier run left is removed. */
export function openUploads(folder: string): Uploads {
  const uploads = new Map<string, Upload>();
  const ready = rm(folder, { recursive: true, force: true }).then(() => mkdir(folder, { recursive: true, mode: 0o700 }));
  const find = (uploadId: string) => uploads.get(uploadId) ?? refuse('UPLOAD_NOT_FOUND');
  const discard = async (uploadId: string): Promise<void> => {
    const upload = uploads.get(uploadId);
    uploads.delete(uploadId);
    if (upload) await rm(upload.path, { force: true });
  };

  return {
    async begin(name, sizeBytes) {
      await ready;
      if (uploads.size >= MAX_OPEN) refuse('BID_WORK_RUNNING');
      const uploadId = newId();
      const path = join(folder, uploadId);
      await (await open(path, 'wx', 0o600)).close();
      uploads.set(uploadId, { name: basename(name.replaceAll('\\', '/')), sizeBytes, path, done: 0 });
      return { uploadId };
    },
    async append(uploadId, offset, bytes) {
      const upload = find(uploadId);
      // In order and never beyond what was announced: the page cannot fill the disk with one upload.
      if (offset !== upload.done || offset + bytes.length > upload.sizeBytes) refuse('UPLOAD_NOT_FOUND', { reason: 'out of order' });
      const file = await open(upload.path, 'r+');
      try {
        await file.write(bytes, 0, bytes.length, offset);
      } finally {
        await file.close();
      }
      upload.done += bytes.length;
    },
    discard,
    async take(source, deed) {
      if ('path' in source) return deed({ path: source.path, name: basename(source.path) });
      const upload = find(source.uploadId);
      if (upload.done !== upload.sizeBytes || (await stat(upload.path)).size !== upload.sizeBytes) refuse('UPLOAD_NOT_FOUND', { reason: 'not complete' });
      try {
        return await deed({ path: upload.path, name: upload.name });
      } finally {
        await discard(source.uploadId);
      }
    },
  };
}
