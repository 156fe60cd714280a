/** What the diagnosis reads of the machine: files, folders, links and rights under a root, and on Windows two programs of the system. Never writes. */
import { execFile } from 'node:child_process';
import { open, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { release, userInfo } from 'node:os';
import { join, relative } from 'node:path';

export interface FileState {
  readonly kind: 'file' | 'folder' | 'socket' | 'other';
  readonly bytes: number;
  /** Permission bits of Unix. */
  readonly mode: number;
  readonly userId: number;
  readonly groupId: number;
}

export interface SystemView {
  readonly platform: string;
  readonly processor: string;
  readonly release: string;
  /** Null: as on Windows. */
  readonly user: { readonly userId: number; readonly groupIds: readonly number[] } | null;
  /** Version of the running C library, for example 2.36; null where there is none. */
  readonly glibcVersion: string | null;
  /** Of this process; its children are those of this program, too. */
  readonly processId: number;
  /** @returns null when it cannot be read; at most `maxBytes` from the beginning */
  read(path: string, maxBytes: number): Promise<Uint8Array | null>;
  /** Octets from somewhere inside; shorter at the end. */
  readAt(path: string, offset: number, length: number): Promise<Uint8Array | null>;
  /** Names, sorted; empty when it cannot be read. */
  list(path: string): Promise<string[]>;
  /** @returns null when it is not there or may not be looked at */
  state(path: string): Promise<FileState | null>;
  /** Where a link leads, as it stands there; null when it is none or may not be read. */
  link(path: string): Promise<string | null>;
  /** The file behind every link; null when it is not there. */
  resolve(path: string): Promise<string | null>;
  /** What a program of the system prints; null when it is not there, fails or takes longer than five seconds. */
  run(program: string, words: readonly string[]): Promise<string | null>;
}

const RUN_LIMIT_MS = 5_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** @param root a folder that stands for the root of the machine; tests build one */
export function thisSystem(root = ''): SystemView {
  const at = (path: string) => (root === '' ? path : join(root, path));
  return {
    platform: process.platform, processor: process.arch, release: release(), user: currentUser(), glibcVersion: glibcVersion(), processId: process.pid,
    read: (path, maxBytes) => readBytes(at(path), 0, maxBytes),
    readAt: (path, offset, length) => readBytes(at(path), offset, length),
    list: (path) => orElse([], async () => (await readdir(at(path))).sort()),
    state: (path) => orElse(null, async () => {
      const found = await stat(at(path));
      const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : found.isSocket() ? 'socket' : 'other';
      return { kind, bytes: found.size, mode: found.mode & 0o7777, userId: found.uid, groupId: found.gid };
    }),
    link: (path) => orElse(null, () => readlink(at(path))),
    resolve: (path) => orElse(null, async () => (root === '' ? realpath(path) : `/${relative(await realpath(root), await realpath(at(path)))}`)),
    run: (program, words) => new Promise((resolve) => {
      execFile(program, [...words], { timeout: RUN_LIMIT_MS, maxBuffer: MAX_OUTPUT_BYTES, windowsHide: true }, (error, stdout) => resolve(error ? null : stdout));
    }),
  };
}

function currentUser(): SystemView['user'] {
  if (process.getuid === undefined || process.getgroups === undefined) return null;
  return { userId: process.getuid(), groupIds: [...new Set([...process.getgroups(), userInfo().gid])] };
}

function glibcVersion(): string | null {
  const report = process.report.getReport() as { readonly header?: { readonly glibcVersionRuntime?: unknown } };
  const version = report.header?.glibcVersionRuntime;
  return typeof version === 'string' && /^\d+\.\d+$/.test(version) ? version : null;
}

/** Files of /proc say that they are empty, so they are read piece by piece to their end. */
const PIECE_BYTES = 64 * 1024;

function readBytes(path: string, offset: number, length: number): Promise<Uint8Array | null> {
  return orElse(null, async () => {
    const file = await open(path, 'r');
    try {
      const pieces: Uint8Array[] = [];
      for (let done = 0; done < length; ) {
        const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, length - done));
        const { bytesRead } = await file.read(piece, 0, piece.length, offset + done);
        if (bytesRead === 0) break;
        pieces.push(piece.subarray(0, bytesRead));
        done += bytesRead;
      }
      const [only, second] = pieces;
      return only !== undefined && second === undefined ? only : Buffer.concat(pieces);
    } finally {
      await file.close();
    }
  });
}

/** What the system refuses or does not have is an answer here. */
async function orElse<T>(otherwise: T, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown) return otherwise;
    throw thrown;
  }
}
