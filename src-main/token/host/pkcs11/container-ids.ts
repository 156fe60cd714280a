/**
 * How containers are told from CKA_ID. BidKey's own: containerId (16 bytes) ‖ role (01 sign, 02 encrypt), with a label that begins with "BidKey", so that
 * another program's key of the same length is never taken for one of ours. Any other CKA_ID is a foreign container of its own. Pure.
 */
import type { KeyPurpose } from '../../token-port.ts';
import { fromHex, toHex } from '#shared/bytes/hex.ts';
import { refuse } from '#shared/errors/app-error.ts';

const OWN_LABEL = 'BidKey ';
const OWN_CONTAINER_ID = /^[0-9a-f]{32}$/;
const FOREIGN_PREFIX = 'id:';
const MAX_FOREIGN_ID_BYTES = 60;
const ROLES = { sign: 1, encrypt: 2 } as const satisfies Record<KeyPurpose, number>;

export interface ContainerPlace {
  readonly containerId: string;
  /** Null for foreign containers: their CKA_ID does not say. */
  readonly purpose: KeyPurpose | null;
}

export function isOwnContainerId(containerId: string): boolean {
  return OWN_CONTAINER_ID.test(containerId);
}

/** CKA_ID of a key and its certificate. @throws CONTAINER_NOT_FOUND when it cannot be an id */
export function keyIdOf(containerId: string, purpose: KeyPurpose): Uint8Array {
  if (isOwnContainerId(containerId)) return Uint8Array.of(...fromHex(containerId), ROLES[purpose]);
  if (!containerId.startsWith(FOREIGN_PREFIX)) refuse('CONTAINER_NOT_FOUND', { containerId });
  return fromHex(containerId.slice(FOREIGN_PREFIX.length));
}

/** @returns null for an id that is too long to be named */
export function placeOf(keyId: Uint8Array, label: string): ContainerPlace | null {
  const role = keyId.length === 17 && label.startsWith(OWN_LABEL) ? keyId[16] : undefined;
  const purpose = (Object.keys(ROLES) as KeyPurpose[]).find((name) => ROLES[name] === role);
  if (purpose !== undefined) return { containerId: toHex(keyId.subarray(0, 16)), purpose };
  return keyId.length <= MAX_FOREIGN_ID_BYTES ? { containerId: FOREIGN_PREFIX + toHex(keyId), purpose: null } : null;
}

/** What other programs show: enough to tell pairs apart. */
export function labelOf(containerId: string, purpose: KeyPurpose): string {
  return `${OWN_LABEL}${purpose} ${containerId.slice(0, 8)}`;
}
