/** Finds on a key the private key that belongs to an encryption certificate, in use or kept from before. Pure but for the digest. */
import { sha256Hex } from './describe-token.ts';
import type { KeyContainer, KeyPurpose } from './token-port.ts';

export interface DecryptionKey {
  readonly containerId: string;
  readonly purpose: KeyPurpose;
}

/** @param certificateSha256Hex fingerprint of the certificate @returns null when the key does not hold it, or its private half is missing */
export function findDecryptionKey(containers: readonly KeyContainer[], certificateSha256Hex: string): DecryptionKey | null {
  // The encryption side first: a foreign container may show one key on both.
  for (const purpose of ['encrypt', 'sign'] as const) {
    const found = containers.find((container) => container[purpose].hasPrivateKey && container[purpose].certificateDer !== null && sha256Hex(container[purpose].certificateDer) === certificateSha256Hex);
    if (found !== undefined) return { containerId: found.containerId, purpose };
  }
  return null;
}
