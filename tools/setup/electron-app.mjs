/**
 * Puts together, below .cache/, the app that a development Electron starts: our dist/ and resources/, our packages, and better-sqlite3 built once more
 * for Electron's binary interface – it is the one native package that needs a build per interface, and node_modules keeps the one for Node.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const REBUILT = 'better-sqlite3';

/** @param {string} root @param {(line: string) => void} say @returns {string | null} folder of the app; null when the native package could not be built */
export function prepareElectronApp(root, say, rebuild = rebuildForElectron) {
  const app = join(root, '.cache', 'electron-app');
  mkdirSync(app, { recursive: true });
  // Copied, not linked: Node finds packages from where a file really is.
  rmSync(join(app, 'dist'), { recursive: true, force: true });
  cpSync(join(root, 'dist'), join(app, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(app, 'package.json'));
  linkAnew(join(root, 'resources'), join(app, 'resources'));
  linkPackages(root, app);
  return nativePackageReady(root, app) || rebuildNative(root, app, say, rebuild) ? app : null;
}

function linkPackages(root, app) {
  const packages = join(app, 'node_modules');
  mkdirSync(packages, { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== REBUILT && !name.startsWith('.')) linkAnew(join(root, 'node_modules', name), join(packages, name));
  }
}

function linkAnew(from, to) {
  rmSync(to, { force: true });
  symlinkSync(from, to, 'junction');
}

/** What the build is good for: this package and this Electron. */
function wantedStamp(root) {
  const versionOf = (name) => JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
  return `${REBUILT} ${versionOf(REBUILT)} electron ${versionOf('electron')} ${process.platform} ${process.arch}`;
}

const stampFile = (app) => join(app, 'node_modules', REBUILT, '.built-for');
const nativePackageReady = (root, app) => existsSync(stampFile(app)) && readFileSync(stampFile(app), 'utf8') === wantedStamp(root);

function rebuildNative(root, app, say, rebuild) {
  say('building better-sqlite3 for Electron …');
  const target = join(app, 'node_modules', REBUILT);
  rmSync(target, { recursive: true, force: true });
  cpSync(join(root, 'node_modules', REBUILT), target, { recursive: true, filter: (path) => !path.endsWith(`${REBUILT}/build`) });
  if (!rebuild(root, app)) return false;
  writeFileSync(stampFile(app), wantedStamp(root));
  return true;
}

function rebuildForElectron(root, app) {
  const version = JSON.parse(readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8')).version;
  const program = join(root, 'node_modules/.bin', process.platform === 'win32' ? 'electron-rebuild.cmd' : 'electron-rebuild');
  return spawnSync(program, ['--version', version, '--module-dir', app, '--only', REBUILT, '--force'], { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' }).status === 0;
}
