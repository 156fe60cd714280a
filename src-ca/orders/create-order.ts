/** Placing an order of new issues: every line is a request of its own, of the same id, that awaits its payment. */
import type { CertificateSubject, Order } from '#shared/contract/rest/orders.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import { newId, newOrderNumber, newRequestNumber } from '../identifiers.ts';
import { callOnce, type OncePorts } from '../once/call-once.ts';
import type { OnceCall } from '../once/idempotency-port.ts';
import { applicant, insertRequest, type MovePorts, type MoveScope } from '../requests/move-request.ts';
import { blankRequest } from '../requests/blank-request.ts';
import { checkSubject } from './check-subject.ts';
import type { CatalogueItemRow, CatalogueRecords, OrderRecords, OrderRow, ProjectRow } from './order-port.ts';
import { itemView, orderView } from './order-view.ts';

type Scope = MoveScope & {
  readonly catalogue: CatalogueRecords;
  readonly orders: OrderRecords;
};

interface OrderInputLine {
  readonly itemId: string;
  readonly quantity: number;
  readonly subject: CertificateSubject;
}

export interface OrderInput {
  readonly projectId: string;
  readonly lines: readonly OrderInputLine[];
}

/** @throws ORDER_ITEM_UNKNOWN, ACCOUNT_SUBJECT_INVALID, IDEMPOTENCY_* */
export async function createOrder(ports: OncePorts<Scope> & MovePorts, caller: Caller, input: OrderInput, once: OnceCall): Promise<Order> {
  return await callOnce(ports, once, async (scope: Scope) => {
    const now = ports.clock();
    const project = (await scope.catalogue.project(input.projectId)) ?? refuse('ORDER_ITEM_UNKNOWN', { projectId: input.projectId });
    const items = await scope.catalogue.items();
    const lines = input.lines.map((line) => {
      const item = items.find(({ id, projectId, kind }) => id === line.itemId && projectId === project.id && kind === 'new-issue') ?? refuse('ORDER_ITEM_UNKNOWN', { itemId: line.itemId });
      checkSubject(line.subject, item.certificateType);
      return { ...line, item };
    });
    const totalFen = lines.reduce((total, { item, quantity }) => total + item.unitPriceFen * quantity, 0);
    if (totalFen > MAX_TOTAL_FEN) throw new AppError('INPUT_INVALID', { reason: 'the total is too large' });
    const order: OrderRow = { id: newId(), number: newOrderNumber(now), accountId: caller.accountId, projectId: project.id, state: 'awaiting-payment', totalFen, createdAtMs: now.getTime(), paidAtMs: null };
    await scope.orders.insert(order);
    for (const [position, line] of lines.entries()) await insertLine(scope, ports, { caller, project, order, position, line, now });
    await recordAudit(scope.audit, ports.auditSeal, { atMs: order.createdAtMs, actor: caller.accountId, event: 'order.created', target: order.id, details: { number: order.number, totalFen: order.totalFen, lines: lines.length } });
    return orderView(order, await scope.orders.lines([order.id]), [project]);
  });
}

/** The contract's bound for money. */
const MAX_TOTAL_FEN = 1_000_000_000_00;

interface LineFacts {
  readonly caller: Caller;
  readonly project: ProjectRow;
  readonly order: OrderRow;
  readonly position: number;
  readonly line: OrderInputLine & { readonly item: CatalogueItemRow };
  readonly now: Date;
}

async function insertLine(scope: Scope, ports: MovePorts, { caller, project, order, position, line, now }: LineFacts): Promise<void> {
  const { item, quantity, subject } = line;
  const itemJson = JSON.stringify(itemView(item));
  const request = await insertRequest(scope, ports, {
    ...blankRequest({ id: newId(), number: newRequestNumber(now), accountId: caller.accountId, project, kind: 'new-issue', certificateType: item.certificateType, nowMs: order.createdAtMs }),
    subjectJson: JSON.stringify(subject), itemId: item.id, itemJson, quantity, orderId: order.id, submittedAtMs: order.createdAtMs,
  }, 'order', applicant(caller), order.createdAtMs);
  await scope.orders.insertLines([{ id: request.id, orderId: order.id, accountId: caller.accountId, position, itemId: item.id, itemJson, createdAtMs: order.createdAtMs }]);
}
