/**
 * Puts the bridge on `window.bidkey`, in a sandboxed and isolated world. Rule: the page gets functions that take and give plain data;
 * never ipcRenderer, never an event object (checklist point 20).
 */
import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron';
import { BRIDGE_GLOBAL, type BidKeyBridge } from '#shared/contract/desktop/bridge.ts';
import type { DesktopEvent } from '#shared/contract/desktop/desktop-contract.ts';
import { CALL_CHANNEL, EVENT_CHANNEL } from './channels.ts';

const bridge: BidKeyBridge = {
  shell: 'electron',
  call: ((method: unknown, input: unknown) => ipcRenderer.invoke(CALL_CHANNEL, method, input)) as BidKeyBridge['call'],
  onEvent(listener) {
    const pass = (_event: IpcRendererEvent, event: DesktopEvent) => listener(event);
    ipcRenderer.on(EVENT_CHANNEL, pass);
    return () => void ipcRenderer.off(EVENT_CHANNEL, pass);
  },
  // Main and window live and end together.
  onConnection: () => () => undefined,
};

contextBridge.exposeInMainWorld(BRIDGE_GLOBAL, bridge);
