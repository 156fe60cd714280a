/**
 * A core dump of ours could hold a PIN. Linux lets a process say which memory goes into its dump, and its children inherit that: none.
 * Elsewhere dumps are off unless the person turns them on; Electron's own crash reporter is never started.
 */
import { writeFileSync } from 'node:fs';

const FILTER_FILE = '/proc/self/coredump_filter';

/** @returns whether the system took it */
export function keepMemoryOutOfCoreDumps(platform: NodeJS.Platform = process.platform, filterFile: string = FILTER_FILE): boolean {
  if (platform !== 'linux') return false;
  try {
    writeFileSync(filterFile, '0x0');
    return true;
  } catch (thrown) {
    // Containers without a writable /proc: the caller logs it, nothing else depends on it.
    if (['EACCES', 'EROFS', 'ENOENT', 'EPERM'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return false;
    throw thrown;
  }
}
