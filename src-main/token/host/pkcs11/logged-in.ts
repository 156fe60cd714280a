/** What the deeds on a key work with after login. */
import type { HostProfile } from '../../host-protocol.ts';
import type { TokenSession } from './token-session.ts';

export interface LoggedIn {
  readonly session: TokenSession;
  readonly profile: HostProfile;
  /** Mechanism numbers that the key lists. */
  readonly mechanisms: readonly number[];
  /** Whether the key with this serial is still in its slot. */
  isPresent(): boolean;
}
