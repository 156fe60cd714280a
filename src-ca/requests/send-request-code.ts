/** The authorization code of a request: sent when it is approved or paid, and again when it is asked for. */
import { assert } from '#shared/errors/assert.ts';
import { sendCode, type SendCodePorts } from '../codes/send-code.ts';
import type { OrderRecords } from '../orders/order-port.ts';
import { moveRequest, SYSTEM, type MoveScope } from './move-request.ts';
import { remainingQuantity, requestItem, type RequestRow } from './request-port.ts';

export type RequestCodeScope = MoveScope & { readonly orders: OrderRecords };

/** Moves the request to `code-sent` and sends its code. @throws REQUEST_STATE */
export async function sendRequestCode(scope: RequestCodeScope, ports: SendCodePorts, row: RequestRow, nowMs: number): Promise<RequestRow> {
  const moved = await moveRequest(scope, ports, row, { event: 'send-code', by: SYSTEM, nowMs });
  await sendCodeOf(scope, ports, moved, nowMs);
  return moved;
}

/** A new code for a request that has one; the one before is void. */
export async function sendCodeOf(scope: RequestCodeScope, ports: SendCodePorts, row: RequestRow, nowMs: number): Promise<{ expiresAtMs: number; phone: string }> {
  const account = await scope.accounts.byId(row.accountId);
  assert(account, 'every request belongs to an account');
  const order = row.orderId === null ? null : await scope.orders.byId(row.orderId);
  const { expiresAtMs } = await sendCode(scope, ports, {
    accountId: account.id, phone: account.phone, requestId: row.id, requestNumber: row.number, kind: row.kind, orderNumber: order?.number ?? null,
    serviceName: requestItem(row)?.serviceName ?? '', quantityLeft: remainingQuantity(row),
  }, nowMs);
  return { expiresAtMs, phone: account.phone };
}
