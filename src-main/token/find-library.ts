/** Finds the driver library of a model on this machine and makes sure that it is built for this processor, before anything is loaded. */
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, isAbsolute } from 'node:path';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { LIBRARY_HEADER_BYTES, readLibraryHeader } from './library-header.ts';
import type { TokenInterface, UkeyModelProfile } from '../ukey-models/ukey-model-profile.ts';

export interface Machine {
  readonly platform: string;
  readonly processor: string;
  /** Folders for bare library names, first match wins. */
  readonly libraryFolders: readonly string[];
}

const MULTIARCH: Readonly<Record<string, string>> = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu', loong64: 'loongarch64-linux-gnu', mips64el: 'mips64el-linux-gnuabi64', ia32: 'i386-linux-gnu' };

/** @param ownFolders libraries that come with BidKey; looked through first */
export function thisMachine(ownFolders: readonly string[] = []): Machine {
  return { platform: process.platform, processor: process.arch, libraryFolders: [...ownFolders, ...systemLibraryFolders(process.platform, process.arch)] };
}

function systemLibraryFolders(platform: string, processor: string): string[] {
  if (platform === 'win32') return [join(process.env['SystemRoot'] ?? 'C:\\Windows', processor === 'ia32' ? 'SysWOW64' : 'System32'), 'C:\\SoftHSM2\\lib'];
  if (platform === 'darwin') return ['/usr/local/lib', '/opt/homebrew/lib', '/Library/Security'];
  const multiarch = MULTIARCH[processor];
  const folders = ['/usr/lib', '/usr/lib64', '/usr/local/lib', ...(multiarch === undefined ? [] : [`/usr/lib/${multiarch}`, `/usr/local/lib/${multiarch}`])];
  return folders.flatMap((folder) => [folder, join(folder, 'softhsm'), join(folder, 'pkcs11')]);
}

/** Every place where the library of a model may be here, in the order to look. */
export function libraryCandidates(model: UkeyModelProfile, tokenInterface: TokenInterface, machine: Machine): string[] {
  const names = model.libraries.filter((place) => place.interface === tokenInterface && place.platform === machine.platform && place.processors.some((processor) => processor === machine.processor)).flatMap((place) => place.paths);
  return names.flatMap((name) => (isAbsolute(name) ? [name] : machine.libraryFolders.map((folder) => join(folder, name))));
}

/** @returns null when the model has no library here */
export function findLibrary(model: UkeyModelProfile, tokenInterface: TokenInterface, machine: Machine): string | null {
  return libraryCandidates(model, tokenInterface, machine).find((path) => existsSync(path)) ?? null;
}

/** @throws DRIVER_NOT_FOUND, DRIVER_LOAD_FAILED when it is no library, DRIVER_WRONG_PROCESSOR */
export async function checkLibrary(path: string, machine: Machine): Promise<void> {
  // A relative path would load whatever lies in the folder where BidKey was started.
  if (!isAbsolute(path)) refuse('DRIVER_NOT_FOUND', { paths: [path], reason: 'not an absolute path' });
  const { bytes, fileBytes } = await firstBytes(path);
  const header = readLibraryHeader(bytes);
  if (header === null) return refuse('DRIVER_LOAD_FAILED', { libraryPath: path, reason: 'not a library' });
  const fits = header.platform === machine.platform && header.processors.includes(machine.processor);
  if (!fits) refuse('DRIVER_WRONG_PROCESSOR', { libraryPath: path, wanted: `${machine.platform} ${machine.processor}`, found: `${header.platform} ${header.processors.join(', ')}` });
  if (fileBytes < header.leastFileBytes) refuse('DRIVER_LOAD_FAILED', { libraryPath: path, reason: 'cut off', fileBytes, leastFileBytes: header.leastFileBytes });
}

async function firstBytes(path: string): Promise<{ readonly bytes: Uint8Array; readonly fileBytes: number }> {
  try {
    const file = await open(path, 'r');
    try {
      const bytes = Buffer.alloc(LIBRARY_HEADER_BYTES);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      return { bytes: bytes.subarray(0, bytesRead), fileBytes: (await file.stat()).size };
    } finally {
      await file.close();
    }
  } catch (thrown) {
    throw new AppError('DRIVER_NOT_FOUND', { paths: [path] }, thrown);
  }
}
