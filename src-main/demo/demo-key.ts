/**
 * The demo keys: SoftHSM2 tokens in the demo data folder, with a configuration of their own, so that a SoftHSM2 of the person is never touched.
 * Two of them, because the demo order has quantity two and the second writing wants the next key. Their PIN is public: they protect nothing.
 */
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '#shared/errors/app-error.ts';
import type { DriverConfig } from '../token/driver-watch.ts';

// No label is the beginning of another: pkcs11-tool --token-label takes the first token whose label begins so.
export const DEMO_KEY_LABELS = ['BidKey DEMO 1', 'BidKey DEMO 2'] as const;
export const DEMO_KEY_PIN = '111111';
export const DEMO_KEY_SO_PIN = '88888888';
export const DEMO_KEY_DRIVER_ID = 'demo-softhsm2';
export const DEMO_KEY_MODEL_ID = 'softhsm2';

/** Where distributions put the library; the first that exists is taken. */
const LIBRARY_PATHS = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib/loongarch64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib64/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
  'C:\\SoftHSM2\\lib\\softhsm2-x64.dll',
] as const;
const UTILITY = 'softhsm2-util';
const UTILITY_LIMIT_MS = 30_000;

export interface DemoKey {
  /** For the token host; its environment leads the library to our tokens. */
  readonly driver: DriverConfig & { readonly libraryPath: string; readonly environment: Readonly<Record<string, string>> };
  readonly labels: readonly string[];
  readonly pin: string;
}

/**
 * Makes the demo keys if they are missing; keys that are there stay as they are.
 * @throws DRIVER_NOT_FOUND when SoftHSM2 is not installed, DEMO_KEY_FAILED
 */
export async function prepareDemoKey(folder: string, labels: readonly string[] = DEMO_KEY_LABELS): Promise<DemoKey> {
  const libraryPath = findSoftHsmLibrary();
  const environment = { SOFTHSM2_CONF: writeConfiguration(folder) };
  const present = await labelsPresent(environment);
  for (const label of labels) {
    if (!present.has(label)) await initialiseToken(label, environment);
  }
  return { driver: { driverId: DEMO_KEY_DRIVER_ID, modelId: DEMO_KEY_MODEL_ID, libraryPath, interface: 'pkcs11', environment, demo: true, factoryAdministratorPin: DEMO_KEY_SO_PIN }, labels, pin: DEMO_KEY_PIN };
}

export function findSoftHsmLibrary(paths: readonly string[] = LIBRARY_PATHS): string {
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw new AppError('DRIVER_NOT_FOUND', { paths, hint: 'apt-get install softhsm2' });
  return found;
}

function writeConfiguration(folder: string): string {
  const tokens = join(folder, 'tokens');
  mkdirSync(tokens, { recursive: true, mode: 0o700 });
  if (process.platform !== 'win32') chmodSync(folder, 0o700);
  const file = join(folder, 'softhsm2.conf');
  // slots.removable: pulling the demo key is shown as pulling a real one would be.
  writeFileSync(file, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = true\n`, { mode: 0o600 });
  if (readdirSync(tokens).length === 0) {
    writeFileSync(join(folder, 'README.txt'), `BidKey DEMO keys (SoftHSM2). They are for trying BidKey out and protect nothing.\nPIN ${DEMO_KEY_PIN}, SO PIN ${DEMO_KEY_SO_PIN} until a certificate is written: then the CA service puts one of its own in its place, with which it can unlock the key\nSOFTHSM2_CONF=${file}\n`, { mode: 0o600 });
  }
  return file;
}

async function labelsPresent(environment: Readonly<Record<string, string>>): Promise<ReadonlySet<string>> {
  const slots = await runUtility('list', ['--show-slots'], environment);
  return new Set([...slots.matchAll(/^\s*Label:\s*(.*?)\s*$/gm)].map(([, label]) => label ?? ''));
}

async function initialiseToken(label: string, environment: Readonly<Record<string, string>>): Promise<void> {
  // These PINs stand in the README: that they are seen in the list of processes tells nobody anything. Real PINs never go this way.
  await runUtility('initialise', ['--init-token', '--free', '--label', label, '--so-pin', DEMO_KEY_SO_PIN, '--pin', DEMO_KEY_PIN], environment);
}

async function runUtility(step: string, utilityArguments: readonly string[], environment: Readonly<Record<string, string>>): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(UTILITY, [...utilityArguments], { env: { ...process.env, ...environment }, timeout: UTILITY_LIMIT_MS });
    return stdout;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') throw new AppError('DRIVER_NOT_FOUND', { paths: [UTILITY], hint: 'apt-get install softhsm2' }, thrown);
    throw new AppError('DEMO_KEY_FAILED', { reason: step }, thrown);
  }
}
