/** The certificate authorities of the service by key algorithm, and what issuance needs to know of a certificate's text. */
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { CertificateAuthority } from '../authority/authority-port.ts';

export type Authorities = ReadonlyMap<KeyAlgorithm, CertificateAuthority>;

/** What a person reads of a certificate. */
export interface CertificateText {
  /** RFC 4514 forms. */
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export type ReadCertificate = (certificateDer: Uint8Array) => CertificateText;

/** @throws ALGORITHM_UNSUPPORTED */
export function authorityFor(authorities: Authorities, algorithm: KeyAlgorithm): CertificateAuthority {
  const authority = authorities.get(algorithm);
  if (authority === undefined) throw new AppError('ALGORITHM_UNSUPPORTED', { algorithm });
  return authority;
}
