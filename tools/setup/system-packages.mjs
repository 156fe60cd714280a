/** Installs missing system packages on Debian-like systems as root; elsewhere it names the exact command. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** @param {string} root @param {string[]} purposes rows of the list: run, build, test, ci, bench @returns {string[]} apt names */
export function listedPackages(root, purposes) {
  const list = JSON.parse(readFileSync(join(root, 'tools/setup/system-packages.json'), 'utf8'));
  return purposes.flatMap((purpose) => list[purpose].map((row) => row.apt));
}

export const isDebianLike = () => existsSync('/usr/bin/dpkg-query') && existsSync('/usr/bin/apt-get');

/** @returns {string[]} those that dpkg does not have installed */
export function missingPackages(names) {
  if (names.length === 0) return [];
  const answer = spawnSync('/usr/bin/dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names], { encoding: 'utf8' });
  const installed = new Set(answer.stdout.split('\n').filter((line) => line.endsWith(' installed')).map((line) => line.split(' ')[0]));
  return names.filter((name) => !installed.has(name));
}

export const installCommand = (names) => `apt-get install -y --no-install-recommends ${names.join(' ')}`;

/** @returns {boolean} whether all are installed now */
export function installPackages(names, say) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => spawnSync('/usr/bin/apt-get', args, { stdio: ['ignore', 2, 2], env }).status === 0;
  if (!hasPackageLists()) {
    say('apt-get update');
    apt('update', '-q');
  }
  say(installCommand(names));
  // Lists may be older than the archive: fetch them once more before giving up.
  return apt('install', '-y', '-q', '--no-install-recommends', ...names) || (apt('update', '-q') && apt('install', '-y', '-q', '--no-install-recommends', ...names));
}

function hasPackageLists() {
  const folder = '/var/lib/apt/lists';
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('Packages') || name.endsWith('.lz4') || name.endsWith('.gz') || name.endsWith('.xz'));
}
