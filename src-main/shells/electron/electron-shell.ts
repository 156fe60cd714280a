/**
 * The Electron shell from start to end, as a list: scheme, single instance, guards, engine, router, window. Electron comes in as an argument.
 * Security decisions stand in the files beside this one; ADR 0012 says why.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type * as Electron from 'electron';
import type { DesktopEngine } from '#shared/contract/desktop/desktop-contract.ts';
import { serveControl } from '../control/serve-control.ts';
import type { LaunchedBidKey } from '../launch/launched-bidkey.ts';
import { APP_SCHEME, registerAppScheme, serveAppProtocol } from './app-protocol.ts';
import type { ElectronApis } from './electron-apis.ts';
import { guardAllContents, guardSession } from './guard-contents.ts';
import { passEvents, routeCalls } from './ipc-router.ts';
import { createMainWindow, loadScreens, windowPreferences } from './main-window.ts';

/** Without `persist:` the session lives in memory: no cookie, cache or storage of the window is left on disk. */
const SESSION_PARTITION = 'bidkey';

export interface ElectronShellOptions {
  readonly dataFolder: string;
  readonly screensFolder: string;
  /** Path of the bundled preload script. */
  readonly preload: string;
  readonly title: string;
  readonly launch: () => Promise<LaunchedBidKey>;
}

/** Call it before anything is awaited: scheme and command line count only until the app is ready. @returns null when another instance runs already and was brought to the front */
export async function startElectronShell(electron: ElectronApis, options: ElectronShellOptions): Promise<LaunchedBidKey | null> {
  const { app } = electron;
  registerAppScheme(electron.protocol);
  app.enableSandbox();
  app.commandLine.appendSwitch('disable-breakpad');
  app.setPath('userData', makeOwnFolder(options.dataFolder));
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return null;
  }

  let window: Electron.BrowserWindow | null = null;
  let launched: LaunchedBidKey | null = null;
  const findWindow = () => window;
  const logRefusal = (what: string) => launched?.log.warn('electron-shell.refused', { what });
  guardAllContents(electron, { caOrigin: () => configuredCaOrigin(launched?.engine ?? null), logRefusal });
  app.on('second-instance', () => bringToFront(window));
  app.on('window-all-closed', () => app.quit());

  await app.whenReady();
  electron.Menu.setApplicationMenu(null);
  const session = electron.session.fromPartition(SESSION_PARTITION);
  serveAppProtocol(session.protocol, options.screensFolder);
  guardSession(session, logRefusal);

  launched = await options.launch();
  routeCalls(electron.ipcMain, findWindow, launched.dispatch);
  const stopEvents = passEvents(launched.engine, findWindow);
  const control = await serveControl({
    dataFolder: launched.dataFolder, engine: launched.engine, dispatch: launched.dispatch,
    open: () => {
      bringToFront(window);
      return null;
    },
  });
  endWithApp(app, async () => {
    stopEvents();
    await control.close();
    session.protocol.unhandle(APP_SCHEME);
    await launched?.close();
  });

  const opened = createMainWindow(electron, windowPreferences(options.preload, session, !app.isPackaged), options.title);
  // Known to the router before the page runs: loading ends only after the screens have made their first calls.
  window = opened;
  opened.once('closed', () => { window = null; });
  await loadScreens(opened);
  return launched;
}

/** Electron takes only a folder that is there. */
function makeOwnFolder(dataFolder: string): string {
  const folder = join(dataFolder, 'electron');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

async function configuredCaOrigin(engine: DesktopEngine | null): Promise<string | null> {
  const caBaseUrl = (await engine?.call('app.info', undefined))?.caBaseUrl ?? null;
  return caBaseUrl !== null && URL.canParse(caBaseUrl) ? new URL(caBaseUrl).origin : null;
}

function bringToFront(window: Electron.BrowserWindow | null): void {
  if (window === null || window.isDestroyed()) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

/** Quitting waits for the engine, so that a writing stops at a journal step and the CA service ends with us. */
function endWithApp(app: Electron.App, close: () => Promise<void>): void {
  let closed = false;
  let closing = false;
  app.on('before-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    if (closing) return;
    closing = true;
    void close().finally(() => {
      closed = true;
      app.quit();
    });
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => app.quit());
}
