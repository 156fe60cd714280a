/** Where BidKey keeps its data. Demo and production never share a folder, so that nothing made for trying things out is taken for real. */
import { chmodSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

export type LaunchMode = 'demo' | 'production';

const FOLDER_NAMES = { demo: 'bidkey-demo', production: 'bidkey' } as const satisfies Record<LaunchMode, string>;

/** The platform's folder for data of programs: XDG base directories on Linux, %LOCALAPPDATA% on Windows, Application Support on macOS. */
export function defaultDataFolder(mode: LaunchMode, platform: NodeJS.Platform = process.platform, environment: NodeJS.ProcessEnv = process.env): string {
  return join(dataHome(platform, environment), FOLDER_NAMES[mode]);
}

function dataHome(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): string {
  if (platform === 'win32') return environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  const fromXdg = environment['XDG_DATA_HOME'];
  // The specification says: a relative path is to be ignored.
  return fromXdg !== undefined && isAbsolute(fromXdg) ? fromXdg : join(homedir(), '.local', 'share');
}

/** Makes the folder if it is missing and closes it to other users of the machine. @returns its absolute path */
export function openDataFolder(folder: string): string {
  const path = resolve(folder);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (process.platform !== 'win32') chmodSync(path, 0o700);
  return path;
}
