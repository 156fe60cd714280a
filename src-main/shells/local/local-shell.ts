/** The local shell from start to end, as a list: engine, web host, private channel, banner, browser; and back. */
import type { CaStatus } from '#shared/contract/desktop/desktop-contract.ts';
import { connectRunningBidKey } from '../control/connect-control.ts';
import { serveControl } from '../control/serve-control.ts';
import type { LaunchedBidKey } from '../launch/launched-bidkey.ts';
import { canOpenBrowser, openInBrowser } from '../launch/open-in-browser.ts';
import { banner } from './banner.ts';
import { startLocalHost } from './local-host.ts';

export interface LocalShellOptions {
  readonly dataFolder: string;
  readonly screensFolder: string;
  readonly port: number;
  readonly version: string;
  /** Open the browser when there is one. */
  readonly open: boolean;
  readonly launch: () => Promise<LaunchedBidKey>;
  readonly print: (line: string) => void;
}

export interface LocalShell {
  /** Settles when the embedded CA service is gone for good: BidKey goes on, but the person should know. */
  readonly launched: LaunchedBidKey;
  close(): Promise<void>;
}

/** @returns null when BidKey runs on this data folder already; a new link to it has been printed then */
export async function startLocalShell(options: LocalShellOptions): Promise<LocalShell | null> {
  if (await showRunning(options)) return null;
  const launched = await options.launch();
  /** What was begun, newest first. */
  const begun: (() => Promise<void>)[] = [() => launched.close()];
  const close = async () => {
    for (const end of begun.splice(0)) await end();
  };
  try {
    const host = await startLocalHost({ engine: launched.engine, dispatch: launched.dispatch, screensFolder: options.screensFolder, port: options.port, nowMs: Date.now, log: launched.log });
    begun.unshift(() => host.close());
    const control = await serveControl({ dataFolder: launched.dataFolder, engine: launched.engine, dispatch: launched.dispatch, open: host.newLink });
    begun.unshift(() => control.close());
    const link = host.newLink();
    await printBanner(launched, link, options);
    // Two links: the printed one stays good when the browser has used its own.
    await openIfWanted(host.newLink, launched.dataFolder, options);
    return { launched, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function showRunning(options: LocalShellOptions): Promise<boolean> {
  const running = await connectRunningBidKey(options.dataFolder);
  if (running === null) return false;
  try {
    const link = await running.open();
    options.print(link === null ? '标钥已在运行，窗口已显示。 BidKey is running; its window was brought to the front.' : `标钥已在运行。 BidKey is running already: ${link}`);
    if (link !== null) await openIfWanted(() => link, options.dataFolder, options);
    return true;
  } finally {
    running.close();
  }
}

async function openIfWanted(newLink: () => string, dataFolder: string, options: LocalShellOptions): Promise<void> {
  if (options.open && canOpenBrowser(process.platform, process.env)) await openInBrowser(newLink(), dataFolder);
}

async function printBanner(launched: LaunchedBidKey, link: string, options: LocalShellOptions): Promise<void> {
  const info = await launched.engine.call('app.info', undefined);
  const status: CaStatus | null = info.caBaseUrl === null ? null : await launched.engine.call('app.caStatus', undefined);
  const sandbox = status?.info?.sandbox ?? null;
  const lines = banner({
    version: options.version, demo: info.demo, link, caBaseUrl: info.caBaseUrl, sandboxUrl: sandbox?.url ?? null, demoLogin: sandbox?.demoLogin ?? null,
    demoKeys: launched.demoKey, demoSm2Keys: launched.demoSm2Key ?? null, demoKeyError: launched.demoKeyError, dataFolder: launched.dataFolder,
  });
  for (const line of lines) options.print(line);
}
