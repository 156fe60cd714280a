/** Room on a key: whether a new pair fits beside what is there, and which old pairs could go. Rule: only what is not in force any more and comes back from escrow may go, and only when the person said so. */
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import type { DeedRoom, RemovablePair } from '#shared/contract/desktop/deeds.ts';
import type { TokenRef } from '#shared/contract/desktop/tokens.ts';
import type { KeyAlgorithm } from '#shared/contract/rest/orders.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import type { KeyContainer, TokenPort, TokenSession } from '../token/token-port.ts';
import { passPinGate, pinBytes } from './pin-gate.ts';
import type { WritingPorts } from './ports.ts';

/** @throws DEED_NO_ROOM unless something will be taken off first, or the key does not tell */
export async function requireRoom(tokens: TokenPort, ref: TokenRef, algorithm: KeyAlgorithm, makesRoomFirst: boolean): Promise<void> {
  const { furtherPairs } = await tokens.room(ref);
  if (furtherPairs[algorithm] === 0 && !makesRoomFirst) throw new AppError('DEED_NO_ROOM', { choices: ['remove-old-pairs', 'another-key'] });
}

/** For asking before anything is paid. With the same keys nothing new has to fit but two certificates in the place of two. */
export async function lookForRoom(ports: WritingPorts, input: DesktopInput<'writing.room'>): Promise<DeedRoom> {
  if (input.keyPolicy === 'same-keys') return { fits: true, furtherPairs: null, removable: [] };
  await ports.tokens.list();
  const summary = await ports.tokens.get(input.token);
  const furtherPairs = (await ports.tokens.room(summary.ref)).furtherPairs[input.keyAlgorithm];
  const removable = input.pin === undefined ? [] : await removablePairs(ports, summary.ref, input.pin, () => passPinGate(summary.pin, input.confirmedFewTries ?? false));
  return { fits: furtherPairs === null ? null : furtherPairs > 0, furtherPairs, removable };
}

async function removablePairs(ports: WritingPorts, ref: TokenRef, pin: string, passGate: () => void): Promise<RemovablePair[]> {
  passGate();
  const session: TokenSession = await ports.tokens.logIn(ref, pinBytes(pin));
  try {
    const found: RemovablePair[] = [];
    for (const container of await session.listContainers()) {
      const pair = await asRemovable(container, ports);
      if (pair) found.push(pair);
    }
    return found;
  } finally {
    await session.close();
  }
}

/** @throws DEED_NOT_REMOVABLE for a container that is in force, that the request is about, or whose key nobody has in escrow */
export async function requireRemovable(containerIds: readonly string[], containers: readonly KeyContainer[], keepContainerId: string | null, ports: WritingPorts): Promise<void> {
  for (const containerId of containerIds) {
    const container = containers.find((one) => one.containerId === containerId);
    // Gone already: there is nothing to be taken away.
    if (!container) continue;
    if (containerId === keepContainerId || !(await asRemovable(container, ports))) throw new AppError('DEED_NOT_REMOVABLE', { containerId });
  }
}

/** The service that issued a certificate has its encryption key in escrow; what it does not know, it cannot give back. */
async function asRemovable({ containerId, sign, encrypt }: KeyContainer, ports: WritingPorts): Promise<RemovablePair | null> {
  if (!/^[0-9a-f]{32}$/.test(containerId) || !encrypt.certificateDer) return null;
  const certificates = [sign.certificateDer, encrypt.certificateDer].filter((der) => der !== null);
  for (const certificateDer of certificates) if (!(await isOver(certificateDer, ports))) return null;
  const record = await knownCertificate(encrypt.certificateDer, ports);
  return record && { containerId, subject: record.subject, encryptionCertificateSha256Hex: toHex(ports.crypto.digest('sha-256', encrypt.certificateDer)), notAfterUtc: record.notAfterUtc };
}

async function isOver(certificateDer: Uint8Array, ports: WritingPorts): Promise<boolean> {
  const record = await knownCertificate(certificateDer, ports);
  return record?.state === 'revoked';
}

async function knownCertificate(certificateDer: Uint8Array, { ca, certificates, crypto }: WritingPorts) {
  const { serialHex } = certificates.readCertificate(certificateDer);
  try {
    const record = await ca.getCertificate({ params: { serialHex } });
    return record.sha256Hex === toHex(crypto.digest('sha-256', certificateDer)) ? record : null;
  } catch (thrown) {
    if (toAppError(thrown).code === 'NOT_FOUND') return null;
    throw thrown;
  }
}
