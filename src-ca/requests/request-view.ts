/** Requests as the contract shows them. A page of them asks the store as often as one does. */
import type { Request, RequestMaterial } from '#shared/contract/rest/requests.ts';
import { assert } from '#shared/errors/assert.ts';
import { utcText, utcTextOrNull } from '../clock.ts';
import type { CodeRecords } from '../codes/code-port.ts';
import type { CertificateRecords } from '../issuance/issuance-port.ts';
import type { CatalogueRecords, OrderRecords, RefundRecords } from '../orders/order-port.ts';
import { remainingQuantity, requestItem, requestSubject, unitPriceFen, type MaterialRow, type RequestRecords, type RequestRow } from './request-port.ts';

export interface RequestViewScope {
  readonly requests: RequestRecords;
  readonly catalogue: CatalogueRecords;
  readonly orders: OrderRecords;
  readonly refunds: RefundRecords;
  readonly codes: CodeRecords;
  readonly certificates: CertificateRecords;
}

export async function requestView(scope: RequestViewScope, row: RequestRow): Promise<Request> {
  const [view] = await requestViews(scope, [row]);
  assert(view, 'one view for one row');
  return view;
}

export function materialView({ id, materialKindId, fileName, mediaType, bytes, sha256Hex, addedAtMs }: MaterialRow): RequestMaterial {
  return { id, materialKindId, fileName, mediaType, bytes, sha256Hex, addedAtUtc: utcText(addedAtMs) };
}

const present = <T>(values: readonly (T | null)[]): T[] => values.flatMap((value) => (value === null ? [] : [value]));

export async function requestViews(scope: RequestViewScope, rows: readonly RequestRow[]): Promise<Request[]> {
  const ids = rows.map(({ id }) => id);
  const projects = await scope.catalogue.projects();
  const orders = await scope.orders.byIds(present(rows.map(({ orderId }) => orderId)));
  const refunds = await scope.refunds.ofRequests(ids);
  const certificates = await scope.certificates.bySerials(present(rows.map(({ certificateSerialHex }) => certificateSerialHex)));
  const codes = await scope.codes.newestOfRequests(ids);
  const events = await scope.requests.events(ids);
  const materials = await scope.requests.materials(ids);
  const approvals = await scope.requests.recoveryApprovals(ids);
  return rows.map((row) => {
    const certificate = certificates.find(({ serialHex }) => serialHex === row.certificateSerialHex);
    const { id, number, kind, state, version, projectId, keyAlgorithm, tokenSerial, tokenModelId, certificateSerialHex, changeKindId, keyPolicy, revocationReason, oldKeyHandling, itemId, quantity, writtenQuantity, openQuantity, orderId, rejectionReason, claimedByStaffId } = row;
    return {
      id, number, kind, state, version, projectId, projectName: projects.find((project) => project.id === projectId)?.name ?? '', keyAlgorithm, tokenSerial, tokenModelId,
      certificateSerialHex, certificateSubject: certificate?.subject ?? null, certificateNotAfterUtc: utcTextOrNull(certificate?.notAfterMs ?? null),
      subject: requestSubject(row), changeKindId, keyPolicy, revocationReason, oldKeyHandling, itemId, years: requestItem(row)?.years ?? null, unitPriceFen: unitPriceFen(row),
      quantity, writtenQuantity, openQuantity, remainingQuantity: remainingQuantity(row), orderId, orderNumber: orders.find((order) => order.id === orderId)?.number ?? null,
      refundedFen: refunds.filter(({ requestId }) => requestId === id).reduce((sum, { amountFen }) => sum + amountFen, 0),
      materials: materials.filter(({ requestId }) => requestId === id).map(materialView),
      riskNoticeAcceptedAtUtc: utcTextOrNull(row.riskNoticeAtMs), rejectionReason, claimedByStaffId,
      recoveryApprovals: approvals.filter(({ requestId }) => requestId === id).length,
      codeExpiresAtUtc: utcTextOrNull(codes.find(({ requestId }) => requestId === id)?.expiresAtMs ?? null),
      createdAtUtc: utcText(row.createdAtMs), submittedAtUtc: utcTextOrNull(row.submittedAtMs), expiresAtUtc: utcTextOrNull(row.expiresAtMs),
      history: events.filter(({ requestId }) => requestId === id).map(({ atMs, actor, event, fromState, toState, reason }) => ({ atUtc: utcText(atMs), actor, event, from: fromState, to: toState, reason })),
    };
  });
}
