/** A deed of the journal as screens see it. */
import type { Deed } from '#shared/contract/desktop/deeds.ts';
import type { DeedRecord } from '../journal/deed-record.ts';

export function viewDeed(record: DeedRecord): Deed {
  return {
    id: record.id,
    kind: record.kind,
    state: record.state,
    step: record.step,
    steps: record.steps.map(({ name, state }) => ({ name, state })),
    token: { driverId: record.driverId, serial: record.tokenSerial },
    tokenModelId: record.tokenModelId,
    requestId: record.requestId,
    orderNumber: record.orderNumber,
    companyName: record.companyName,
    projectName: record.projectName,
    cancellable: record.state === 'interrupted' || (record.state === 'running' && record.step !== 'complete'),
    codeNeeded: record.issuanceId === null ? record.codeNeeded : false,
    remainingQuantity: record.remainingQuantity,
    error: record.failure,
    startedAtUtc: record.startedAtUtc,
    updatedAtUtc: record.updatedAtUtc,
  };
}
