/** The process behind a login: a port between a session and whatever runs its driver. PKCS#11 shares one process among logins, SKF has one for each. */
import type { PinState } from '#shared/contract/desktop/tokens.ts';
import type { HostInput, HostMethod, HostOutput } from './host-protocol.ts';

export interface SessionHost {
  /** False once the process of the login is gone; session numbers of it mean nothing in another one. */
  readonly lives: boolean;
  call<M extends HostMethod>(method: M, input: HostInput<M>): Promise<HostOutput<M>>;
  /** Called once, after the logout: the process is free for something else. */
  release(): Promise<void>;
}

export interface Login {
  readonly sessionId: number;
  readonly pin: PinState;
  readonly host: SessionHost;
}
