/** Where our own files are, seen from a bundled program in dist/. The same in a clone and inside the packaged app.asar. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface ProgramFolders {
  readonly programFolder: string;
  readonly screensFolder: string;
  readonly resourcesFolder: string;
}

/** @param moduleUrl `import.meta.url` of the bundled program */
export function programFolders(moduleUrl: string): ProgramFolders {
  const programFolder = dirname(fileURLToPath(moduleUrl));
  return { programFolder, screensFolder: join(programFolder, 'renderer'), resourcesFolder: join(programFolder, '..', 'resources') };
}
