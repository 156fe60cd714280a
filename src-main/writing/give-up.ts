/**
 * Giving a deed up. Rule: the CA first – once it has cancelled, no late completion can make certificates active – then the key; and never
 * what is completed already.
 */
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { DeedRecord } from '../journal/deed-record.ts';
import type { TokenSession } from '../token/token-port.ts';
import type { WritingPorts } from './ports.ts';
import { findOpenIssuance } from './start-issuance.ts';

/**
 * @param session the key, logged in; null when there is nothing on it or it is not at hand
 * @throws DEED_NOT_CANCELLABLE when the CA has completed it; the journal then says completed
 */
export async function giveUp(deed: DeedRecord, session: TokenSession | null, ports: WritingPorts): Promise<DeedRecord> {
  const issuance = await issuanceOf(deed, ports);
  if (issuance?.state === 'completed') {
    ports.journal.finish(deed.id, 'completed', { remainingQuantity: issuance.remainingQuantity });
    throw new AppError('DEED_NOT_CANCELLABLE', { state: 'completed' });
  }
  if (issuance && issuance.state !== 'cancelled') await ports.ca.cancelIssuance({ params: { issuanceId: issuance.id } });
  await session?.deleteContainer(deed.containerId);
  ports.log.info('deed cancelled', { deedId: deed.id, issuanceId: issuance?.id ?? null, keyCleared: session !== null });
  return ports.journal.finish(deed.id, 'cancelled', { issuanceId: issuance?.id ?? null });
}

/** The CA is asked even when the journal knows no issuance: the start may have arrived without our hearing of it. */
function issuanceOf(deed: DeedRecord, ports: WritingPorts): Promise<Issuance | null> {
  return deed.issuanceId === null ? findOpenIssuance(deed, ports) : ports.ca.getIssuance({ params: { issuanceId: deed.issuanceId } });
}

/** Has a step begun that leaves something on the key? */
export function mayHoldContainer(deed: DeedRecord): boolean {
  return deed.steps.some((step) => step.name === 'generate' && step.attempts > 0);
}
