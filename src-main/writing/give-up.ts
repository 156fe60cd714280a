/**
 * Giving a deed up. Rule: the service first – once it has cancelled, no late completion can make certificates active – then the key, where it becomes as it was; and
 * never what is completed already.
 */
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { DeedRecord } from '../journal/deed-record.ts';
import type { TokenSession } from '../token/token-port.ts';
import { planRow, type DeedPlan } from './plans/plan-table.ts';
import type { WritingPorts } from './ports.ts';
import { findOpenIssuance } from './start-issuance.ts';

type GiveUpAtService = (deed: DeedRecord, ports: WritingPorts) => Promise<void>;

const AT_SERVICE: Readonly<Record<DeedPlan['atService'], GiveUpAtService>> = { issuance: cancelIssuance, release: requireNotReleased, recovery: requireRecoveryOpen, deposit: async () => undefined };

/**
 * @param session the key, logged in; null when there is nothing on it or it is not at hand
 * @throws DEED_NOT_CANCELLABLE when the service has completed it; the journal then says completed
 */
export async function giveUp(deed: DeedRecord, session: TokenSession | null, ports: WritingPorts): Promise<DeedRecord> {
  await AT_SERVICE[planRow(deed.plan).atService](deed, ports);
  if (session) await undoOnKey(deed, session);
  ports.log.info('deed cancelled', { deedId: deed.id, keyCleared: session !== null });
  return ports.journal.finish(deed.id, 'cancelled', {});
}

async function cancelIssuance(deed: DeedRecord, ports: WritingPorts): Promise<void> {
  const issuance = await issuanceOf(deed, ports);
  if (issuance?.state === 'completed') refuseCompleted(deed, ports, issuance.remainingQuantity);
  if (issuance && issuance.state !== 'cancelled') await ports.ca.cancelIssuance({ params: { issuanceId: issuance.id } });
  if (issuance) ports.journal.note(deed.id, { issuanceId: issuance.id });
}

/** The service is asked even when the journal knows no issuance: the start may have arrived without our hearing of it. */
function issuanceOf(deed: DeedRecord, ports: WritingPorts): Promise<Issuance | null> {
  return deed.issuanceId === null ? findOpenIssuance(deed, ports) : ports.ca.getIssuance({ params: { issuanceId: deed.issuanceId } });
}

/** Administrator PINs that were given out can only be made good by going on to the end, or by staff, who end the request: the service then keeps both PINs for the next unlock. */
async function requireNotReleased(deed: DeedRecord, ports: WritingPorts): Promise<void> {
  const { state } = await ports.ca.getRequest({ params: { requestId: deed.requestId } });
  if (state === 'completed') refuseCompleted(deed, ports, 0);
  if (state === 'writing') throw new AppError('DEED_NOT_CANCELLABLE', { state });
}

/** What was restored goes from the key again; the service keeps the recovery open, and it can be begun anew. */
async function requireRecoveryOpen(deed: DeedRecord, ports: WritingPorts): Promise<void> {
  const { state } = await ports.ca.getRequest({ params: { requestId: deed.requestId } });
  if (state === 'completed') refuseCompleted(deed, ports, 0);
}

function refuseCompleted(deed: DeedRecord, { journal }: WritingPorts, remainingQuantity: number): never {
  journal.finish(deed.id, 'completed', { remainingQuantity });
  throw new AppError('DEED_NOT_CANCELLABLE', { state: 'completed' });
}

/** Takes away what the deed made, and nothing else; with the same keys the certificates of before come back. */
async function undoOnKey(deed: DeedRecord, session: TokenSession): Promise<void> {
  const { restored, oldSignCertificateDer, oldEncryptionCertificateDer } = deed.planFacts;
  for (const containerId of restored ?? []) await session.deleteContainer(containerId);
  // Its container is that of the pair which works.
  if (deed.plan === 'key-recovery') return;
  if (deed.plan !== 'same-keys') return session.deleteContainer(deed.containerId);
  if (oldSignCertificateDer !== undefined) await session.importCertificate(deed.containerId, 'sign', fromBase64(oldSignCertificateDer));
  if (oldEncryptionCertificateDer !== undefined) await session.importCertificate(deed.containerId, 'encrypt', fromBase64(oldEncryptionCertificateDer));
}

const LEAVES_SOMETHING: readonly string[] = ['generate', 'import-certificates', 'restore-history'];

/** Has a step begun that leaves something on the key? */
export function mayHoldSomething(deed: DeedRecord): boolean {
  return deed.steps.some((step) => LEAVES_SOMETHING.includes(step.name) && step.attempts > 0);
}
