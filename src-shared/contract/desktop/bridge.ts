/**
 * The bridge: what the screens see of the shell they run in, whichever it is. In Electron the preload script puts it on `window.bidkey`;
 * in the local shell the screens make it themselves over HTTP (src-renderer/lib/bridge-local.ts). Answers are data, never exceptions.
 */
import type { Result } from '../../errors/result.ts';
import type { DesktopEvent, DesktopInput, DesktopMethod, DesktopOutput } from './desktop-contract.ts';

/** `lost`: the program behind the screens cannot be reached just now; the bridge keeps trying. */
export type BridgeConnection = 'connected' | 'lost';

export interface BidKeyBridge {
  readonly shell: 'electron' | 'local';
  /** One call of the desktop contract. Never rejects: what goes wrong, on the way too, is an error of the table in the result. */
  call<M extends DesktopMethod>(method: M, input: DesktopInput<M>): Promise<Result<DesktopOutput<M>>>;
  /** Events missed while the connection was lost are not sent again: after `connected`, ask anew. @returns stops listening */
  onEvent(listener: (event: DesktopEvent) => void): () => void;
  /** Called with every change of the connection; in Electron it never changes. @returns stops listening */
  onConnection(listener: (connection: BridgeConnection) => void): () => void;
}

/** Name of the bridge on `window` in Electron. */
export const BRIDGE_GLOBAL = 'bidkey';

/** Addresses of the local shell. */
export const LOCAL_CALL_PATH = '/api/call/';
export const LOCAL_EVENTS_PATH = '/api/events';
