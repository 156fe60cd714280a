/** How containers are named. BidKey's own: the containerId, 32 lower-case hexadecimal digits (some keys refuse more than 39 characters). Any other name is a foreign container. Pure. */
import { fromHex, toHex } from '#shared/bytes/hex.ts';
import { refuse } from '#shared/errors/app-error.ts';
import type { DriverName } from './name-list.ts';

const OWN_CONTAINER_ID = /^[0-9a-f]{32}$/;
const FOREIGN_PREFIX = 'id:';
const MAX_FOREIGN_NAME_BYTES = 60;

export function isOwnContainerId(containerId: string): boolean {
  return OWN_CONTAINER_ID.test(containerId);
}

/** @throws CONTAINER_NOT_FOUND when it cannot be an id */
export function containerNameOf(containerId: string): DriverName {
  if (isOwnContainerId(containerId)) return Buffer.from(containerId, 'latin1');
  if (!containerId.startsWith(FOREIGN_PREFIX)) refuse('CONTAINER_NOT_FOUND', { containerId });
  return fromHex(containerId.slice(FOREIGN_PREFIX.length));
}

/** @returns null for a name that is too long to be an id */
export function containerIdOf(name: DriverName): string | null {
  const plain = Buffer.from(name).toString('latin1');
  if (isOwnContainerId(plain)) return plain;
  return name.length <= MAX_FOREIGN_NAME_BYTES ? FOREIGN_PREFIX + toHex(name) : null;
}
