/** Small files that are there whole or not at all, with the version before beside them: manifests of projects, drafts and sessions. */
import { randomBytes } from 'node:crypto';
import { copyFile, link, mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

const isMissing = (thrown: unknown): boolean => (thrown as NodeJS.ErrnoException).code === 'ENOENT';

/** Written beside, flushed, put in place; what stood there becomes `<path>.before`. */
export async function writeWhole(path: string, bytes: string | Uint8Array, keepBefore = true): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.${randomBytes(6).toString('hex')}.new`;
  const file = await open(beside, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  if (keepBefore) await keepLast(path);
  await rename(beside, path);
  await syncFolderOf(path);
}

/** A copy that is on the disk when it is answered; what stood at `to` goes. */
export async function copyWhole(from: string, to: string): Promise<void> {
  const beside = `${to}.${randomBytes(6).toString('hex')}.new`;
  await copyFile(from, beside);
  const file = await open(beside, 'r+');
  try {
    await file.chmod(0o600);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, to);
  await syncFolderOf(to);
}

async function keepLast(path: string): Promise<void> {
  try {
    await unlinkIfThere(`${path}.before`);
    await link(path, `${path}.before`);
  } catch (thrown) {
    // Nothing there yet; or a file system without links (FAT on a stick), where the atomic rename has to do.
    if (!isMissing(thrown) && !['EPERM', 'ENOTSUP', 'ENOSYS'].includes((thrown as NodeJS.ErrnoException).code ?? '')) throw thrown;
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
  }
}

async function syncFolderOf(path: string): Promise<void> {
  // Windows cannot flush folders.
  if (process.platform === 'win32') return;
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** @param check whether the value is what it should be @returns null when neither the file nor the version before can be read */
export async function readWhole<T>(path: string, check: (value: unknown) => value is T): Promise<T | null> {
  for (const one of [path, `${path}.before`]) {
    const value = await readJson(one);
    if (check(value)) return value;
  }
  return null;
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (thrown) {
    if (isMissing(thrown) || thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}
