/** Installs the npm packages of the lock file when node_modules does not hold exactly them. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const stampFile = (root) => join(root, 'node_modules', '.bidkey-setup');

/** Lock file and Node's binary interface: native packages are built for one. */
function wantedStamp(root) {
  return createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).update(process.versions.modules).update(process.arch).digest('hex');
}

/** @returns {boolean} */
export function npmPackagesReady(root) {
  const stamp = stampFile(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wantedStamp(root)) return true;
  if (!holdsLockedVersions(root)) return false;
  writeFileSync(stamp, wantedStamp(root));
  return true;
}

/** npm notes in node_modules/.package-lock.json what it has put there. */
function holdsLockedVersions(root) {
  const placed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(placed)) return false;
  const present = JSON.parse(readFileSync(placed, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => path === '' || entry.optional || entry.devOptional || entry.peer || present[path]?.version === entry.version);
}

/** @returns {boolean} whether it went well */
export function installNpmPackages(root, say) {
  const isFresh = !existsSync(join(root, 'node_modules'));
  // A fresh clone gets exactly the lock file; an older node_modules is brought up to it without being thrown away.
  // `npm ci` refuses a lock file that lacks the optional packages of other platforms (npm issue 4828); `install` takes its versions all the same.
  const done = (isFresh && npm(root, ['ci'], say)) || npm(root, ['install', '--no-save'], say);
  if (done) writeFileSync(stampFile(root), wantedStamp(root));
  return done;
}

function npm(root, args, say) {
  say(`npm ${args.join(' ')}`);
  const isWindows = process.platform === 'win32';
  const { status, stderr } = spawnSync(isWindows ? 'npm.cmd' : 'npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 'pipe'], encoding: 'utf8', shell: isWindows });
  if (status === 0) return true;
  // npm explains its usage at length; the beginning says what is wrong.
  say(`npm ${args.join(' ')} failed:\n${stderr.split('\n').slice(0, 12).join('\n')}`);
  return false;
}
