/** What the deeds on a key work with after login, and what has been found out about its driver. */
import type { HostProfile } from '../../host-protocol.ts';
import type { EnvelopeLayout, UlongBytes } from './blobs.ts';
import type { Handle, SkfFunctions } from './skf-functions.ts';

/** Drivers differ where the standard is silent; what worked once is tried first from then on. */
export interface SkfMemory {
  /** The standard says 4; told by the length of a public key, or by the size of DEVINFO. */
  ulongBytes: UlongBytes;
  layout: EnvelopeLayout | null;
  /** SGD_SM2_1: the deployed headers disagree about its number. */
  sm2Sign: number | null;
}

export interface AtApplication {
  readonly functions: SkfFunctions;
  readonly profile: HostProfile;
  readonly memory: SkfMemory;
  readonly application: Handle;
}

export interface LoggedIn extends AtApplication {
  /** Whether the device with this name is still listed. */
  isPresent(): boolean;
}
