/** Small secret files of the data folder: readable by the service's user only, written whole or not at all. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/** The file's bytes; made with `first` when it does not exist. */
export function readOrMakeSecretFile(path: string, first: () => Uint8Array): Buffer {
  if (!existsSync(path)) writeSecretFile(path, first());
  return readFileSync(path);
}

export function writeSecretFile(path: string, content: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: OWNER_ONLY_FOLDER });
  const unfinished = `${path}.new`;
  const file = openSync(unfinished, 'w', OWNER_ONLY_FILE);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(unfinished, path);
  keepName(dirname(path));
}

/** A file's name stands in its folder: without this a power cut could leave a database whose pepper has no name. Windows keeps names by itself. */
function keepName(folder: string): void {
  if (process.platform === 'win32') return;
  const opened = openSync(folder, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
