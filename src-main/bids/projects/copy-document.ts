/** Copies a file into a project folder: digested on the way, flushed, checked for what the part takes. The source is only read. */
import { createHash } from 'node:crypto';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { toHex } from '#shared/bytes/hex.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { checkName, findNameProblem } from '#shared/seal/document-name.ts';
import type { TakenFile } from '../files/uploads.ts';
import type { CheckPdf } from '../pdf/pdf-checks.ts';
import { newId } from '../record-store.ts';
import { reading, writing } from '../../sealing/system-errors.ts';

export interface CopiedDocument {
  /** Name in the folder of copies. */
  readonly file: string;
  readonly name: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly pages: number | null;
  readonly sha256Hex: string;
}

const PIECE_BYTES = 4 << 20;

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.pdf': 'application/pdf', '.doc': 'application/msword', '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', '.xls': 'application/vnd.ms-excel',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', '.wps': 'application/vnd.ms-works', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg', '.png': 'image/png', '.tif': 'image/tiff', '.tiff': 'image/tiff',
  '.txt': 'text/plain', '.csv': 'text/csv', '.xml': 'application/xml', '.json': 'application/json', '.zip': 'application/zip', '.rar': 'application/vnd.rar', '.7z': 'application/x-7z-compressed', '.dwg': 'image/vnd.dwg', '.mp4': 'video/mp4', '.ofd': 'application/ofd',
};

export const mediaTypeOf = (name: string): string => MEDIA_TYPES[extname(name).toLowerCase()] ?? 'application/octet-stream';

/** Of the detached signature that lies beside a document in the bid. */
export const signatureName = (name: string): string => `${name}.p7s`;

/** The name of a file as it may stand inside a bid, with room for that of its signature. @throws SEAL_NAME_REFUSED */
export function documentName(name: string): string {
  const plain = name.normalize('NFC');
  checkName(plain);
  if (plain.includes('/')) refuse('SEAL_NAME_REFUSED', { reason: 'more than one part', name: plain });
  const problem = findNameProblem(signatureName(plain));
  if (problem !== null) refuse('SEAL_NAME_REFUSED', { reason: problem, name: plain });
  return plain;
}

/** What a part takes. */
export interface Taking {
  /** Empty: anything. */
  readonly mediaTypes: readonly string[];
  readonly maxBytes: number | null;
}

/** @throws SEAL_NAME_REFUSED, BID_DOCUMENT_TYPE, BID_DOCUMENT_SIZE, BID_PDF_…, SEAL_SOURCE_…, SEAL_DISK_FULL, CANCELLED */
export async function copyDocument(source: TakenFile, name: string, taking: Taking, folder: string, checkPdf: CheckPdf): Promise<CopiedDocument> {
  const inside = documentName(name);
  const mediaType = mediaTypeOf(inside);
  const isPdf = mediaType === 'application/pdf';
  if (taking.mediaTypes.length > 0 && !taking.mediaTypes.includes(mediaType)) refuse('BID_DOCUMENT_TYPE', { name: inside, wanted: taking.mediaTypes });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = `${newId()}${isPdf ? '.pdf' : ''}`;
  const path = join(folder, file);
  try {
    const copied = await copyDigested(source, path);
    if (taking.maxBytes !== null && copied.sizeBytes > taking.maxBytes) refuse('BID_DOCUMENT_SIZE', { name: inside, gotBytes: copied.sizeBytes, maxBytes: taking.maxBytes });
    // The copy is checked, not the source: what was looked at is what will be sealed.
    const pages = isPdf ? (await checkPdf(path)).pages : null;
    return { file, name: inside, mediaType, pages, ...copied };
  } catch (thrown) {
    await rm(path, { force: true });
    throw thrown;
  }
}

async function copyDigested(source: TakenFile, path: string): Promise<{ sizeBytes: number; sha256Hex: string }> {
  const from = await reading(source.name, () => open(source.path, 'r'));
  try {
    const before = await from.stat({ bigint: true });
    if (!before.isFile()) refuse('SEAL_SOURCE_UNREADABLE', { reason: 'not a file', name: source.name });
    const digest = createHash('sha256');
    const buffer = new Uint8Array(PIECE_BYTES);
    let sizeBytes = 0;
    await writing(source.name, async () => {
      const to = await open(path, 'wx', 0o600);
      try {
        for (;;) {
          const { bytesRead } = await reading(source.name, () => from.read(buffer, 0, buffer.length, sizeBytes));
          if (bytesRead === 0) break;
          const piece = buffer.subarray(0, bytesRead);
          digest.update(piece);
          for (let done = 0; done < bytesRead; ) done += (await to.write(piece, done, bytesRead - done, sizeBytes + done)).bytesWritten;
          sizeBytes += bytesRead;
        }
        await to.sync();
      } finally {
        await to.close();
      }
    });
    const after = await from.stat({ bigint: true });
    if (after.size !== before.size || after.mtimeNs !== before.mtimeNs) refuse('SEAL_SOURCE_CHANGED', { name: source.name });
    return { sizeBytes, sha256Hex: toHex(digest.digest()) };
  } finally {
    await from.close();
  }
}

/** Digest of a copy, asked again when its file has changed since: reading gigabytes for every look at the check list would make it useless. */
export function createCopyDigests(): (path: string) => Promise<string | null> {
  const known = new Map<string, { readonly mark: string; readonly sha256Hex: string }>();
  return async (path) => {
    const state = await stat(path, { bigint: true }).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'ENOENT') return null;
      throw new AppError('SEAL_SOURCE_UNREADABLE', { reason: thrown.code ?? '' }, thrown);
    });
    if (state === null) return null;
    const mark = `${state.size} ${state.mtimeNs} ${state.ctimeNs} ${state.ino}`;
    const before = known.get(path);
    if (before?.mark === mark) return before.sha256Hex;
    const sha256Hex = await digestFile(path);
    known.set(path, { mark, sha256Hex });
    return sha256Hex;
  };
}

export async function digestFile(path: string): Promise<string> {
  const digest = createHash('sha256');
  await readPieces(path, async (piece) => void digest.update(piece));
  return toHex(digest.digest());
}

/** The file from beginning to end; each piece is valid until the promise of `take` settles. */
export async function readPieces(path: string, take: (piece: Uint8Array) => Promise<void>, signal?: AbortSignal): Promise<void> {
  const file = await reading(path, () => open(path, 'r'));
  try {
    const buffer = new Uint8Array(PIECE_BYTES);
    for (let at = 0; ; ) {
      if (signal?.aborted) refuse('CANCELLED');
      const { bytesRead } = await reading(path, () => file.read(buffer, 0, buffer.length, at));
      if (bytesRead === 0) return;
      await take(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}
