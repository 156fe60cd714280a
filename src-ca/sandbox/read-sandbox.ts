/** What a person sees in the sandbox: the messages that would have been sent, and the payments. */
import type { SandboxMessage, SandboxPayment } from '#shared/contract/rest/service.ts';
import { utcText } from '../clock.ts';
import { pageOf, type CursorCodec } from '../cursors/cursor.ts';
import type { MessageRecords, TextSeal } from '../messages/message-port.ts';
import type { PaymentRecords, PaymentRow } from '../orders/order-port.ts';
import { settlePayment, type SettlePaymentPorts } from '../payments/settle-payment.ts';
import type { Transactions } from '../transactions.ts';

const PAYMENTS_SHOWN = 100;

/** Newest first. @throws CURSOR_INVALID */
export async function listSandboxMessages(
  ports: { readonly transactions: Transactions<{ messages: MessageRecords }>; readonly cursors: CursorCodec; readonly textSeal: TextSeal },
  query: { limit: number; after: string | undefined; to: string | undefined },
): Promise<{ items: SandboxMessage[]; next: string | null }> {
  const list = `sandbox-messages:${query.to ?? ''}`;
  const after = query.after === undefined ? null : ports.cursors.read(list, query.after);
  const rows = await ports.transactions.read(({ messages }) => messages.page(query.to === undefined ? {} : { recipient: query.to }, after, query.limit + 1));
  const items = rows.slice(0, query.limit).map(({ id, channel, recipient, subject, sealedText, createdAtMs }) => ({ id, channel, to: recipient, subject, text: ports.textSeal.open(sealedText), sentAtUtc: utcText(createdAtMs) }));
  return pageOf(rows, query.limit, { cursors: ports.cursors, list, positionOf: ({ createdAtMs, id }) => ({ createdAtMs, id }) }, items);
}

/** The newest hundred. */
export async function listSandboxPayments(ports: { readonly transactions: Transactions<{ payments: PaymentRecords }> }): Promise<{ items: SandboxPayment[] }> {
  return await ports.transactions.read(async ({ payments }) => ({ items: (await payments.newest(PAYMENTS_SHOWN)).map(paymentView) }));
}

/** @throws NOT_FOUND, PAYMENT_STATE */
export async function decideSandboxPayment(ports: SettlePaymentPorts, paymentId: string, decision: 'pay' | 'refuse'): Promise<SandboxPayment> {
  return paymentView(await settlePayment(ports, paymentId, decision));
}

function paymentView({ id, orderNumber, amountFen, refundedFen, state, createdAtMs }: PaymentRow & { orderNumber: string; refundedFen: number }): SandboxPayment {
  return { id, orderNumber, amountFen, refundedFen, state, createdAtUtc: utcText(createdAtMs) };
}
