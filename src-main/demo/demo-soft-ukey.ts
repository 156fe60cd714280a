/**
 * The national demo keys: software UKeys of BidKey with SM2, in a folder of their own, so that a software UKey of the person is never touched.
 * Two of them, as many as the demo order wants. They count PIN tries and lock like real ones. Their PIN is public: they protect nothing.
 */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#shared/errors/app-error.ts';
import type { TokenInterface } from '../ukey-models/ukey-model-profile.ts';
import { DEMO_KEY_PIN, DEMO_KEY_SO_PIN, type DemoKey } from './demo-key.ts';

export const DEMO_SOFT_UKEY_LABELS = ['BidKey DEMO SM2-1', 'BidKey DEMO SM2-2'] as const;
export const DEMO_SOFT_UKEY_DRIVER_ID = 'demo-soft-ukey';

const MODEL_ID = 'bidkey-soft-ukey';
const LIBRARY = 'libbidkey-soft-ukey.so';
const UTILITY = 'ukeyctl';
const UTILITY_LIMIT_MS = 30_000;

export interface DemoSoftUkeyOptions {
  /** Where the keys live. */
  readonly folder: string;
  /** dist/native. */
  readonly nativeFolder: string;
  readonly interface?: TokenInterface;
  readonly labels?: readonly string[];
}

/**
 * Makes the demo keys if they are missing; keys that are there stay as they are.
 * @throws DRIVER_NOT_FOUND when the software UKey was not built, DEMO_KEY_FAILED
 */
export async function prepareDemoSoftUkey(options: DemoSoftUkeyOptions): Promise<DemoKey> {
  const { folder, nativeFolder, labels = DEMO_SOFT_UKEY_LABELS } = options;
  const libraryPath = join(nativeFolder, LIBRARY);
  const utility = join(nativeFolder, UTILITY);
  const missing = [libraryPath, utility].filter((path) => !existsSync(path));
  if (missing.length > 0) throw new AppError('DRIVER_NOT_FOUND', { paths: missing, hint: 'node tools/native/build-soft-ukey.mjs' });
  makeFolder(folder);
  const present = await labelsPresent(utility, folder);
  for (const label of labels) {
    if (!present.has(label)) await runUtility(utility, 'create', ['--dir', folder, 'create', '--label', label], `${DEMO_KEY_PIN}\n${DEMO_KEY_SO_PIN}\n`);
  }
  return {
    driver: { driverId: DEMO_SOFT_UKEY_DRIVER_ID, modelId: MODEL_ID, libraryPath, interface: options.interface ?? 'pkcs11', environment: { BIDKEY_SOFT_UKEY_DIR: folder }, demo: true, factoryAdministratorPin: DEMO_KEY_SO_PIN },
    labels, pin: DEMO_KEY_PIN,
  };
}

function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.platform !== 'win32') chmodSync(folder, 0o700);
  const readme = `BidKey DEMO keys (software UKey). They are for trying BidKey out and protect nothing.\nPIN ${DEMO_KEY_PIN}, administrator PIN ${DEMO_KEY_SO_PIN} until a certificate is written: then the CA service puts one of its own in its place, with which it can unlock the key\nBIDKEY_SOFT_UKEY_DIR=${folder}\n`;
  writeFileSync(join(folder, 'README.txt'), readme, { mode: 0o600 });
}

async function labelsPresent(utility: string, folder: string): Promise<ReadonlySet<string>> {
  const listed: unknown = JSON.parse(await runUtility(utility, 'list', ['--dir', folder, 'list', '--json'], ''));
  if (!Array.isArray(listed)) throw new AppError('DEMO_KEY_FAILED', { reason: 'list' });
  return new Set(listed.map((key: { label?: unknown }) => String(key.label)));
}

/** PINs go in on standard input, as with any key of this kind. */
function runUtility(utility: string, step: string, words: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(utility, words, { stdio: ['pipe', 'pipe', 'ignore'], timeout: UTILITY_LIMIT_MS });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.once('error', (error) => reject(new AppError('DEMO_KEY_FAILED', { reason: step }, error)));
    child.once('close', (code) => (code === 0 ? resolve(Buffer.concat(output).toString('utf8')) : reject(new AppError('DEMO_KEY_FAILED', { reason: step, exitCode: code }))));
    // A utility that ends before it has read everything is told by its exit code.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
