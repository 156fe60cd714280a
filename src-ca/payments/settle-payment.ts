/**
 * What the payment provider tells us: the customer paid, or gave up. The requests of a paid order get their authorization codes in the same transaction.
 * Money is never turned away, for nobody would give it back: what comes for an order that does not wait for it any more is taken and returned at once.
 */
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Clock } from '../clock.ts';
import type { SendCodePorts } from '../codes/send-code.ts';
import type { OrderRecords, OrderRow, PaymentRecords, PaymentRow, PaymentState, RefundRecords } from '../orders/order-port.ts';
import { nextOrderState } from '../orders/order-states.ts';
import { moveRequest, SYSTEM, type MoveScope } from '../requests/move-request.ts';
import { sendRequestCode } from '../requests/send-request-code.ts';
import type { Transactions } from '../transactions.ts';
import type { PaymentProvider } from './payment-port.ts';
import { returnPayment } from './return-payment.ts';

type Scope = MoveScope & {
  readonly orders: OrderRecords;
  readonly payments: PaymentRecords;
  readonly refunds: RefundRecords;
};

export type SettlePaymentPorts = SendCodePorts & { readonly transactions: Transactions<Scope>; readonly paymentProvider: PaymentProvider; readonly clock: Clock };

/** @throws NOT_FOUND, PAYMENT_STATE, PROVIDER_UNAVAILABLE (the provider must say it again) */
export async function settlePayment(ports: SettlePaymentPorts, paymentId: string, decision: 'pay' | 'refuse'): Promise<PaymentRow & { orderNumber: string; refundedFen: number }> {
  return await ports.transactions.write(async (scope) => {
    const payment = (await scope.payments.byId(paymentId)) ?? refuse('NOT_FOUND', { what: 'payment' });
    const order = await scope.orders.byId(payment.orderId);
    assert(order, 'every payment belongs to an order');
    const nowMs = ports.clock().getTime();
    const state = decision === 'refuse' ? 'refused' : order.state === 'awaiting-payment' ? 'paid' : 'returned';
    // A payment that was given up – with its order, or at the till – may arrive all the same.
    if (!(await scope.payments.decide(payment.id, decision === 'refuse' ? ['open'] : ['open', 'refused'], state, nowMs))) throw new AppError('PAYMENT_STATE', { state: payment.state });
    await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: 'system', event: AUDITED[state], target: payment.id, details: { orderId: order.id, amountFen: payment.amountFen } });
    if (state === 'paid') await markPaid(scope, ports, order, nowMs);
    if (state === 'returned') await returnPayment(scope, ports, payment, order, nowMs);
    const refunds = await scope.refunds.ofPayment(payment.id);
    return { ...payment, state, decidedAtMs: nowMs, orderNumber: order.number, refundedFen: refunds.reduce((sum, { amountFen }) => sum + amountFen, 0) };
  });
}

const AUDITED = { paid: 'payment.paid', refused: 'payment.refused', returned: 'payment.late' } as const satisfies Record<Exclude<PaymentState, 'open'>, string>;

async function markPaid(scope: Scope, ports: SettlePaymentPorts, order: OrderRow, nowMs: number): Promise<void> {
  const moved = await scope.orders.move(order.id, order.state, nextOrderState(order.state, 'pay'), { paidAtMs: nowMs });
  assert(moved, 'nobody else moves an order inside this transaction');
  // Begun after the one that was given up and has arrived now.
  const open = await scope.payments.openOfOrder(order.id);
  if (open !== null) await scope.payments.decide(open.id, ['open'], 'refused', nowMs);
  for (const request of await scope.requests.ofOrder(order.id)) {
    const paid = await moveRequest(scope, ports, request, { event: 'pay', by: SYSTEM, nowMs, changes: { paidAtMs: nowMs } });
    await sendRequestCode(scope, ports, paid, nowMs);
  }
  const account = await scope.accounts.byId(order.accountId);
  assert(account, 'every order belongs to an account');
  if (account.loginName.includes('@')) {
    const text = `订单 ${order.number} 已支付，共 ¥${(order.totalFen / 100).toFixed(2)}。操作授权码已用短信发送，请打开标钥证书管理工具制作证书。`;
    await ports.messageProvider.send(scope.messages, { channel: 'mail', to: account.loginName, subject: `标钥订单 ${order.number} 支付成功`, text }, nowMs);
  }
}
