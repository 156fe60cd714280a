/** What the payment provider tells us: the customer paid, or gave up. A paid order gets its authorization codes in the same transaction. */
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import type { AccountRecords } from '../accounts/account-port.ts';
import type { AuditRecords } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Clock } from '../clock.ts';
import type { CodeRecords } from '../codes/code-port.ts';
import { sendCode, type SendCodePorts } from '../codes/send-code.ts';
import type { MessageRecords } from '../messages/message-port.ts';
import { itemOf, type OrderRecords, type OrderRow, type PaymentRecords, type PaymentRow } from '../orders/order-port.ts';
import { nextOrderState } from '../orders/order-states.ts';
import type { Transactions } from '../transactions.ts';

interface Scope {
  readonly orders: OrderRecords;
  readonly payments: PaymentRecords;
  readonly codes: CodeRecords;
  readonly accounts: AccountRecords;
  readonly messages: MessageRecords;
  readonly audit: AuditRecords;
}

export type SettlePaymentPorts = SendCodePorts & { readonly transactions: Transactions<Scope>; readonly clock: Clock };

/** @throws NOT_FOUND, PAYMENT_STATE */
export async function settlePayment(ports: SettlePaymentPorts, paymentId: string, decision: 'pay' | 'refuse'): Promise<PaymentRow & { orderNumber: string }> {
  return await ports.transactions.write(async (scope) => {
    const payment = (await scope.payments.byId(paymentId)) ?? refuse('NOT_FOUND', { what: 'payment' });
    const order = await scope.orders.byId(payment.orderId);
    assert(order, 'every payment belongs to an order');
    const nowMs = ports.clock().getTime();
    const state = decision === 'pay' ? 'paid' : 'refused';
    if (!(await scope.payments.decide(payment.id, state, nowMs))) throw new AppError('PAYMENT_STATE', { state: payment.state });
    await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: 'system', event: `payment.${state}`, target: payment.id, details: { orderId: order.id, amountFen: payment.amountFen } });
    if (decision === 'pay') await markPaid(scope, ports, order, nowMs);
    return { ...payment, state, decidedAtMs: nowMs, orderNumber: order.number };
  });
}

async function markPaid(scope: Scope, ports: SettlePaymentPorts, order: OrderRow, nowMs: number): Promise<void> {
  const moved = await scope.orders.move(order.id, order.state, nextOrderState(order.state, 'pay'), { paidAtMs: nowMs });
  assert(moved, 'an order with an open payment awaits it');
  await scope.orders.setToWrite(order.id, 1);
  const account = await scope.accounts.byId(order.accountId);
  assert(account, 'every order belongs to an account');
  for (const line of await scope.orders.lines([order.id])) {
    await sendCode(scope, ports, { accountId: account.id, phone: account.phone, orderNumber: order.number, orderLineId: line.id, serviceName: itemOf(line).serviceName, quantityLeft: line.quantity }, 'new-issue', nowMs);
  }
  if (account.loginName.includes('@')) {
    const text = `订单 ${order.number} 已支付，共 ¥${(order.totalFen / 100).toFixed(2)}。操作授权码已用短信发送，请打开标钥证书管理工具制作证书。`;
    await ports.messageProvider.send(scope.messages, { channel: 'mail', to: account.loginName, subject: `标钥订单 ${order.number} 支付成功`, text }, nowMs);
  }
}
