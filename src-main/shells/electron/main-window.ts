/** The window: sandboxed, isolated, without Node. Checklist points 2 to 4, 6, 8 to 12. */
import type * as Electron from 'electron';
import { APP_ORIGIN } from './app-protocol.ts';
import type { ElectronApis } from './electron-apis.ts';

/** Every protection is named, also where it is Electron's default, so that a test holds it. */
export function windowPreferences(preload: string, session: Electron.Session, devTools: boolean): Electron.WebPreferences {
  return {
    preload,
    session,
    devTools,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    spellcheck: false,
  };
}

/** Fits 1366×768 with a task bar. */
const SIZE = { width: 1180, height: 700, minWidth: 880, minHeight: 560 };

/** Not yet loading: the caller must know the window before its page runs, because the page calls the engine while it loads. */
export function createMainWindow(electron: Pick<ElectronApis, 'BrowserWindow'>, preferences: Electron.WebPreferences, title: string): Electron.BrowserWindow {
  const window = new electron.BrowserWindow({ ...SIZE, title, show: false, autoHideMenuBar: true, backgroundColor: '#f5f6f8', webPreferences: preferences });
  window.once('ready-to-show', () => window.show());
  return window;
}

/** Settles when the page has loaded and its scripts have run. */
export function loadScreens(window: Electron.BrowserWindow): Promise<void> {
  return window.loadURL(`${APP_ORIGIN}/`);
}
