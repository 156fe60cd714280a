/** 待制作证书: paid new issues with keys that are not completed. */
import type { PendingWriting } from '#shared/contract/rest/orders.ts';
import { assert } from '#shared/errors/assert.ts';
import type { Caller } from '../caller.ts';
import { utcText, utcTextOrNull } from '../clock.ts';
import type { CodeRecords } from '../codes/code-port.ts';
import { pageOf, type CursorCodec } from '../cursors/cursor.ts';
import { remainingQuantity, requestItem, requestSubject, type RequestRecords, type RequestRow } from '../requests/request-port.ts';
import type { Transactions } from '../transactions.ts';
import type { CatalogueRecords, OrderRecords } from './order-port.ts';

interface PendingWritingsPorts {
  readonly transactions: Transactions<{ requests: RequestRecords; orders: OrderRecords; catalogue: CatalogueRecords; codes: CodeRecords }>;
  readonly cursors: CursorCodec;
}

/** Newest first. @throws CURSOR_INVALID */
export async function listPendingWritings(ports: PendingWritingsPorts, caller: Caller, query: { limit: number; after: string | undefined }): Promise<{ items: PendingWriting[]; next: string | null }> {
  const list = `pending-writings:${caller.accountId}`;
  const after = query.after === undefined ? null : ports.cursors.read(list, query.after);
  return await ports.transactions.read(async ({ requests, orders, catalogue, codes }) => {
    const rows = await requests.toWritePage(caller.accountId, after, query.limit + 1);
    const shown = rows.slice(0, query.limit);
    const liveCodes = await codes.newestOfRequests(shown.map(({ id }) => id));
    const projects = await catalogue.projects();
    const itsOrders = await orders.byIds(shown.flatMap(({ orderId }) => (orderId === null ? [] : [orderId])));
    const items = shown.map((row): PendingWriting => {
      const project = projects.find(({ id }) => id === row.projectId);
      const order = itsOrders.find(({ id }) => id === row.orderId);
      assert(project && order, 'a new issue that is to be written is of an order of a project');
      return {
        ...requestFacts(row), orderId: order.id, orderNumber: order.number, projectName: project.name, keyAlgorithm: project.keyAlgorithm,
        codeExpiresAtUtc: utcTextOrNull(liveCodes.find(({ requestId }) => requestId === row.id)?.expiresAtMs ?? null),
      };
    });
    return pageOf(rows, query.limit, { cursors: ports.cursors, list, positionOf: ({ createdAtMs, id }) => ({ createdAtMs, id }) }, items);
  });
}

function requestFacts(row: RequestRow) {
  const item = requestItem(row);
  const subject = requestSubject(row);
  assert(item && subject, 'a new issue that is to be written has an item and a subject');
  const { serviceName, certificateType, years, unitPriceFen } = item;
  return {
    requestId: row.id, requestNumber: row.number, orderName: serviceName, companyName: subject.commonName, kind: row.kind, certificateType, years, unitPriceFen,
    quantity: row.quantity, remainingQuantity: remainingQuantity(row), openQuantity: row.openQuantity,
    orderedAtUtc: utcText(row.createdAtMs),
  };
}
