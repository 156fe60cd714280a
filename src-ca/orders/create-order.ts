/** Placing an order. */
import type { CertificateSubject, Order } from '#shared/contract/rest/orders.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import { newId, newOrderNumber } from '../identifiers.ts';
import { callOnce, type OncePorts } from '../once/call-once.ts';
import type { OnceCall } from '../once/idempotency-port.ts';
import { checkSubject } from './check-subject.ts';
import type { CatalogueItemRow, CatalogueRecords, OrderLineRow, OrderRecords, OrderRow } from './order-port.ts';
import { itemView, orderView } from './order-view.ts';

interface Scope {
  readonly catalogue: CatalogueRecords;
  readonly orders: OrderRecords;
  readonly audit: AuditRecords;
}

export interface OrderInput {
  readonly projectId: string;
  readonly lines: readonly { readonly itemId: string; readonly quantity: number; readonly subject: CertificateSubject }[];
}

/** @throws ORDER_ITEM_UNKNOWN, ACCOUNT_SUBJECT_INVALID, IDEMPOTENCY_* */
export async function createOrder(ports: OncePorts<Scope> & { readonly auditSeal: AuditSeal }, caller: Caller, input: OrderInput, once: OnceCall): Promise<Order> {
  return await callOnce(ports, once, async ({ catalogue, orders, audit }: Scope) => {
    const now = ports.clock();
    const project = (await catalogue.project(input.projectId)) ?? refuse('ORDER_ITEM_UNKNOWN', { projectId: input.projectId });
    const items = await catalogue.items();
    const order: OrderRow = { id: newId(), number: newOrderNumber(now), accountId: caller.accountId, projectId: project.id, state: 'awaiting-payment', totalFen: 0, createdAtMs: now.getTime(), paidAtMs: null };
    const lines = input.lines.map((line, position) => {
      const item = items.find(({ id, projectId }) => id === line.itemId && projectId === project.id) ?? refuse('ORDER_ITEM_UNKNOWN', { itemId: line.itemId });
      checkSubject(line.subject, item.certificateType);
      return { row: lineRow(order, item, line, position), fen: item.unitPriceFen * line.quantity };
    });
    order.totalFen = lines.reduce((total, { fen }) => total + fen, 0);
    if (order.totalFen > MAX_TOTAL_FEN) throw new AppError('INPUT_INVALID', { reason: 'the total is too large' });
    const rows = lines.map(({ row }) => row);
    await orders.insert(order, rows);
    await recordAudit(audit, ports.auditSeal, { atMs: order.createdAtMs, actor: caller.accountId, event: 'order.created', target: order.id, details: { number: order.number, totalFen: order.totalFen, lines: rows.length } });
    return orderView(order, rows, [project]);
  });
}

/** The contract's bound for money. */
const MAX_TOTAL_FEN = 1_000_000_000_00;

function lineRow(order: OrderRow, item: CatalogueItemRow, line: OrderInput['lines'][number], position: number): OrderLineRow {
  return {
    id: newId(), orderId: order.id, accountId: order.accountId, position, itemId: item.id,
    itemJson: JSON.stringify(itemView(item)), subjectJson: JSON.stringify(line.subject),
    quantity: line.quantity, writtenQuantity: 0, openQuantity: 0, toWrite: 0, createdAtMs: order.createdAtMs,
  };
}
