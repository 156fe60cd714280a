/** A request about which nothing is said yet but whose it is and what it is for. */
import type { RequestKind } from '#shared/contract/rest/orders.ts';
import type { ProjectRow } from '../orders/order-port.ts';
import type { RequestRow } from './request-port.ts';

export interface RequestBeginning {
  readonly id: string;
  readonly number: string;
  readonly accountId: string;
  readonly project: Pick<ProjectRow, 'id' | 'keyAlgorithm'>;
  readonly kind: RequestKind;
  readonly certificateType: RequestRow['certificateType'];
  readonly nowMs: number;
}

/** Without the columns that `move-request.ts` alone decides. */
export function blankRequest({ id, number, accountId, project, kind, certificateType, nowMs }: RequestBeginning): Omit<RequestRow, 'state' | 'version' | 'openSlot' | 'expiresAtMs' | 'stateSinceMs'> {
  return {
    id, number, accountId, projectId: project.id, kind, keyAlgorithm: project.keyAlgorithm, certificateType,
    tokenSerial: null, tokenModelId: null, certificateSerialHex: null, subjectJson: null, changeKindId: null, keyPolicy: null, revocationReason: null, oldKeyHandling: null,
    itemId: null, itemJson: null, quantity: 1, writtenQuantity: 0, openQuantity: 0, orderId: null, rejectionReason: null, claimedByStaffId: null,
    riskNoticeVersion: null, riskNoticeSignature: null, riskNoticeAtMs: null, createdAtMs: nowMs, submittedAtMs: null, paidAtMs: null,
  };
}
