/** Finds the bridge of the shell that the screens run in: Electron's when its preload script has put it on `window`, else the local shell's over HTTP. */
import { BRIDGE_GLOBAL, type BidKeyBridge } from '#shared/contract/desktop/bridge.ts';
import { createLocalBridge } from './bridge-local.ts';

export function chooseBridge(page: Window & typeof globalThis): BidKeyBridge {
  const fromPreload = (page as unknown as Record<string, BidKeyBridge | undefined>)[BRIDGE_GLOBAL];
  if (fromPreload !== undefined) return fromPreload;
  return createLocalBridge({
    fetch: (path, init) => page.fetch(path, init),
    openStream: (path) => new page.EventSource(path),
    later: (milliseconds, run) => {
      const timer = page.setTimeout(run, milliseconds);
      return () => page.clearTimeout(timer);
    },
  });
}
