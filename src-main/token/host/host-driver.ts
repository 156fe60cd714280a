/** What a driver offers to the host process: one method for each call of the protocol but `open`. Implemented for PKCS#11 in pkcs11/. */
import type { HostInput, HostMethod, HostOutput, HostProfile } from '../host-protocol.ts';
import type { TokenInterface } from '../../ukey-models/ukey-model-profile.ts';
import { openPkcs11Driver } from './pkcs11/pkcs11-driver.ts';

export type HostDriver = { [M in Exclude<HostMethod, 'open' | 'close'>]: (input: HostInput<M>) => HostOutput<M> } & {
  close(): null;
  /** Milliseconds inside driver functions since start. */
  driverMs(): number;
};

/** Interfaces that this build can speak; an interface that is not a row is refused by the client before a process is started. */
export const DRIVER_INTERFACES: Partial<Record<TokenInterface, (libraryPath: string, profile: HostProfile) => HostDriver>> = { pkcs11: openPkcs11Driver };
