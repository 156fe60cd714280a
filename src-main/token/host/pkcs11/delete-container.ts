/** Removes everything of one container that BidKey made. Certificates go first: a key without certificate shows that the removal was cut off, a certificate without key would look usable. */
import pkcs11 from 'pkcs11js';
import { refuse } from '#shared/errors/app-error.ts';
import type { KeyPurpose } from '../../token-port.ts';
import { isOwnContainerId, keyIdOf, placeOf } from './container-ids.ts';
import type { LoggedIn } from './logged-in.ts';
import { text } from '../text-fields.ts';

const IN_ORDER = [pkcs11.CKO_CERTIFICATE, pkcs11.CKO_PUBLIC_KEY, pkcs11.CKO_PRIVATE_KEY];

/** @throws CONTAINER_NOT_FOUND for an id that BidKey never gives */
export function deleteContainer(at: LoggedIn, containerId: string): void {
  deleteSides(at, containerId, ['sign', 'encrypt']);
}

/**
 * Leaves a container with its encryption key alone, as a history key. A signing key with a certificate is no opening key: it stays.
 * @throws CONTAINER_NOT_FOUND for an id that BidKey never gives
 */
export function deleteSigningSide(at: LoggedIn, containerId: string): void {
  if (at.session.findByClass(pkcs11.CKO_CERTIFICATE, keyIdOf(containerId, 'sign')).length > 0) return;
  deleteSides(at, containerId, ['sign']);
}

function deleteSides(at: LoggedIn, containerId: string, purposes: readonly KeyPurpose[]): void {
  if (!isOwnContainerId(containerId)) refuse('CONTAINER_NOT_FOUND', { containerId });
  for (const objectClass of IN_ORDER) {
    for (const purpose of purposes) {
      const keyId = keyIdOf(containerId, purpose);
      const own = at.session.findByClass(objectClass, keyId).filter((object) => placeOf(keyId, text(at.session.read(object, pkcs11.CKA_LABEL) ?? new Uint8Array()))?.containerId === containerId);
      own.forEach((object) => at.session.destroy(object));
    }
  }
}
