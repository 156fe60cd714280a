/** Where the loader of Linux would find a library: the folders that the library names, the loader's cache, the folders of the system. Word sizes are kept apart. */
import { dirname, join } from 'node:path';
import type { ElfNeeds } from './elf-dynamic.ts';
import type { SystemView } from './system-view.ts';

const CACHE_FILE = '/etc/ld.so.cache';
const MAX_CACHE_BYTES = 16 * 1024 * 1024;
const MAGIC = 'glibc-ld.so.cache1.1';
const HEADER_BYTES = 48;
const ENTRY_BYTES = 24;

/** Name → paths, from the cache of glibc (dl-cache.h, struct cache_file_new). @returns empty for a cache of another form: then only folders are looked through */
export function readLoaderCache(bytes: Uint8Array): ReadonlyMap<string, readonly string[]> {
  const cache = new Map<string, string[]>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = startOfNewCache(bytes);
  if (start === null || start + HEADER_BYTES > bytes.length) return cache;
  const count = view.getUint32(start + 20, true);
  if (start + HEADER_BYTES + count * ENTRY_BYTES > bytes.length) return cache;
  for (let index = 0; index < count; index++) {
    const at = start + HEADER_BYTES + index * ENTRY_BYTES;
    // Offsets count from the start of the new part.
    const [name, path] = [textAt(bytes, start + view.getUint32(at + 4, true)), textAt(bytes, start + view.getUint32(at + 8, true))];
    if (name === null || path === null) return new Map();
    cache.set(name, [...(cache.get(name) ?? []), path]);
  }
  return cache;
}

/** The new form may stand behind the old one (`ld.so-1.7.0`). */
function startOfNewCache(bytes: Uint8Array): number | null {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(MAGIC, 0, 'latin1');
  return at < 0 ? null : at;
}

function textAt(bytes: Uint8Array, at: number): string | null {
  if (at >= bytes.length) return null;
  const end = bytes.indexOf(0, at);
  return end < 0 || end - at > 4096 ? null : Buffer.from(bytes.subarray(at, end)).toString('latin1');
}

const FOLDERS: Readonly<Record<32 | 64, readonly string[]>> = {
  64: ['/lib64', '/usr/lib64', '/lib', '/usr/lib', '/usr/local/lib', ...['x86_64', 'aarch64', 'loongarch64'].flatMap((machine) => [`/lib/${machine}-linux-gnu`, `/usr/lib/${machine}-linux-gnu`]), '/lib/mips64el-linux-gnuabi64', '/usr/lib/mips64el-linux-gnuabi64'],
  32: ['/lib32', '/usr/lib32', '/lib', '/usr/lib', '/lib/i386-linux-gnu', '/usr/lib/i386-linux-gnu', '/usr/local/lib'],
};

/** @returns those of the needed libraries that the loader would not find */
export async function missingLibraries(libraryPath: string, needs: ElfNeeds, system: SystemView): Promise<string[]> {
  const cacheBytes = await system.read(CACHE_FILE, MAX_CACHE_BYTES);
  const cache = cacheBytes === null ? new Map<string, readonly string[]>() : readLoaderCache(cacheBytes);
  const own = needs.folders.map((folder) => folder.replaceAll('$ORIGIN', dirname(libraryPath)).replaceAll('${ORIGIN}', dirname(libraryPath)));
  const missing: string[] = [];
  for (const name of needs.libraries) if (!(await isThere(name, needs.processorBits, own, cache, system))) missing.push(name);
  return missing;
}

async function isThere(name: string, bits: 32 | 64, own: readonly string[], cache: ReadonlyMap<string, readonly string[]>, system: SystemView): Promise<boolean> {
  const places = name.includes('/') ? [name] : [...own.map((folder) => join(folder, name)), ...(cache.get(name) ?? []), ...FOLDERS[bits].map((folder) => join(folder, name))];
  for (const place of places) if (await hasWordSize(place, bits, system)) return true;
  return false;
}

/** A library of the other word size with the same name is passed over by the loader, too. */
async function hasWordSize(path: string, bits: 32 | 64, system: SystemView): Promise<boolean> {
  const start = await system.read(path, 5);
  return start !== null && start.length === 5 && start[0] === 0x7f && start[4] === (bits === 64 ? 2 : 1);
}

/** @returns the newest GLIBC version that is wanted and that this system does not have; null when all is well or not known */
export function newerGlibcWanted(needs: ElfNeeds, present: string | null): string | null {
  if (present === null) return null;
  const wanted = [...needs.versions.values()].flat().map((version) => /^GLIBC_(\d+\.\d+)/.exec(version)?.[1]).filter((version) => version !== undefined);
  const newest = wanted.sort(compareVersions).at(-1);
  return newest !== undefined && compareVersions(newest, present) > 0 ? newest : null;
}

function compareVersions(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => version.split('.').map(Number));
  return (a?.[0] ?? 0) - (b?.[0] ?? 0) || (a?.[1] ?? 0) - (b?.[1] ?? 0);
}
