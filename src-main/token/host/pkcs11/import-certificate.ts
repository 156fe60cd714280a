/** Puts a certificate beside its key. The new one is there before the old one goes, so that a power cut leaves two, never none; the next call clears that up. */
import pkcs11 from 'pkcs11js';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { refuse } from '#shared/errors/app-error.ts';
import type { KeyPurpose } from '../../token-port.ts';
import { isOwnContainerId, keyIdOf } from './container-ids.ts';
import { common } from './generate-signing-key.ts';
import type { LoggedIn } from './logged-in.ts';
import { publicKeyFromSpki, samePublicKey } from '../public-key.ts';
import { requirePrivateKey } from './use-key.ts';

export interface CertificateToImport {
  readonly certificateDer: Uint8Array;
  readonly subjectDer: Uint8Array;
  readonly issuerDer: Uint8Array;
  /** The INTEGER with tag and length, as CKA_SERIAL_NUMBER wants it. */
  readonly serialNumberDer: Uint8Array;
  readonly publicKeySpkiDer: Uint8Array;
}

/** @throws KEY_NOT_FOUND, CERTIFICATE_KEY_MISMATCH */
export function importCertificate(at: LoggedIn, containerId: string, purpose: KeyPurpose, certificate: CertificateToImport): void {
  if (!isOwnContainerId(containerId)) refuse('CONTAINER_NOT_FOUND', { containerId });
  const { publicKey } = requirePrivateKey(at, containerId, purpose);
  if (!samePublicKey(publicKey, publicKeyFromSpki(certificate.publicKeySpkiDer))) refuse('CERTIFICATE_KEY_MISMATCH', { containerId, purpose });
  const there = at.session.findByClass(pkcs11.CKO_CERTIFICATE, keyIdOf(containerId, purpose));
  const same = there.find((object) => equalBytes(at.session.read(object, pkcs11.CKA_VALUE) ?? new Uint8Array(), certificate.certificateDer));
  if (same === undefined) createCertificateObject(at, containerId, purpose, certificate);
  there.filter((object) => object !== same).forEach((object) => at.session.destroy(object));
}

function createCertificateObject(at: LoggedIn, containerId: string, purpose: KeyPurpose, certificate: CertificateToImport): void {
  at.session.create([
    { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_CERTIFICATE },
    { type: pkcs11.CKA_CERTIFICATE_TYPE, value: pkcs11.CKC_X_509 },
    ...common(containerId, purpose, false),
    { type: pkcs11.CKA_SUBJECT, value: Buffer.from(certificate.subjectDer) },
    { type: pkcs11.CKA_ISSUER, value: Buffer.from(certificate.issuerDer) },
    { type: pkcs11.CKA_SERIAL_NUMBER, value: Buffer.from(certificate.serialNumberDer) },
    { type: pkcs11.CKA_VALUE, value: Buffer.from(certificate.certificateDer) },
  ]);
}
