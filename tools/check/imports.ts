/** Reads the imports of every source file, as repository paths. Text only: nothing is run. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export interface ImportEdge {
  /** Repository path of the importing file, with forward slashes. */
  readonly from: string;
  /** Repository path for our own files; the bare specifier for packages and `node:` modules. */
  readonly to: string;
  readonly own: boolean;
  /** `import type` or `export type … from`: gone after compilation. */
  readonly typeOnly: boolean;
}

const SOURCE_FILE = /\.(ts|tsx|mts)$/;
const SPECIFIER = /(?:^|[\n;])\s*(import|export)(\s+type)?\b([^'";]*?\bfrom\s*)?['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/g;

export function listSourceFiles(folders: readonly string[]): string[] {
  const files: string[] = [];
  const visit = (path: string) => {
    for (const name of readdirSync(path)) {
      if (name === 'node_modules' || name === 'dist') continue;
      const child = join(path, name);
      if (statSync(child).isDirectory()) visit(child);
      else if (SOURCE_FILE.test(name) && !name.endsWith('.d.ts')) files.push(relative(repositoryRoot, child).replaceAll('\\', '/'));
    }
  };
  for (const folder of folders) if (existsSync(join(repositoryRoot, folder))) visit(join(repositoryRoot, folder));
  return files.sort();
}

function resolveOwn(from: string, specifier: string): string | null {
  if (specifier.startsWith('#shared/')) return `src-shared/${specifier.slice('#shared/'.length)}`;
  if (specifier.startsWith('.')) return normalize(join(dirname(from), specifier)).replaceAll('\\', '/').replace(/\?.*$/, '');
  return null;
}

export function readImports(file: string): ImportEdge[] {
  const text = readFileSync(join(repositoryRoot, file), 'utf8');
  const edges: ImportEdge[] = [];
  for (const match of text.matchAll(SPECIFIER)) {
    const specifier = match[4] ?? match[5];
    if (specifier === undefined) continue;
    const own = resolveOwn(file, specifier);
    edges.push({ from: file, to: own ?? specifier, own: own !== null, typeOnly: match[2] !== undefined });
  }
  return edges;
}
