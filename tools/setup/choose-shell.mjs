/** Which shell `npm start` takes, and why: Electron when its binary is there and can show a window, else the local shell in a browser. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {string} root @param {string[]} args @param {NodeJS.ProcessEnv} environment @param {number | undefined} userId
 * @returns {{ name: 'electron', reason: string, binary: string } | { name: 'local', reason: string }}
 */
export function chooseShell(root, args, environment, userId, platform = process.platform) {
  if (args.includes('--local')) return { name: 'local', reason: 'asked for with --local' };
  const binary = electronBinary(root, environment, platform);
  if (binary === null) return { name: 'local', reason: 'the Electron binary is not installed; `npx install-electron` fetches it' };
  if (args.includes('--no-open')) return { name: 'local', reason: 'a window is not wanted with --no-open' };
  if (platform === 'linux' && !(environment.DISPLAY || environment.WAYLAND_DISPLAY)) return { name: 'local', reason: 'Electron is installed, but there is no display' };
  // Chromium's sandbox does not work for root, and without it BidKey opens no window.
  if (platform === 'linux' && userId === 0) return { name: 'local', reason: 'Electron is installed, but its sandbox cannot be used as root' };
  return { name: 'electron', reason: binary, binary };
}

/** Where the package `electron` puts its binary: path.txt names it below dist/. */
export function electronBinary(root, environment, platform) {
  const names = { linux: 'electron', win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' };
  const folder = environment.ELECTRON_OVERRIDE_DIST_PATH || join(root, 'node_modules/electron/dist');
  const pathFile = join(root, 'node_modules/electron/path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : names[platform];
  const binary = name === undefined ? null : join(folder, name);
  return binary !== null && existsSync(binary) ? binary : null;
}
