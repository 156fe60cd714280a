/**
 * A file that appears under its final name complete or not at all: written beside it, flushed to the disk, then linked. Nothing is overwritten.
 * A process that is killed leaves a hidden `.part` file at most, which the next deed in that folder sweeps away (sweep-parts.ts).
 */
import { access, link, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { refuse } from '#shared/errors/app-error.ts';
import { newPartName } from './sweep-parts.ts';
import { isSystemError, writing } from './system-errors.ts';
import { WriteBehind } from './write-behind.ts';

export class NewFile {
  readonly path: string;
  readonly #partPath: string;
  readonly #handle: FileHandle;
  readonly #behind: WriteBehind;
  #at = 0;
  #open = true;

  private constructor(path: string, partPath: string, handle: FileHandle) {
    this.path = path;
    this.#partPath = partPath;
    this.#handle = handle;
    this.#behind = new WriteBehind(handle.fd);
  }

  /** @throws SEAL_OUTPUT_EXISTS, SEAL_OUTPUT_FAILED, SEAL_DISK_FULL */
  static async create(path: string): Promise<NewFile> {
    if (await exists(path)) refuse('SEAL_OUTPUT_EXISTS', { name: basename(path) });
    const partPath = join(dirname(path), newPartName());
    return new NewFile(path, partPath, await writing(path, () => open(partPath, 'wx', 0o600)));
  }

  /** Appends. */
  async write(bytes: Uint8Array): Promise<void> {
    await writing(this.path, async () => {
      for (let done = 0; done < bytes.length; ) done += (await this.#handle.write(bytes, done, bytes.length - done, this.#at + done)).bytesWritten;
    });
    this.#at += bytes.length;
    this.#behind.reached(this.#at);
  }

  /** Now it stands under its name, or nothing does. @throws SEAL_OUTPUT_EXISTS, SEAL_OUTPUT_FAILED, SEAL_DISK_FULL */
  async commit(): Promise<void> {
    await writing(this.path, async () => {
      await this.#handle.sync();
      await this.#close();
      await giveName(this.#partPath, this.path);
      try {
        await syncFolder(dirname(this.path));
      } catch (thrown) {
        await unlinkIfThere(this.path);
        throw thrown;
      }
    });
  }

  /** Leaves nothing; may be called at any time before commit, and again. */
  async discard(): Promise<void> {
    await this.#close();
    await unlinkIfThere(this.#partPath);
  }

  async #close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#behind.settled();
    await this.#handle.close();
  }
}

/** A link refuses an existing name in one step; file systems without links (FAT on USB sticks) get a look and a rename. */
async function giveName(partPath: string, path: string): Promise<void> {
  try {
    await link(partPath, path);
    await unlink(partPath);
  } catch (thrown) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].some((code) => isSystemError(thrown, code))) throw thrown;
    if (await exists(path)) refuse('SEAL_OUTPUT_EXISTS', { name: basename(path) });
    await rename(partPath, path);
  }
}

export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (thrown) {
    if (isSystemError(thrown, 'ENOENT')) return false;
    throw thrown;
  }
}

export async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (thrown) {
    if (!isSystemError(thrown, 'ENOENT')) throw thrown;
  }
}

/** What file systems answer that flush no folders (network shares, FUSE), or that let nobody read the folder: the name stands, and more cannot be done for it. */
const FLUSHES_NO_FOLDER = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EBADF', 'EISDIR', 'EACCES', 'EPERM'];

/** Only then does the name survive a power cut. Windows opens no folders and needs none of it. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    if (!FLUSHES_NO_FOLDER.some((code) => isSystemError(thrown, code))) throw thrown;
  }
}
