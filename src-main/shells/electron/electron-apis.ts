/** The few parts of Electron that this shell uses. They come in as an argument, so that the same code runs on the fake of tests/shells/fake-electron. */
import type * as Electron from 'electron';

export type ElectronApis = Pick<typeof Electron, 'app' | 'BrowserWindow' | 'ipcMain' | 'Menu' | 'protocol' | 'session' | 'shell' | 'utilityProcess'>;
