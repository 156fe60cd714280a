/** Containers of an application: which there are, what they hold, opening one for a deed. */
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { nullWhenRefused } from '#shared/errors/null-when-refused.ts';
import type { HostCertificate, HostContainer, HostSide } from '../../host-protocol.ts';
import type { KeyPurpose } from '../../token-port.ts';
import { sm2PublicKey, type PublicKey } from '../public-key.ts';
import { rsaPublicKeyFromNumbers } from '../rsa-public-key.ts';
import { readPublicKeyBlob, readRsaPublicKeyBlob, ulongBytesOf } from './blobs.ts';
import { containerIdOf, containerNameOf } from './container-names.ts';
import type { AtApplication } from './logged-in.ts';
import { readNameList, sameName, withNul, type DriverName } from './name-list.ts';
import { LIST_BYTES } from './open-token.ts';
import { sarOf, skfNonsense } from './sar-codes.ts';
import type { Handle } from './skf-functions.ts';

const PURPOSES: readonly KeyPurpose[] = ['sign', 'encrypt'];
const SIGN_FLAG = { sign: 1, encrypt: 0 } as const satisfies Record<KeyPurpose, number>;
const MAX_CERTIFICATE_BYTES = 16_384;
const MAX_CERTIFICATES = 256;
const PUBLIC_KEY_ROOM = 512;
const NO_SUCH_KEY: ReadonlySet<string> = new Set(['SAR_KEYNOTFOUNTERR', 'SAR_FILE_NOT_EXIST', 'SAR_OBJERR']);
const NO_SUCH_CERTIFICATE: ReadonlySet<string> = new Set(['SAR_CERTNOTFOUNTERR', 'SAR_FILE_NOT_EXIST', 'SAR_OBJERR', 'SAR_KEYNOTFOUNTERR', 'SAR_USER_NOT_LOGGED_IN']);

export function listContainerNames(at: AtApplication): DriverName[] {
  return readNameList(at.functions.read('SKF_EnumContainer', LIST_BYTES, at.application));
}

export function hasContainer(at: AtApplication, containerId: string): boolean {
  const name = containerNameOf(containerId);
  return listContainerNames(at).some((other) => sameName(other, name));
}

/** Runs a deed on a container and closes it again. */
export function withContainer<T>(at: AtApplication, name: DriverName, deed: (container: Handle) => T): T {
  const container = at.functions.open('SKF_OpenContainer', at.application, withNul(name));
  try {
    return deed(container);
  } finally {
    nullWhenRefused(() => at.functions.call('SKF_CloseContainer', container));
  }
}

/** @throws KEY_NOT_FOUND when there is no such container */
export function withContainerOf<T>(at: AtApplication, containerId: string, purpose: KeyPurpose, deed: (container: Handle) => T): T {
  if (!hasContainer(at, containerId)) refuse('KEY_NOT_FOUND', { containerId, purpose });
  return withContainer(at, containerNameOf(containerId), deed);
}

export function listContainers(at: AtApplication): HostContainer[] {
  return listContainerNames(at).map(containerIdOf).filter((containerId) => containerId !== null).map((containerId) => readSides(at, containerId));
}

/** @returns null when there is no such container, or nothing in it */
export function readContainer(at: AtApplication, containerId: string): HostContainer | null {
  if (!hasContainer(at, containerId)) return null;
  const container = readSides(at, containerId);
  return container.sides.every(({ side }) => !side.hasPrivateKey && side.certificateDer === null) ? null : container;
}

/** Certificates can be read before login on nearly all keys; on others there are none until then. */
export function listCertificates(at: AtApplication, hasPrivateKey: boolean | null): HostCertificate[] {
  const certificates: HostCertificate[] = [];
  for (const name of listContainerNames(at)) {
    const containerId = containerIdOf(name);
    if (containerId === null) continue;
    withContainer(at, name, (container) => {
      for (const purpose of PURPOSES) {
        const certificateDer = readCertificate(at, container, purpose);
        if (certificateDer !== null && certificates.length < MAX_CERTIFICATES) certificates.push({ containerId, purpose, certificateDer, hasPrivateKey });
      }
    });
  }
  return certificates;
}

/** @returns null when that side has no key, `other` for one that BidKey cannot use */
export function readPublicKey(at: AtApplication, container: Handle, purpose: KeyPurpose): PublicKey | 'other' | null {
  const blob = orNull(NO_SUCH_KEY, () => at.functions.read('SKF_ExportPublicKey', PUBLIC_KEY_ROOM, container, SIGN_FLAG[purpose]));
  if (blob === null || blob.length === 0) return null;
  const rsa = readRsaPublicKeyBlob(blob);
  if (rsa !== null) return rsaPublicKeyFromNumbers('SKF_ExportPublicKey', rsa.modulus, rsa.exponent);
  const ulongBytes = ulongBytesOf(blob.length);
  if (ulongBytes === null) throw skfNonsense('SKF_ExportPublicKey', `length ${blob.length}`);
  at.memory.ulongBytes = ulongBytes;
  const point = readPublicKeyBlob(blob, ulongBytes);
  return point === null ? 'other' : sm2PublicKey(point);
}

/** @throws KEY_NOT_FOUND */
export function requirePublicKey(at: AtApplication, container: Handle, containerId: string, purpose: KeyPurpose): PublicKey {
  const key = readPublicKey(at, container, purpose);
  if (key === null || key === 'other') throw new AppError('KEY_NOT_FOUND', { containerId, purpose });
  return key;
}

/** @returns null when that side has none */
export function readCertificate(at: AtApplication, container: Handle, purpose: KeyPurpose): Uint8Array | null {
  const certificateDer = orNull(NO_SUCH_CERTIFICATE, () => at.functions.read('SKF_ExportCertificate', MAX_CERTIFICATE_BYTES, container, SIGN_FLAG[purpose]));
  return certificateDer === null || certificateDer.length === 0 ? null : Uint8Array.from(certificateDer);
}

export function writeCertificate(at: AtApplication, container: Handle, purpose: KeyPurpose, certificateDer: Uint8Array): void {
  at.functions.call('SKF_ImportCertificate', container, SIGN_FLAG[purpose], Buffer.from(certificateDer), certificateDer.length);
}

function readSides(at: AtApplication, containerId: string): HostContainer {
  return withContainer(at, containerNameOf(containerId), (container) => ({ containerId, sides: PURPOSES.map((purpose) => ({ purpose, side: readSide(at, container, purpose) })) }));
}

function readSide(at: AtApplication, container: Handle, purpose: KeyPurpose): HostSide {
  const key = readPublicKey(at, container, purpose);
  return {
    hasPrivateKey: key !== null,
    publicKeySpkiDer: key === null || key === 'other' ? null : key.spkiDer,
    certificateDer: readCertificate(at, container, purpose),
  };
}

/** A key says in several ways that something is not there. */
function orNull<T>(codes: ReadonlySet<string>, read: () => T): T | null {
  try {
    return read();
  } catch (thrown) {
    if (codes.has(sarOf(thrown) ?? '')) return null;
    throw thrown;
  }
}
