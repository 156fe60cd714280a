/** Reads which containers and certificates a key holds. Before login only public objects are seen; after it private keys too. */
import pkcs11 from 'pkcs11js';
import type { HostCertificate, HostContainer, HostSide } from '../../host-protocol.ts';
import type { KeyPurpose } from '../../token-port.ts';
import { isOwnContainerId, keyIdOf, placeOf } from './container-ids.ts';
import { readPublicKey } from './public-key.ts';
import { text } from '../text-fields.ts';
import type { ObjectHandle, TokenSession } from './token-session.ts';

const KEY_CLASSES = [pkcs11.CKO_PRIVATE_KEY, pkcs11.CKO_PUBLIC_KEY, pkcs11.CKO_CERTIFICATE];
/** What the protocol lets through. */
const MAX_CERTIFICATES = 256;

/** @param loggedIn whether private keys can be seen at all */
export function listCertificates(session: TokenSession, loggedIn: boolean): HostCertificate[] {
  const certificates: HostCertificate[] = [];
  for (const object of session.findByClass(pkcs11.CKO_CERTIFICATE)) {
    const place = placeOf(...identify(session, object));
    const certificateDer = session.read(object, pkcs11.CKA_VALUE);
    if (place === null || certificateDer === null || certificateDer.length === 0) continue;
    const hasPrivateKey = loggedIn ? session.findByClass(pkcs11.CKO_PRIVATE_KEY, session.read(object, pkcs11.CKA_ID) ?? new Uint8Array()).length > 0 : null;
    certificates.push({ ...place, certificateDer, hasPrivateKey });
    if (certificates.length === MAX_CERTIFICATES) break;
  }
  return certificates;
}

export function listContainers(session: TokenSession): HostContainer[] {
  const containerIds = new Set<string>();
  for (const object of KEY_CLASSES.flatMap((objectClass) => session.findByClass(objectClass))) {
    const place = placeOf(...identify(session, object));
    if (place !== null) containerIds.add(place.containerId);
  }
  return [...containerIds].map((containerId) => readContainer(session, containerId)).filter((container) => container !== null);
}

/** @returns null when nothing of it is on the key */
export function readContainer(session: TokenSession, containerId: string): HostContainer | null {
  const purposes: readonly (KeyPurpose | null)[] = isOwnContainerId(containerId) ? ['sign', 'encrypt'] : [null];
  const sides = purposes.map((purpose) => ({ purpose, side: readSide(session, keyIdOf(containerId, purpose ?? 'sign')) }));
  const empty = sides.every(({ side }) => !side.hasPrivateKey && side.publicKeySpkiDer === null && side.certificateDer === null);
  return empty ? null : { containerId, sides };
}

function readSide(session: TokenSession, keyId: Uint8Array): HostSide {
  const [privateKey] = session.findByClass(pkcs11.CKO_PRIVATE_KEY, keyId);
  const [publicKey] = session.findByClass(pkcs11.CKO_PUBLIC_KEY, keyId);
  const [certificate] = session.findByClass(pkcs11.CKO_CERTIFICATE, keyId);
  // The private key first: a public key object beside it proves nothing.
  const key = [privateKey, publicKey].map((object) => (object === undefined ? null : readPublicKey(session, object))).find((found) => found !== null);
  return {
    hasPrivateKey: privateKey !== undefined,
    publicKeySpkiDer: key?.spkiDer ?? null,
    certificateDer: certificate === undefined ? null : session.read(certificate, pkcs11.CKA_VALUE),
  };
}

function identify(session: TokenSession, object: ObjectHandle): [Uint8Array, string] {
  return [session.read(object, pkcs11.CKA_ID) ?? new Uint8Array(), text(session.read(object, pkcs11.CKA_LABEL) ?? new Uint8Array())];
}
