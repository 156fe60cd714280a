/** Is dist/ as new as the sources it was built from? The build leaves a stamp when it is complete. */
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = ['src-shared', 'src-main', 'src-renderer', 'src-ca', 'resources', 'tools/build.mjs', 'vite.config.ts', 'package-lock.json'];
const stampFile = (root) => join(root, 'dist', '.built');

export function isBuilt(root) {
  const stamp = stampFile(root);
  return existsSync(stamp) && newestSource(root) <= statSync(stamp).mtimeMs;
}

/** @param {number} startedMs when the build began: what was changed during it is not in it */
export function markBuilt(root, startedMs) {
  writeFileSync(stampFile(root), '');
  utimesSync(stampFile(root), new Date(startedMs), new Date(startedMs));
}

function newestSource(root) {
  return Math.max(...SOURCES.map((name) => join(root, name)).filter(existsSync).map(newestIn));
}

function newestIn(path) {
  const facts = statSync(path);
  if (!facts.isDirectory()) return /\.test\.tsx?$/.test(path) ? 0 : facts.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newestIn(join(path, name))));
}
