/** A deed of the journal as screens see it. */
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { DeedRecord } from '../journal/deed-record.ts';
import { planRow } from './plans/plan-table.ts';

export function viewDeed(record: DeedRecord): Deed {
  return {
    id: record.id,
    kind: record.kind,
    plan: record.plan,
    state: record.state,
    step: record.step,
    steps: record.steps.map(({ name, state }) => ({ name, state })),
    token: { driverId: record.driverId, serial: record.tokenSerial },
    tokenModelId: record.tokenModelId,
    requestId: record.requestId,
    requestNumber: record.requestNumber,
    orderNumber: record.orderNumber,
    companyName: record.companyName,
    projectName: record.projectName,
    cancellable: isCancellable(record),
    codeNeeded: isBegun(record) ? false : record.codeNeeded,
    pinNeeded: pinNeeded(record),
    remainingQuantity: record.remainingQuantity,
    error: record.failure,
    startedAtUtc: record.startedAtUtc,
    updatedAtUtc: record.updatedAtUtc,
  };
}

/** The service has the beginning of the deed, and the code is spent. */
export function isBegun(record: DeedRecord): boolean {
  return record.issuanceId !== null || record.steps[0]?.state === 'done';
}

/**
 * Whether giving it up works, as far as the journal knows. A run is given up after its present step. While nobody carries it out the service is asked: what it has
 * completed is closed as completed, what it has open is cancelled there. Only of an unlock the answer may be no for good, and is asked for by itself (`mayBeGivenUpNow`).
 */
function isCancellable(record: DeedRecord): boolean {
  const { atService, mayBeGivenUp, steps } = planRow(record.plan);
  if (record.state === 'running') {
    const next = steps[steps.indexOf(record.step) + 1];
    return next !== undefined && mayBeGivenUp(next);
  }
  if (record.state !== 'interrupted' || atService === 'release') return false;
  return atService !== 'deposit' || mayBeGivenUp(record.step);
}

function pinNeeded(record: DeedRecord): Deed['pinNeeded'] {
  if (planRow(record.plan).opensKey) return 'pin';
  if (record.plan !== 'unlock') return 'none';
  return record.steps.some(({ name, state }) => name === 'unblock' && state === 'done') ? 'pin' : 'new-pin';
}
