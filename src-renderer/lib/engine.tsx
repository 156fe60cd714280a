/** The engine as the screens use it: the bridge with its answers unpacked, so that a refused call is a thrown AppError. */
import { createContext, useContext, type ReactNode } from 'react';
import type { BidKeyBridge, BridgeConnection } from '#shared/contract/desktop/bridge.ts';
import type { DesktopEngine } from '#shared/contract/desktop/desktop-contract.ts';
import { unwrap } from '#shared/errors/result.ts';

export interface ScreenEngine extends DesktopEngine {
  readonly shell: BidKeyBridge['shell'];
  onConnection(listener: (connection: BridgeConnection) => void): () => void;
}

export function engineOf(bridge: BidKeyBridge): ScreenEngine {
  return {
    shell: bridge.shell,
    call: async (method, input) => unwrap(await bridge.call(method, input)),
    onEvent: (listener) => bridge.onEvent(listener),
    onConnection: (listener) => bridge.onConnection(listener),
  };
}

const EngineContext = createContext<ScreenEngine | null>(null);

export function EngineProvider({ engine, children }: { engine: ScreenEngine; children: ReactNode }) {
  return <EngineContext.Provider value={engine}>{children}</EngineContext.Provider>;
}

export function useEngine(): ScreenEngine {
  const engine = useContext(EngineContext);
  if (engine === null) throw new Error('no EngineProvider above');
  return engine;
}
