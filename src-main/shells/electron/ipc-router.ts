/** The one IPC handler: sender checked → dispatcher → result as data. And the way back: engine events to our window. */
import type * as Electron from 'electron';
import type { DesktopEngine } from '#shared/contract/desktop/desktop-contract.ts';
import { refusal, type Dispatch } from '../dispatch.ts';
import { CALL_CHANNEL, EVENT_CHANNEL } from './channels.ts';
import { checkSender } from './check-sender.ts';

export type FindWindow = () => Electron.BrowserWindow | null;

export function routeCalls(ipcMain: Electron.IpcMain, findWindow: FindWindow, dispatch: Dispatch): void {
  ipcMain.handle(CALL_CHANNEL, async (event, method: unknown, input: unknown) => {
    try {
      checkSender(event, findWindow());
    } catch (thrown) {
      return refusal(thrown);
    }
    return await dispatch(method, input);
  });
}

/** @returns stops passing events on */
export function passEvents(engine: Pick<DesktopEngine, 'onEvent'>, findWindow: FindWindow): () => void {
  return engine.onEvent((event) => {
    const window = findWindow();
    if (window !== null && !window.isDestroyed()) window.webContents.send(EVENT_CHANNEL, event);
  });
}
