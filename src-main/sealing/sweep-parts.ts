/**
 * Names of unfinished files and folders, and the removal of those whose process is gone. Rule: only names of our own making, of this machine, of a process
 * that no longer lives; a number that the system gave to another process is left alone until that one ends.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isSystemError } from './system-errors.ts';

/** `.bidkey-<machine>-<process>-<random>.part`; the machine, since folders are shared over networks. */
const PART_NAME = /^\.bidkey-([0-9a-f]{8})-([1-9]\d{0,9})-[0-9a-f]{16}\.part$/;
const MACHINE = createHash('sha256').update([hostname(), process.platform, installationId()].join('\n')).digest('hex').slice(0, 8);

/** Tells machines of one name apart, Windows from a Linux on top of it: machine-id(5). Empty where the system has no such file. */
function installationId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return '';
  }
}

export const newPartName = (): string => `.bidkey-${MACHINE}-${process.pid}-${randomBytes(8).toString('hex')}.part`;

/** @returns names that were removed; a folder that cannot be read has none */
export async function sweepParts(folder: string): Promise<string[]> {
  const left = (await namesIn(folder)).filter((name) => {
    const [, machine, pid] = PART_NAME.exec(name) ?? [];
    return machine === MACHINE && !lives(Number(pid));
  });
  const swept: string[] = [];
  for (const name of left) if (await remove(join(folder, name))) swept.push(name);
  return swept;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    // What is wrong with the folder is told by the deed that wants to write there.
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'].some((code) => isSystemError(thrown, code))) return [];
    throw thrown;
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // EPERM: it lives and is somebody else's.
    return !isSystemError(thrown, 'ESRCH');
  }
}

async function remove(path: string): Promise<boolean> {
  try {
    await rm(path, { recursive: true, force: true });
    return true;
  } catch (thrown) {
    if (['EACCES', 'EPERM', 'EBUSY', 'ENOTEMPTY'].some((code) => isSystemError(thrown, code))) return false;
    throw thrown;
  }
}
