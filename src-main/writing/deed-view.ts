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

/** While nobody carries it out the service is asked: what it has completed is closed as completed, and what staff have ended can be given up at any step. */
function isCancellable(record: DeedRecord): boolean {
  const plan = planRow(record.plan);
  if (record.state === 'running') return plan.mayBeGivenUp(record.step);
  return record.state === 'interrupted' && (plan.mayBeGivenUp(record.step) || plan.atService !== 'deposit');
}

function pinNeeded(record: DeedRecord): Deed['pinNeeded'] {
  if (planRow(record.plan).opensKey) return 'pin';
  if (record.plan !== 'unlock') return 'none';
  return record.steps.some(({ name, state }) => name === 'unblock' && state === 'done') ? 'pin' : 'new-pin';
}
