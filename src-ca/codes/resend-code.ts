/** Sending a new authorization code; the one before is void. At most one a minute and five a day for an order line, so that nobody's phone is flooded. */
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { AccountRecords } from '../accounts/account-port.ts';
import type { AuditRecords } from '../audit/audit-port.ts';
import type { Caller } from '../caller.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS, utcText } from '../clock.ts';
import type { MessageRecords } from '../messages/message-port.ts';
import { callOnce, type OncePorts } from '../once/call-once.ts';
import type { OnceCall } from '../once/idempotency-port.ts';
import { itemOf, type OrderRecords } from '../orders/order-port.ts';
import type { CodeRecords } from './code-port.ts';
import { maskedPhone, sendCode, type SendCodePorts } from './send-code.ts';

const RESEND_PAUSE_MS = MINUTE_MS;
const CODES_PER_DAY = 5;

interface Scope {
  readonly orders: OrderRecords;
  readonly codes: CodeRecords;
  readonly accounts: AccountRecords;
  readonly messages: MessageRecords;
  readonly audit: AuditRecords;
}

/** @throws NOT_FOUND, ORDER_STATE, RATE_LIMITED, IDEMPOTENCY_* */
export async function resendAuthorizationCode(ports: OncePorts<Scope> & SendCodePorts, caller: Caller, orderLineId: string, once: OnceCall): Promise<{ expiresAtUtc: string; sentToPhone: string }> {
  return await callOnce(ports, once, async (scope: Scope) => {
    const nowMs = ports.clock().getTime();
    const line = await scope.orders.line(orderLineId);
    const order = line === null ? null : await scope.orders.byId(line.orderId);
    const account = await scope.accounts.byId(caller.accountId);
    if (line === null || order === null || account === null || line.accountId !== caller.accountId) refuse('NOT_FOUND', { what: 'order line' });
    if (line.toWrite !== 1) throw new AppError('ORDER_STATE', { state: order.state });
    await checkPace(scope.codes, line.id, nowMs);
    const quantityLeft = line.quantity - line.writtenQuantity - line.openQuantity;
    const { expiresAtMs } = await sendCode(scope, ports, { accountId: account.id, phone: account.phone, orderNumber: order.number, orderLineId: line.id, serviceName: itemOf(line).serviceName, quantityLeft }, 'new-issue', nowMs);
    return { expiresAtUtc: utcText(expiresAtMs), sentToPhone: maskedPhone(account.phone) };
  });
}

async function checkPace(codes: CodeRecords, orderLineId: string, nowMs: number): Promise<void> {
  const { count, newestAtMs, oldestAtMs } = await codes.sentSince(orderLineId, nowMs - DAY_MS);
  const waitMs = Math.max(
    newestAtMs === null ? 0 : newestAtMs + RESEND_PAUSE_MS - nowMs,
    count >= CODES_PER_DAY && oldestAtMs !== null ? oldestAtMs + DAY_MS - nowMs : 0,
  );
  if (waitMs > 0) throw new AppError('RATE_LIMITED', { retryAfterSeconds: Math.ceil(waitMs / SECOND_MS) });
}
