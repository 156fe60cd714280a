/**
 * A fresh SoftHSM2 token in a folder of its own, for tests: own SOFTHSM2_CONF, own token directory, nothing of the machine touched.
 * "Pulling the key out" is moving its directory away; "plugging it in" is moving it back.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where distributions put the library. */
const MODULE_PATHS = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
];

export interface SoftHsm2Token {
  readonly modulePath: string;
  /** What a process needs in its environment to see this token. */
  readonly env: { readonly SOFTHSM2_CONF: string };
  readonly label: string;
  readonly serial: string;
  readonly pin: string;
  readonly soPin: string;
  /** Pulls the key out. */
  remove(): Promise<void>;
  /** Plugs it in again. */
  insert(): Promise<void>;
  /** One more key at the same driver. */
  addToken(options?: SoftHsm2TokenOptions): Promise<SoftHsm2Token>;
  /** Deletes the folder with every token in it. */
  dispose(): Promise<void>;
}

export interface SoftHsm2TokenOptions {
  readonly label?: string;
  readonly pin?: string;
  readonly soPin?: string;
}

/** @throws when SoftHSM2 is not installed */
export function softHsm2ModulePath(): string {
  const found = MODULE_PATHS.find((path) => existsSync(path));
  if (found === undefined) throw new Error('SoftHSM2 is not installed (Debian: apt-get install softhsm2)');
  return found;
}

export async function createSoftHsm2Token(options: SoftHsm2TokenOptions = {}): Promise<SoftHsm2Token> {
  const folder = await mkdtemp(join(tmpdir(), 'bidkey-softhsm2-'));
  const conf = join(folder, 'softhsm2.conf');
  await mkdir(join(folder, 'tokens'));
  await mkdir(join(folder, 'pulled-out'));
  await writeFile(conf, `directories.tokendir = ${join(folder, 'tokens')}\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = true\n`);
  return addToken(folder, { SOFTHSM2_CONF: conf }, options);
}

async function addToken(folder: string, env: { readonly SOFTHSM2_CONF: string }, options: SoftHsm2TokenOptions): Promise<SoftHsm2Token> {
  const label = options.label ?? 'BidKey test key';
  const pin = options.pin ?? '28461937';
  const soPin = options.soPin ?? '73916428';
  const tokens = join(folder, 'tokens');
  const before = new Set(await readdir(tokens));
  await run('softhsm2-util', ['--init-token', '--free', '--label', label, '--so-pin', soPin, '--pin', pin], { env: { ...process.env, ...env } });
  const directory = (await readdir(tokens)).find((name) => !before.has(name));
  if (directory === undefined) throw new Error('softhsm2-util made no token directory');
  // The directory is named by a UUID whose last 16 digits are the serial.
  const serial = directory.replaceAll('-', '').slice(-16);
  return {
    modulePath: softHsm2ModulePath(),
    env, label, serial, pin, soPin,
    remove: () => rename(join(tokens, directory), join(folder, 'pulled-out', directory)),
    insert: () => rename(join(folder, 'pulled-out', directory), join(tokens, directory)),
    addToken: (more = {}) => addToken(folder, env, more),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}
