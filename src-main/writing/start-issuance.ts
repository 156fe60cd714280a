/**
 * Step `start`: an authorization code is spent on one key. Rule: nobody knows after a kill whether the start arrived, so the service is
 * asked first, and a start that arrived is taken up instead of spending the code a second time.
 */
import { randomUUID } from 'node:crypto';
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import { fromBase64 } from '#shared/bytes/base64.ts';
import { equalBytes } from '#shared/bytes/byte-strings.ts';
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import type { DeedRecord } from '../journal/deed-record.ts';
import type { TokenSession } from '../token/token-port.ts';
import type { WritingPorts } from './ports.ts';

export interface Started {
  readonly issuance: Issuance;
  /** The deed's own, or that of the key which the issuance has certificates for already. */
  readonly containerId: string;
}

/** An issuance for this order line and key that is begun and not completed. @returns null when the service knows none */
export async function findOpenIssuance(deed: Pick<DeedRecord, 'requestId' | 'tokenSerial'>, ports: Pick<WritingPorts, 'ca'>): Promise<Issuance | null> {
  const page = await ports.ca.listOpenIssuances({ query: { requestId: deed.requestId, tokenSerial: deed.tokenSerial, limit: 1 } });
  return page.items[0] ?? null;
}

/** @param authorizationCode null when the person has not entered it (again). @throws DEED_CODE_NEEDED and what the service refuses */
export async function startIssuance(deed: DeedRecord, authorizationCode: string | null, session: TokenSession, ports: WritingPorts): Promise<Started> {
  const open = await findOpenIssuance(deed, ports);
  const takenUp = open ? await takeUp(open, deed, session, ports) : null;
  if (takenUp) return takenUp;
  if (authorizationCode === null) throw new AppError('DEED_CODE_NEEDED');
  try {
    return { issuance: await sendStart(deed, authorizationCode, ports), containerId: deed.containerId };
  } catch (thrown) {
    // An earlier start of ours was still on its way when the service was asked.
    const late = toAppError(thrown).code === 'ISSUANCE_OPEN_FOR_KEY' ? await findOpenIssuance(deed, ports) : null;
    const lateStarted = late ? await takeUp(late, deed, session, ports) : null;
    if (lateStarted) return lateStarted;
    throw thrown;
  }
}

async function sendStart(deed: DeedRecord, authorizationCode: string, ports: WritingPorts): Promise<Issuance> {
  const attempts = deed.steps.find((step) => step.name === 'start')?.attempts ?? 1;
  // A new attempt may bring another code; under the old key the service would answer as to the old one.
  const record = attempts > 1 ? ports.journal.note(deed.id, { startIdempotencyKey: randomUUID() }) : deed;
  const { requestId, tokenSerial, tokenModelId } = deed;
  return ports.ca.startIssuance({ idempotencyKey: record.startIdempotencyKey, body: { requestId, authorizationCode, tokenSerial, tokenModelId } });
}

/**
 * Goes on with an issuance that the service has open for this key. One that has certificates already is of use only with the key they
 * are for; without it (journal lost, key cleared) it is given up, which brings the use of the code back.
 * @returns null when it was given up
 */
async function takeUp(open: Issuance, deed: DeedRecord, session: TokenSession, ports: WritingPorts): Promise<Started | null> {
  if (!open.pair) return { issuance: open, containerId: deed.containerId };
  const { publicKeySpkiDer } = ports.certificates.readCertificate(fromBase64(open.pair.signCertificateDer));
  const containers = await session.listContainers();
  const holder = containers.find((one) => one.sign.hasPrivateKey && one.sign.publicKeySpkiDer !== null && equalBytes(one.sign.publicKeySpkiDer, publicKeySpkiDer));
  if (holder && /^[0-9a-f]{32}$/.test(holder.containerId)) {
    ports.log.info('open issuance taken up with its key', { issuanceId: open.id });
    return { issuance: open, containerId: holder.containerId };
  }
  ports.log.warn('open issuance given up: its key is not on the token', { issuanceId: open.id });
  await ports.ca.cancelIssuance({ params: { issuanceId: open.id } });
  return null;
}
