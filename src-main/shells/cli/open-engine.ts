/**
 * The engine of a command: that of the BidKey which runs on the data folder, reached over its private channel, else one of its own.
 * Rule: never two engines on one data folder.
 */
import type { DesktopEngine } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { connectRunningBidKey, type RunningBidKey } from '../control/connect-control.ts';
import { defaultDataFolder, type LaunchMode } from '../launch/data-folder.ts';
import type { LaunchedBidKey } from '../launch/launched-bidkey.ts';

export interface EngineOptions {
  readonly data: string | undefined;
  readonly demo: boolean;
  readonly ca: string | undefined;
}

export type LaunchForCommand = (options: { readonly mode: LaunchMode; readonly dataFolder: string; readonly caBaseUrl: string | null }) => Promise<LaunchedBidKey>;

export interface OpenedEngine {
  readonly engine: DesktopEngine;
  close(): Promise<void>;
}

export async function openEngine(options: EngineOptions, launch: LaunchForCommand): Promise<OpenedEngine> {
  const running = await findRunningBidKey(options);
  if (running !== null) {
    await refuseOtherCa(running, options.ca);
    return { engine: running.engine, close: async () => running.close() };
  }
  const mode: LaunchMode = options.demo ? 'demo' : 'production';
  const launched = await launch({ mode, dataFolder: options.data ?? defaultDataFolder(mode), caBaseUrl: options.ca ?? null });
  return { engine: launched.engine, close: () => launched.close() };
}

/** Without --data and --demo: the production one, else the demo that `npm start` has begun. */
export async function findRunningBidKey(options: Pick<EngineOptions, 'data' | 'demo'>): Promise<RunningBidKey | null> {
  if (options.data !== undefined) return await connectRunningBidKey(options.data);
  if (options.demo) return await connectRunningBidKey(defaultDataFolder('demo'));
  return (await connectRunningBidKey(defaultDataFolder('production'))) ?? (await connectRunningBidKey(defaultDataFolder('demo')));
}

/** A running BidKey keeps its CA service: a command that means another one must not write with the wrong one. */
async function refuseOtherCa(running: RunningBidKey, wanted: string | undefined): Promise<void> {
  if (wanted === undefined) return;
  const { caBaseUrl } = await running.engine.call('app.info', undefined);
  const same = caBaseUrl !== null && URL.canParse(caBaseUrl) && URL.canParse(wanted) && new URL(caBaseUrl).href === new URL(wanted).href;
  if (same) return;
  running.close();
  throw new AppError('USAGE', { option: '--ca', runningWith: caBaseUrl });
}
