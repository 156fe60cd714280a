/** What the deeds on a key work with after login. */
import type { HostProfile } from '../../host-protocol.ts';
import type { Sm2Memory } from './sm2-use.ts';
import type { TokenSession } from './token-session.ts';

export interface LoggedIn {
  /** Asked for anew by every call: it may be replaced. */
  readonly session: TokenSession;
  readonly profile: HostProfile;
  /** Mechanism numbers that the key lists. */
  readonly mechanisms: readonly number[];
  /** What has been found out about SM2 with this driver. */
  readonly sm2: Sm2Memory;
  /** Another session of the same login in place of one that cannot be used any more. */
  renewSession(): void;
  /** Whether the key with this serial is still in its slot. */
  isPresent(): boolean;
}
