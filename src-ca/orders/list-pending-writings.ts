/** 待制作证书: paid order lines with keys that are not completed. */
import type { PendingWriting } from '#shared/contract/rest/orders.ts';
import { assert } from '#shared/errors/assert.ts';
import type { Caller } from '../caller.ts';
import { utcText, utcTextOrNull } from '../clock.ts';
import type { CodeRecords } from '../codes/code-port.ts';
import { pageOf, type CursorCodec } from '../cursors/cursor.ts';
import type { Transactions } from '../transactions.ts';
import { itemOf, subjectOf, type CatalogueRecords, type OrderLineRow, type OrderRecords } from './order-port.ts';

interface PendingWritingsPorts {
  readonly transactions: Transactions<{ orders: OrderRecords; catalogue: CatalogueRecords; codes: CodeRecords }>;
  readonly cursors: CursorCodec;
}

/** Newest order first. @throws CURSOR_INVALID */
export async function listPendingWritings(ports: PendingWritingsPorts, caller: Caller, query: { limit: number; after: string | undefined }): Promise<{ items: PendingWriting[]; next: string | null }> {
  const list = `pending-writings:${caller.accountId}`;
  const after = query.after === undefined ? null : ports.cursors.read(list, query.after);
  return await ports.transactions.read(async ({ orders, catalogue, codes }) => {
    const rows = await orders.toWritePage(caller.accountId, after, query.limit + 1);
    const shown = rows.slice(0, query.limit);
    const liveCodes = await codes.newestOfLines(shown.map(({ id }) => id), 'new-issue');
    const projects = await catalogue.projects();
    const items: PendingWriting[] = [];
    for (const line of shown) {
      const order = await orders.byId(line.orderId);
      const project = projects.find(({ id }) => id === order?.projectId);
      assert(order && project, 'every line belongs to an order of a project');
      items.push({
        ...lineFacts(line),
        orderId: order.id, orderNumber: order.number, projectName: project.name, keyAlgorithm: project.keyAlgorithm,
        codeExpiresAtUtc: utcTextOrNull(liveCodes.find(({ orderLineId }) => orderLineId === line.id)?.expiresAtMs ?? null),
      });
    }
    return pageOf(rows, query.limit, { cursors: ports.cursors, list, positionOf: ({ createdAtMs, id }) => ({ createdAtMs, id }) }, items);
  });
}

function lineFacts(line: OrderLineRow) {
  const { serviceName, kind, certificateType, years, unitPriceFen } = itemOf(line);
  return {
    requestId: line.id, requestNumber: line.id, orderName: serviceName, companyName: subjectOf(line).commonName, kind, certificateType, years, unitPriceFen,
    quantity: line.quantity, remainingQuantity: line.quantity - line.writtenQuantity - line.openQuantity, openQuantity: line.openQuantity,
    orderedAtUtc: utcText(line.createdAtMs),
  };
}
