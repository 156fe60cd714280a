/** Money that came too late or twice: all of it goes back at once, for each request that it would have paid, in the transaction that takes it. */
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { assert } from '#shared/errors/assert.ts';
import { newId } from '../identifiers.ts';
import type { OrderRow, PaymentRow, RefundRecords } from '../orders/order-port.ts';
import { moveRequest, SYSTEM, type MovePorts, type MoveScope } from '../requests/move-request.ts';
import { unitPriceFen } from '../requests/request-port.ts';
import type { RequestState } from '#shared/contract/rest/requests.ts';
import type { PaymentProvider } from './payment-port.ts';

export type ReturnPaymentScope = MoveScope & { readonly refunds: RefundRecords; readonly audit: AuditRecords };
export type ReturnPaymentPorts = MovePorts & { readonly paymentProvider: PaymentProvider; readonly auditSeal: AuditSeal };

/** Here the request tells in its history that the money came; any other one was paid before and goes on, and a message tells of the second payment. */
const ENDED_UNPAID: readonly RequestState[] = ['cancelled', 'expired'];

/** @throws PROVIDER_UNAVAILABLE */
export async function returnPayment(scope: ReturnPaymentScope, ports: ReturnPaymentPorts, payment: PaymentRow, order: OrderRow, nowMs: number): Promise<void> {
  let [returnedFen, toldFen] = [0, 0];
  for (const request of await scope.requests.ofOrder(order.id)) {
    const amountFen = unitPriceFen(request) * request.quantity;
    if (amountFen === 0) continue;
    await ports.paymentProvider.refund(scope.refunds, { id: newId(), paymentId: payment.id, requestId: request.id, amountFen, createdAtMs: nowMs });
    await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: 'system', event: 'payment.refunded', target: payment.id, details: { requestId: request.id, amountFen } });
    returnedFen += amountFen;
    if (!ENDED_UNPAID.includes(request.state)) continue;
    await moveRequest(scope, ports, request, { event: 'pay-late', by: SYSTEM, nowMs, refundFen: amountFen });
    toldFen += amountFen;
  }
  assert(returnedFen === payment.amountFen, 'an order costs what its requests cost');
  if (toldFen < returnedFen) await tellOfSecondPayment(scope, ports, order, returnedFen - toldFen, nowMs);
}

async function tellOfSecondPayment(scope: ReturnPaymentScope, ports: ReturnPaymentPorts, order: OrderRow, amountFen: number, nowMs: number): Promise<void> {
  const account = await scope.accounts.byId(order.accountId);
  assert(account, 'every order belongs to an account');
  const text = `【标钥】您的订单${order.number}此前已支付，重复支付的 ¥${(amountFen / 100).toFixed(2)} 将原路退回。`;
  await ports.messageProvider.send(scope.messages, { channel: 'sms', to: account.phone, subject: null, text }, nowMs);
}
