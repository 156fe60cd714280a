/**
 * A software UKey in a folder of its own, for tests: made, plugged, locked and broken by ukeyctl as a user would.
 * Builds the library when it is not there; where there is no compiler, `softUkeyMissing()` says why, for a counted skip.
 */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The sanitized build is tested by the same suites: tools/native/check-soft-ukey-sanitized.mjs sets this. */
const BUILD_FOLDER = process.env['BIDKEY_SOFT_UKEY_BUILD'] ?? join(ROOT, 'dist/native');
export const SOFT_UKEY_LIBRARY = join(BUILD_FOLDER, 'libbidkey-soft-ukey.so');
export const UKEYCTL = join(BUILD_FOLDER, 'ukeyctl');

export const USER_PIN = '28461937';
export const ADMIN_PIN = '73916428';

/** Why the soft UKey cannot be tested here; null when it can. Builds it at first need. */
export function softUkeyMissing(): string | null {
  if (!existsSync(SOFT_UKEY_LIBRARY) || !existsSync(UKEYCTL)) spawnSync(process.execPath, [join(ROOT, 'tools/native/build-soft-ukey.mjs')], { stdio: 'ignore' });
  return existsSync(SOFT_UKEY_LIBRARY) && existsSync(UKEYCTL) ? null : 'the software UKey is not built: no C++ compiler or no cmake';
}

export interface SoftUkey {
  readonly folder: string;
  readonly serial: string;
  /** What a process needs in its environment to see this folder. */
  readonly env: { readonly BIDKEY_SOFT_UKEY_DIR: string };
  /** Runs ukeyctl on this folder. @returns its standard output */
  ukeyctl(...args: string[]): Promise<string>;
  /** What `ukeyctl list --json` says about this key. */
  status(): Promise<SoftUkeyStatus>;
  addKey(...options: string[]): Promise<string>;
  dispose(): Promise<void>;
}

export interface SoftUkeyStatus {
  readonly serial: string;
  readonly label: string;
  readonly present: boolean;
  readonly damaged?: boolean;
  readonly userPin: { readonly triesLeft: number; readonly maxTries: number; readonly locked: boolean; readonly default: boolean };
  readonly adminPin: { readonly triesLeft: number };
  readonly publicObjects: number;
  readonly privateObjects: number;
  readonly freeBytes: number;
}

/** @param options more words for `ukeyctl create` */
export async function createSoftUkey(...options: string[]): Promise<SoftUkey> {
  const folder = await mkdtemp(join(tmpdir(), 'bidkey-soft-ukey-'));
  const ukeyctl = async (...args: string[]) => (await run(UKEYCTL, ['--dir', folder, ...args])).stdout.trim();
  const addKey = (...more: string[]) => ukeyctl('create', '--test', '--kdf-log2', '10', '--user-pin', USER_PIN, '--admin-pin', ADMIN_PIN, ...more);
  const serial = await addKey('--label', 'BidKey test key', ...options);
  const status = async () => {
    const all = JSON.parse(await ukeyctl('list', '--json')) as SoftUkeyStatus[];
    const own = all.find((key) => key.serial === serial);
    if (own === undefined) throw new Error(`ukeyctl does not list ${serial}`);
    return own;
  };
  return { folder, serial, env: { BIDKEY_SOFT_UKEY_DIR: folder }, ukeyctl, status, addKey, dispose: () => rm(folder, { recursive: true, force: true }) };
}
