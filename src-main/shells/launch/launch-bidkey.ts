/**
 * Starts what every shell needs, in the order in which it hangs together: data folder and lock, demo CA, demo keys, engine. What fails on the way
 * ends what was begun. Rule: BidKey starts without the demo keys when SoftHSM2 is missing, but never without a CA service that it was to start.
 */
import { join } from 'node:path';
import type { AppInfo } from '#shared/contract/desktop/desktop-contract.ts';
import { toAppError } from '#shared/errors/app-error.ts';
import type { ErrorCode } from '#shared/errors/error-table.ts';
import { prepareDemoKey, type DemoKey } from '../../demo/demo-key.ts';
import { prepareDemoSoftUkey } from '../../demo/demo-soft-ukey.ts';
import { startEmbeddedCa, type EmbeddedCa } from '../../demo/embedded-ca.ts';
import type { ProgramSpawner } from '../../demo/spawn-program.ts';
import { composeEngine, type ComposedEngine } from '../../engine/compose-engine.ts';
import { createLog, type Log } from '../../report/log.ts';
import type { HostSpawner } from '../../token/host-spawner.ts';
import { ownLibraryFolder } from '../../token/own-libraries.ts';
import { createDispatch } from '../dispatch.ts';
import { openDataFolder, type LaunchMode } from './data-folder.ts';
import type { LaunchedBidKey } from './launched-bidkey.ts';
import { lockDataFolder } from './lock-data-folder.ts';
import { keepMemoryOutOfCoreDumps } from './no-core-dumps.ts';

export interface LaunchOptions {
  readonly shell: AppInfo['shell'];
  readonly mode: LaunchMode;
  readonly dataFolder: string;
  /** dist/ */
  readonly programFolder: string;
  readonly resourcesFolder: string;
  readonly version: string;
  /** Address for this run; null: that of the settings, or of the embedded service. */
  readonly caBaseUrl: string | null;
  /** Start a CA service of our own. In demo mode it is the sandbox with its demo project. */
  readonly embeddedCa: boolean;
  readonly programSpawner: ProgramSpawner;
  readonly hostSpawner?: HostSpawner;
  readonly pdfReaderSpawner?: HostSpawner;
}

export async function launchBidKey(options: LaunchOptions): Promise<LaunchedBidKey> {
  const dataFolder = openDataFolder(options.dataFolder);
  /** What was begun, newest first. */
  const begun: (() => void | Promise<void>)[] = [];
  const endAll = async () => {
    for (const end of begun.splice(0)) await end();
  };
  try {
    const lock = lockDataFolder(dataFolder);
    begun.unshift(() => lock.release());
    const launchLog = createLog({ now: () => new Date(), file: join(dataFolder, 'bidkey.log') });
    if (!keepMemoryOutOfCoreDumps()) launchLog.info('core dumps are left to the system');

    const [embeddedCa, demoKey, demoSm2Key] = await Promise.all([startCa(options, dataFolder, launchLog), makeDemoKey(options, dataFolder), makeDemoSm2Key(options, dataFolder, launchLog)]);
    if (embeddedCa !== null) begun.unshift(() => embeddedCa.close());
    const composed = await startEngine(options, dataFolder, embeddedCa, [demoKey.key, demoSm2Key].filter((key) => key !== null));
    begun.unshift(() => composed.close());
    void embeddedCa?.failed.then((error) => composed.log.error('embedded-ca.failed', { code: error.code, ...error.details }));
    return { engine: composed.engine, dispatch: createDispatch(composed.engine), dataFolder, log: composed.log, embeddedCa, demoKey: demoKey.key, demoKeyError: demoKey.errorCode, ...(demoSm2Key === null ? {} : { demoSm2Key }), close: endAll };
  } catch (thrown) {
    await endAll();
    throw thrown;
  }
}

async function startCa(options: LaunchOptions, dataFolder: string, log: Log): Promise<EmbeddedCa | null> {
  if (!options.embeddedCa) return null;
  return await startEmbeddedCa({ program: join(options.programFolder, 'ca.js'), dataFolder: join(dataFolder, 'ca'), demo: options.mode === 'demo', spawner: options.programSpawner, log });
}

async function makeDemoKey(options: LaunchOptions, dataFolder: string): Promise<{ key: DemoKey | null; errorCode: ErrorCode | null }> {
  if (options.mode !== 'demo') return { key: null, errorCode: null };
  try {
    return { key: await prepareDemoKey(join(dataFolder, 'demo-key')), errorCode: null };
  } catch (thrown) {
    return { key: null, errorCode: toAppError(thrown).code };
  }
}

/** Beside the other keys, never instead of them: where there was no compiler there is no library. */
async function makeDemoSm2Key(options: LaunchOptions, dataFolder: string, log: Log): Promise<DemoKey | null> {
  if (options.mode !== 'demo') return null;
  try {
    return await prepareDemoSoftUkey({ folder: join(dataFolder, 'demo-sm2-key'), nativeFolder: ownLibraryFolder(options.resourcesFolder) });
  } catch (thrown) {
    const { code, details } = toAppError(thrown);
    log.error('demo-sm2-key', { code, ...details });
    return null;
  }
}

function startEngine(options: LaunchOptions, dataFolder: string, embeddedCa: EmbeddedCa | null, demoKeys: readonly DemoKey[]): Promise<ComposedEngine> {
  return composeEngine({
    dataFolder,
    resourcesFolder: options.resourcesFolder,
    shell: options.shell,
    version: options.version,
    demo: options.mode === 'demo',
    caBaseUrl: options.caBaseUrl ?? embeddedCa?.baseUrl ?? null,
    drivers: demoKeys.map(({ driver }) => driver),
    ...(options.hostSpawner === undefined ? {} : { hostSpawner: options.hostSpawner }),
    ...(options.pdfReaderSpawner === undefined ? {} : { pdfReaderSpawner: options.pdfReaderSpawner }),
  });
}
