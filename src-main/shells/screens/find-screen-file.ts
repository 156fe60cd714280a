/**
 * From the path of a request to a file of the built screens. Rule: what is not plainly a file below the folder is not served;
 * a path of the screens' own router (no extension) gives index.html.
 */
import { lstat, readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

/** File types that the build makes. A type that is not listed is not served. */
export const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  // Character maps and fonts that pdf.js asks for by name.
  '.bcmap': 'application/octet-stream',
  '.pfb': 'application/octet-stream',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
};

const INDEX = 'index.html';
/** One path segment: letters, digits and a few signs, not starting with a dot. Percent signs never: the build makes no name that needs them. */
const PLAIN_SEGMENT = /^[A-Za-z0-9_@~-][A-Za-z0-9._@~-]{0,127}$/;
const MAX_SEGMENTS = 16;

export interface ScreenFile {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/**
 * @param rawPath the path exactly as requested, still percent-encoded, without query: `/`, `/assets/index-1a2b.js`, `/orders/42`
 * @returns null when there is no such file or the path is not plain
 */
export async function findScreenFile(screensFolder: string, rawPath: string): Promise<ScreenFile | null> {
  const relative = screenPath(rawPath);
  if (relative === null) return null;
  const mediaType = MEDIA_TYPES[extname(relative)];
  if (mediaType === undefined) return null;
  const bytes = await readPlainFile(screensFolder, relative);
  return bytes === null ? null : { bytes, mediaType };
}

/** @returns path below the folder with `/` between segments; null when the path is not plain */
export function screenPath(rawPath: string): string | null {
  if (!rawPath.startsWith('/')) return null;
  const segments = rawPath.slice(1).split('/');
  const isFolder = segments.at(-1) === '';
  if (isFolder) segments.pop();
  if (segments.length > MAX_SEGMENTS || !segments.every((segment) => PLAIN_SEGMENT.test(segment))) return null;
  const last = segments.at(-1);
  if (last === undefined || extname(last) === '') return INDEX;
  return isFolder ? null : segments.join('/');
}

async function readPlainFile(folder: string, relative: string): Promise<Uint8Array | null> {
  const path = join(folder, ...relative.split('/'));
  try {
    // A link would lead out of the folder although the path does not: the real path must be the same one (asar archives have no links).
    const [realFolder, realFile, facts] = await Promise.all([realpath(folder), realpath(path), lstat(path)]);
    if (!facts.isFile() || realFile !== join(realFolder, ...relative.split('/')) || !realFile.startsWith(realFolder + sep)) return null;
    return await readFile(path);
  } catch (thrown) {
    if (isMissing(thrown)) return null;
    throw thrown;
  }
}

function isMissing(thrown: unknown): boolean {
  const code = (thrown as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG';
}
