/** An engine for tests of who may call and how calls travel; what the real one does is tested with the real one. */
import type { DesktopEngine, DesktopEvent } from '#shared/contract/desktop/desktop-contract.ts';
import { AppError } from '#shared/errors/app-error.ts';

export interface StandInEngine extends DesktopEngine {
  readonly calls: { method: string; input: unknown }[];
  emit(event: DesktopEvent): void;
  listeners(): number;
}

export const STAND_IN_INFO = { version: '0.0.0', shell: 'local', platform: 'linux', processor: 'x64', demo: true, caBaseUrl: 'http://127.0.0.1:9', dataFolder: '/nowhere' };

export function standInEngine(): StandInEngine {
  const listeners = new Set<(event: DesktopEvent) => void>();
  const calls: { method: string; input: unknown }[] = [];
  return {
    calls,
    call: (async (method: string, input: unknown) => {
      calls.push({ method, input });
      if (method === 'session.get') throw new AppError('NOT_SIGNED_IN');
      return STAND_IN_INFO;
    }) as DesktopEngine['call'],
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    emit: (event) => listeners.forEach((listener) => listener(event)),
    listeners: () => listeners.size,
  };
}
