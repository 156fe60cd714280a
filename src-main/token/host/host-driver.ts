/** What a driver offers to the host process: one method for each call of the protocol but `open`. Implemented for PKCS#11 in pkcs11/, for SKF in skf/. */
import type { HostInput, HostMethod, HostOutput, HostProfile } from '../host-protocol.ts';
import type { TokenInterface } from '../../ukey-models/ukey-model-profile.ts';
import { openPkcs11Driver } from './pkcs11/pkcs11-driver.ts';
import { openSkfDriver } from './skf/skf-driver.ts';

export type HostDriver = { [M in Exclude<HostMethod, 'open' | 'close'>]: (input: HostInput<M>) => HostOutput<M> } & {
  close(): null;
  /** Milliseconds inside driver functions since start. */
  driverMs(): number;
};

export const DRIVER_INTERFACES: Readonly<Record<TokenInterface, (libraryPath: string, profile: HostProfile, lentDevices: readonly Uint8Array[]) => HostDriver>> = { pkcs11: openPkcs11Driver, skf: openSkfDriver };
