/** Puts a certificate beside its key, and takes containers away. SKF replaces the certificate of a side as one act; what is there already is not written again. */
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { refuse } from '#shared/errors/app-error.ts';
import type { KeyPurpose } from '../../token-port.ts';
import { publicKeyFromSpki, samePublicKey } from '../public-key.ts';
import { containerNameOf, isOwnContainerId } from './container-names.ts';
import { hasContainer, readCertificate, requirePublicKey, withContainerOf, writeCertificate } from './containers.ts';
import type { LoggedIn } from './logged-in.ts';
import { withNul } from './name-list.ts';

/** @throws KEY_NOT_FOUND, CERTIFICATE_KEY_MISMATCH, KEY_INVALID */
export function importCertificate(at: LoggedIn, containerId: string, purpose: KeyPurpose, certificateDer: Uint8Array, publicKeySpkiDer: Uint8Array): void {
  if (!isOwnContainerId(containerId)) refuse('CONTAINER_NOT_FOUND', { containerId });
  withContainerOf(at, containerId, purpose, (container) => {
    const key = requirePublicKey(at, container, containerId, purpose);
    if (!samePublicKey(key, publicKeyFromSpki(publicKeySpkiDer))) refuse('CERTIFICATE_KEY_MISMATCH', { containerId, purpose });
    const isRight = () => equalBytes(readCertificate(at, container, purpose) ?? new Uint8Array(), certificateDer);
    if (isRight()) return;
    writeCertificate(at, container, purpose, certificateDer);
    // Some drivers cut off what is too long for their file and say OK.
    if (!isRight()) refuse('DRIVER_NONSENSE', { functionName: 'SKF_ImportCertificate', what: 'another certificate is read back' });
  });
}

/** @throws CONTAINER_NOT_FOUND for an id that BidKey never gives */
export function deleteContainer(at: LoggedIn, containerId: string): void {
  if (!isOwnContainerId(containerId)) refuse('CONTAINER_NOT_FOUND', { containerId });
  if (hasContainer(at, containerId)) at.functions.call('SKF_DeleteContainer', at.application, withNul(containerNameOf(containerId)));
}
