/** Beginning a new issue. Rule: everything that can be refused without spending anything is refused before the code is sent; a refused start leaves nothing behind. */
import { randomUUID } from 'node:crypto';
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { DesktopInput } from '#shared/contract/desktop/desktop-contract.ts';
import type { TokenRef, TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { PendingWriting } from '#shared/contract/rest/orders.ts';
import { toHex } from '#shared/bytes/hex.ts';
import { AppError, toAppError } from '#shared/errors/app-error.ts';
import type { DeedRecord } from '../journal/deed-record.ts';
import type { KeyHold } from './key-holds.ts';
import { findOrderLine } from './order-line.ts';
import { passPinGate, pinBytes } from './pin-gate.ts';
import { requireAgreement, requireExactAgreement } from './present-certificates.ts';
import { interrupt } from './run-steps.ts';
import { begin, closingOnError, isRefusal, tell, type WritingDesk } from './writing-desk.ts';

type StartInput = DesktopInput<'writing.startNewIssue'>;

/** @returns the deed: running, or interrupted when nobody knows whether the start arrived. @throws what was refused */
export async function startNewIssue(desk: WritingDesk, input: StartInput): Promise<Deed> {
  const account = desk.ports.requireAccount();
  const hold = desk.holds.take(input.token.serial);
  try {
    refuseUnfinished(desk, input.token.serial);
    return await startOnKey(desk, input, account.id, hold);
  } catch (thrown) {
    desk.holds.release(hold);
    return afterFailedStart(desk, hold.deedId, toAppError(thrown));
  }
}

async function startOnKey(desk: WritingDesk, input: StartInput, accountId: string, hold: KeyHold): Promise<Deed> {
  const { ports } = desk;
  const agreed = input.agreedToAddBesideCertificates ?? [];
  const summary = await lookAtKey(desk, input.token);
  passPinGate(summary.pin, input.confirmedFewTries ?? false);
  requireAgreement(summary, agreed);
  const line = await findOrderLine(input.requestId, ports.ca);
  requireAlgorithm(summary, line);
  const session = await ports.tokens.logIn(summary.ref, pinBytes(input.pin));
  return closingOnError(session, async () => {
    requireExactAgreement(summary, await session.listContainers(), agreed, ports.crypto);
    return begin(desk, createDeed(desk, { input, accountId, summary, line }), input.authorizationCode, session, hold);
  });
}

/** A key that cannot have the keys of the project would fail only after the code was spent. @throws DRIVER_MECHANISM */
function requireAlgorithm({ keyAlgorithms, modelId }: TokenSummary, { keyAlgorithm }: PendingWriting): void {
  if (keyAlgorithms !== undefined && !keyAlgorithms.includes(keyAlgorithm)) throw new AppError('DRIVER_MECHANISM', { mechanism: keyAlgorithm, modelId });
}

/** A list asks the drivers anew: what is remembered of the key may be from before its last writing. */
async function lookAtKey({ ports }: WritingDesk, ref: TokenRef): Promise<TokenSummary> {
  await ports.tokens.list();
  return ports.tokens.get(ref);
}

/** Container and Idempotency-Key are on the disk before anything exists that could be lost under them. */
function createDeed({ ports }: WritingDesk, facts: { input: StartInput; accountId: string; summary: TokenSummary; line: PendingWriting }): DeedRecord {
  const { input, accountId, summary, line } = facts;
  return ports.journal.create({
    id: randomUUID(), accountId, driverId: summary.ref.driverId, tokenSerial: summary.ref.serial, tokenModelId: input.tokenModelId,
    requestId: line.requestId, orderNumber: line.orderNumber, companyName: line.companyName, projectName: line.projectName, keyAlgorithm: line.keyAlgorithm,
    containerId: toHex(ports.crypto.randomBytes(16)), startIdempotencyKey: randomUUID(),
  });
}

function refuseUnfinished({ ports }: WritingDesk, serial: string): void {
  const unfinished = ports.journal.listUnfinished().find((deed) => deed.tokenSerial === serial);
  if (unfinished) throw new AppError('DEED_UNFINISHED', { deedId: unfinished.id, orderNumber: unfinished.orderNumber });
}

/** A refused start leaves nothing behind; one of unknown outcome leaves a deed that can be resumed. */
function afterFailedStart(desk: WritingDesk, deedId: string | null, error: AppError): Deed {
  if (deedId === null) throw error;
  if (!isRefusal(error)) return tell(desk, interrupt(deedId, error, desk.ports));
  tell(desk, desk.ports.journal.finish(deedId, 'cancelled', {}));
  throw error;
}
