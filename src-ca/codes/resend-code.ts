/** Sending a new authorization code; the one before is void. At most one a minute and five a day for a request, so that nobody's phone is flooded. */
import { AppError } from '#shared/errors/app-error.ts';
import type { Caller } from '../caller.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS, utcText } from '../clock.ts';
import { callOnce, type OncePorts } from '../once/call-once.ts';
import type { OnceCall } from '../once/idempotency-port.ts';
import { ownedRequest } from '../requests/read-requests.ts';
import { sendCodeOf, type RequestCodeScope } from '../requests/send-request-code.ts';
import type { CodeRecords } from './code-port.ts';
import { maskedPhone, type SendCodePorts } from './send-code.ts';

const RESEND_PAUSE_MS = MINUTE_MS;
const CODES_PER_DAY = 5;
const STATES_WITH_CODES: readonly string[] = ['code-sent', 'writing'];

/** @throws NOT_FOUND, REQUEST_STATE, RATE_LIMITED, IDEMPOTENCY_* */
export async function resendAuthorizationCode(ports: OncePorts<RequestCodeScope> & SendCodePorts, caller: Caller, requestId: string, once: OnceCall): Promise<{ expiresAtUtc: string; sentToPhone: string }> {
  return await callOnce(ports, once, async (scope: RequestCodeScope) => {
    const nowMs = ports.clock().getTime();
    const request = await ownedRequest(scope.requests, caller, requestId);
    if (!STATES_WITH_CODES.includes(request.state)) throw new AppError('REQUEST_STATE', { state: request.state });
    await checkPace(scope.codes, request.id, nowMs);
    const { expiresAtMs, phone } = await sendCodeOf(scope, ports, request, nowMs);
    return { expiresAtUtc: utcText(expiresAtMs), sentToPhone: maskedPhone(phone) };
  });
}

async function checkPace(codes: CodeRecords, requestId: string, nowMs: number): Promise<void> {
  const { count, newestAtMs, oldestAtMs } = await codes.sentSince(requestId, nowMs - DAY_MS);
  const waitMs = Math.max(
    newestAtMs === null ? 0 : newestAtMs + RESEND_PAUSE_MS - nowMs,
    count >= CODES_PER_DAY && oldestAtMs !== null ? oldestAtMs + DAY_MS - nowMs : 0,
  );
  if (waitMs > 0) throw new AppError('RATE_LIMITED', { retryAfterSeconds: Math.ceil(waitMs / SECOND_MS) });
}
