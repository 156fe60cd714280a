/** Step `start` of a key recovery: the code is spent on this key, or the recovery that is begun already is taken up. */
import { randomUUID } from 'node:crypto';
import type { KeyRecovery } from '#shared/contract/rest/keys.ts';
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import type { DeedRecord } from '../journal/deed-record.ts';
import type { TokenSession } from '../token/token-port.ts';
import { findCertificateHolder } from './old-pair.ts';
import type { WritingPorts } from './ports.ts';

/** @returns the recovery and the container whose signing key vouches for the restored keys. @throws DEED_CODE_NEEDED, KEY_NOT_FOUND and what the service refuses */
export async function startKeyRecovery(deed: DeedRecord, authorizationCode: string | null, session: TokenSession, ports: WritingPorts): Promise<{ readonly recovery: KeyRecovery; readonly containerId: string }> {
  const recovery = (await findOpenRecovery(deed, ports)) ?? (await begin(deed, authorizationCode, ports));
  const holder = await findCertificateHolder(recovery.signCertificateSerialHex, session, ports);
  if (!holder) throw new AppError('KEY_NOT_FOUND', { certificateSerialHex: recovery.signCertificateSerialHex, purpose: 'sign' });
  return { recovery, containerId: holder.containerId };
}

/** @returns null when it is not begun, or on another key. @throws REQUEST_STATE when staff have ended it */
export async function findOpenRecovery(deed: Pick<DeedRecord, 'requestId' | 'tokenSerial'>, ports: Pick<WritingPorts, 'ca'>): Promise<KeyRecovery | null> {
  const recovery = await findRecovery(deed, ports);
  if (recovery?.state === 'cancelled') throw new AppError('REQUEST_STATE', { state: recovery.state });
  return recovery?.tokenSerial === deed.tokenSerial ? recovery : null;
}

async function findRecovery(deed: Pick<DeedRecord, 'requestId'>, ports: Pick<WritingPorts, 'ca'>): Promise<KeyRecovery | null> {
  try {
    return await ports.ca.getKeyRecovery({ params: { requestId: deed.requestId } });
  } catch (thrown) {
    if (toAppError(thrown).code === 'REQUEST_STATE') return null;
    throw thrown;
  }
}

async function begin(deed: DeedRecord, authorizationCode: string | null, ports: WritingPorts): Promise<KeyRecovery> {
  if (authorizationCode === null) throw new AppError('DEED_CODE_NEEDED');
  const attempts = deed.steps.find((step) => step.name === 'start')?.attempts ?? 1;
  const record = attempts > 1 ? ports.journal.note(deed.id, { startIdempotencyKey: randomUUID() }) : deed;
  return ports.ca.startKeyRecovery({ idempotencyKey: record.startIdempotencyKey, params: { requestId: deed.requestId }, body: { authorizationCode, tokenSerial: deed.tokenSerial } });
}
