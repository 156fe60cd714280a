/**
 * Connecting to a device and its application, in the order that every driver bears: ConnectDev, OpenApplication, then the rest. Some drivers keep a current device
 * and application for the whole process, whatever handle is given: so one device is open at a time, and it is closed before the next.
 */
import { refuse } from '#shared/errors/app-error.ts';
import { nullWhenRefused } from '#shared/errors/null-when-refused.ts';
import type { HostProfile } from '../../host-protocol.ts';
import { DEVICE_INFO_ROOM, readDeviceInfo, ulongBytesOfDeviceInfo, writtenLength, type DeviceInfo } from './blobs.ts';
import type { SkfMemory } from './logged-in.ts';
import { nameText, readNameList, withNul, type DriverName } from './name-list.ts';
import type { Handle, SkfFunctions } from './skf-functions.ts';

/** Room for the lists of names. */
export const LIST_BYTES = 16_384;

export interface OpenToken {
  readonly name: DriverName;
  readonly device: Handle;
  readonly info: DeviceInfo;
  /** Null when the key has none, or several of which the profile names none. */
  readonly application: Handle | null;
  /** Why there is none. */
  readonly applications: readonly string[];
}

/** Names of the devices that are plugged. */
export function listDevices(functions: SkfFunctions): DriverName[] {
  return readNameList(functions.read('SKF_EnumDev', LIST_BYTES, 1));
}

/** Runs a deed on a device and closes it again. */
export function withToken<T>(functions: SkfFunctions, profile: HostProfile, memory: SkfMemory, name: DriverName, deed: (token: OpenToken) => T): T {
  const token = openToken(functions, profile, memory, name);
  try {
    return deed(token);
  } finally {
    closeToken(functions, token);
  }
}

export function openToken(functions: SkfFunctions, profile: HostProfile, memory: SkfMemory, name: DriverName): OpenToken {
  const device = functions.open('SKF_ConnectDev', withNul(name));
  try {
    const info = readInfo(functions, memory, device);
    const applications = readNameList(functions.read('SKF_EnumApplication', LIST_BYTES, device));
    const chosen = chooseApplication(applications, profile.skfApplications);
    const application = chosen === null ? null : functions.open('SKF_OpenApplication', device, withNul(chosen));
    return { name, device, info, application, applications: applications.map(nameText) };
  } catch (thrown) {
    nullWhenRefused(() => functions.call('SKF_DisConnectDev', device));
    throw thrown;
  }
}

/** Never throws: the key may be gone. */
export function closeToken(functions: SkfFunctions, token: OpenToken): void {
  const { application } = token;
  if (application !== null) nullWhenRefused(() => functions.call('SKF_CloseApplication', application));
  nullWhenRefused(() => functions.call('SKF_DisConnectDev', token.device));
}

/** @throws TOKEN_NOT_INITIALISED, TOKEN_APPLICATION_UNKNOWN */
export function requireApplication(token: OpenToken): Handle {
  if (token.application !== null) return token.application;
  const { serial } = token.info;
  return token.applications.length === 0 ? refuse('TOKEN_NOT_INITIALISED', { serial }) : refuse('TOKEN_APPLICATION_UNKNOWN', { serial, applications: token.applications.slice(0, 16) });
}

/** The first that the profile names, else the only one. Applications are made by whoever issues the keys: that takes the device key and the administrator PIN. */
function chooseApplication(applications: readonly DriverName[], wanted: readonly string[]): DriverName | null {
  const named = wanted.map((name) => applications.find((application) => nameText(application) === name)).find((application) => application !== undefined);
  return named ?? (applications.length === 1 ? (applications[0] ?? null) : null);
}

/** DEVINFO as it is now: free space changes while the key is open. */
export function readInfo(functions: SkfFunctions, memory: SkfMemory, device: Handle): DeviceInfo {
  const overZeros = Buffer.alloc(DEVICE_INFO_ROOM);
  const overOnes = Buffer.alloc(DEVICE_INFO_ROOM, 0xff);
  functions.call('SKF_GetDevInfo', device, overZeros);
  functions.call('SKF_GetDevInfo', device, overOnes);
  const size = writtenLength(overZeros, overOnes);
  memory.ulongBytes = ulongBytesOfDeviceInfo(size) ?? memory.ulongBytes;
  return readDeviceInfo(overZeros, size);
}
