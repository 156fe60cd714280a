/** Is this IPC message from our own screens? Checklist point 17. Rule: what cannot be told refuses. */
import type * as Electron from 'electron';
import { AppError } from '#shared/errors/app-error.ts';
import { APP_ORIGIN } from './app-protocol.ts';

export type SenderEvent = Pick<Electron.IpcMainInvokeEvent, 'senderFrame' | 'sender'>;

/** @throws SHELL_CALLER_REFUSED */
export function checkSender(event: SenderEvent, ownWindow: Pick<Electron.BrowserWindow, 'webContents' | 'isDestroyed'> | null): void {
  if (ownWindow === null || ownWindow.isDestroyed() || event.sender !== ownWindow.webContents) refuse('window');
  const frame = event.senderFrame;
  // Null: the frame is gone or has navigated since it sent this; whoever is there now did not send it.
  if (frame === null) refuse('frame-gone');
  if (frame !== ownWindow.webContents.mainFrame || frame.parent !== null) refuse('frame');
  // Both: `origin` of about:blank and data: pages can be inherited, their address cannot.
  if (frame.origin !== APP_ORIGIN || !frame.url.startsWith(`${APP_ORIGIN}/`)) refuse('origin');
}

function refuse(reason: string): never {
  throw new AppError('SHELL_CALLER_REFUSED', { reason });
}
