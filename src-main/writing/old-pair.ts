/** The pair on the key that a request is about, found by its signing certificate's serial number. */
import type { KeyContainer, TokenSession } from '../token/token-port.ts';
import type { WritingPorts } from './ports.ts';

/** @returns the container with that signing certificate; null when the key has none */
export async function findCertificateHolder(certificateSerialHex: string, session: TokenSession, { certificates }: Pick<WritingPorts, 'certificates'>): Promise<KeyContainer | null> {
  const containers = await session.listContainers();
  return containers.find(({ sign }) => sign.certificateDer !== null && certificates.readCertificate(sign.certificateDer).serialHex === certificateSerialHex) ?? null;
}
