/**
 * The folder browser of the screens. Rule: it shows the home folder and removable drives, nothing else of the machine, and no hidden files;
 * a link that leads out of them is not followed. (A path that the person types is not bound to this: it may lead wherever the person may read.)
 */
import { mkdir, readdir, realpath, stat, statfs } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { basename, dirname, extname, isAbsolute, join, resolve, sep } from 'node:path';
import type { FolderEntry, FolderListing } from '#shared/contract/desktop/bid-files.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { checkName } from '#shared/seal/document-name.ts';

const MAX_ENTRIES = 2000;

type Place = FolderListing['places'][number];

/** Where drives are mounted for a person. */
function mountFolders(platform: NodeJS.Platform): string[] {
  if (platform === 'darwin') return ['/Volumes'];
  const { username } = userInfo();
  return [join('/media', username), join('/run/media', username), '/mnt'];
}

async function drives(platform: NodeJS.Platform): Promise<Place[]> {
  if (platform === 'win32') {
    // The system's own drive is not removable; the home folder on it is shown.
    const system = (process.env['SystemDrive'] ?? 'C:').toUpperCase();
    const letters = [...'DEFGHIJKLMNOPQRSTUVWXYZAB'].map((letter) => `${letter}:`).filter((letter) => letter !== system);
    const there = await Promise.all(letters.map(async (letter) => ((await isFolder(`${letter}\\`)) ? [{ kind: 'drive' as const, name: letter, path: `${letter}\\` }] : [])));
    return there.flat();
  }
  const found: Place[] = [];
  for (const mounts of mountFolders(platform)) {
    for (const name of await namesIn(mounts)) {
      const path = join(mounts, name);
      if (await isFolder(path)) found.push({ kind: 'drive', name, path });
    }
  }
  return found;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.'));
  } catch (thrown) {
    // No such folder: nothing is mounted there, or it belongs to somebody else.
    if (['ENOENT', 'EACCES', 'ENOTDIR', 'EPERM'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return [];
    throw thrown;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}

async function listPlaces(home: string): Promise<Place[]> {
  const inHome = (['documents', 'desktop', 'downloads'] as const).flatMap((kind) => HOME_FOLDERS[kind].map((name) => ({ kind, name, path: join(home, name) })));
  const there = await Promise.all(inHome.map(async (place) => ((await isFolder(place.path)) ? [place] : [])));
  return [{ kind: 'home', name: basename(home), path: home }, ...there.flat(), ...(await drives(process.platform))];
}

const HOME_FOLDERS = { documents: ['Documents', '文档'], desktop: ['Desktop', '桌面'], downloads: ['Downloads', '下载'] } as const;

const isWithin = (path: string, place: string): boolean => path === place || path.startsWith(place.endsWith(sep) ? place : place + sep);

/** @throws FILE_PLACE_REFUSED, FILE_FOLDER_UNREADABLE */
async function realFolder(path: string, places: readonly Place[]): Promise<string> {
  if (!isAbsolute(path)) refuse('FILE_PLACE_REFUSED');
  const [real, ...roots] = await Promise.all([reading(() => realpath(resolve(path))), ...places.map((place) => realpath(place.path))]);
  if (!roots.some((root) => isWithin(real, root))) refuse('FILE_PLACE_REFUSED');
  return real;
}

async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    const reason = (thrown as NodeJS.ErrnoException).code;
    if (thrown instanceof AppError || reason === undefined) throw thrown;
    throw new AppError('FILE_FOLDER_UNREADABLE', { reason }, thrown);
  }
}

export async function listFolder(path: string | null, endings: readonly string[] | undefined, home = homedir()): Promise<FolderListing> {
  const places = await listPlaces(home);
  const folder = await realFolder(path ?? home, places);
  const found = (await reading(() => readdir(folder, { withFileTypes: true }))).filter((entry) => !entry.name.startsWith('.'));
  const entries = await Promise.all(found.slice(0, MAX_ENTRIES).map(({ name }) => describe(join(folder, name), name)));
  const wanted = entries.filter((entry): entry is FolderEntry => entry !== null && (entry.kind === 'folder' || !endings || endings.includes(extname(entry.name).toLowerCase())));
  wanted.sort((a, b) => (a.kind === b.kind ? a.name.localeCompare(b.name, 'zh-CN', { numeric: true }) : a.kind === 'folder' ? -1 : 1));
  const roots = await Promise.all(places.map((place) => realpath(place.path)));
  const parent = dirname(folder);
  return { path: folder, parent: parent !== folder && roots.some((root) => isWithin(parent, root)) ? parent : null, places, entries: wanted, cut: found.length > MAX_ENTRIES, freeBytes: await freeBytesAt(folder) };
}

async function describe(path: string, name: string): Promise<FolderEntry | null> {
  const state = await stat(path).catch(() => null);
  if (!state || !(state.isFile() || state.isDirectory())) return null;
  return { name, path, kind: state.isFile() ? 'file' : 'folder', sizeBytes: state.isFile() ? state.size : null, modifiedAtUtc: new Date(Math.floor(state.mtimeMs)).toISOString() };
}

/** @returns null when the system does not tell */
export async function freeBytesAt(folder: string): Promise<number | null> {
  const state = await statfs(folder).catch(() => null);
  return state ? state.bavail * state.bsize : null;
}

/** @throws SEAL_NAME_REFUSED, FILE_PLACE_REFUSED, FILE_FOLDER_UNREADABLE */
export async function makeFolder(parent: string, name: string, home = homedir()): Promise<FolderListing> {
  checkName(name);
  if (name.includes('/')) refuse('SEAL_NAME_REFUSED', { reason: 'more than one part', name });
  const folder = join(await realFolder(parent, await listPlaces(home)), name);
  await reading(() => mkdir(folder));
  return listFolder(folder, undefined, home);
}
