/** Escrowed keys come back only when two different staff members agree, neither of them the applicant. */
import type { RequestKind } from '#shared/contract/rest/orders.ts';
import type { Request, RequestState } from '#shared/contract/rest/requests.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import type { Clock } from '../clock.ts';
import type { SendCodePorts } from '../codes/send-code.ts';
import type { Transactions } from '../transactions.ts';
import type { RequestRow } from './request-port.ts';
import { requestView, type RequestViewScope } from './request-view.ts';
import { sendRequestCode, type RequestCodeScope } from './send-request-code.ts';

export const RECOVERY_APPROVALS_NEEDED = 2;

const WITH_RECOVERY: readonly RequestKind[] = ['reissue', 'key-recovery'];
/** From its review until the new key is proven. */
const STATES: readonly RequestState[] = ['in-review', 'approved', 'awaiting-payment', 'paid', 'code-sent', 'writing'];

type Scope = RequestCodeScope & RequestViewScope;

/** The second agreement sends the code of an approved key recovery. @throws NOT_FOUND, REQUEST_STATE, REQUEST_OWN_REVIEW, RECOVERY_APPROVED_ALREADY */
export async function approveRecovery(ports: { readonly transactions: Transactions<Scope>; readonly clock: Clock } & SendCodePorts, caller: Caller, requestId: string): Promise<Request> {
  return await ports.transactions.write(async (scope) => {
    const row = (await scope.requests.byId(requestId)) ?? refuse('NOT_FOUND', { what: 'request' });
    if (row.accountId === caller.accountId) throw new AppError('REQUEST_OWN_REVIEW');
    if (!WITH_RECOVERY.includes(row.kind) || !STATES.includes(row.state)) throw new AppError('REQUEST_STATE', { state: row.state, kind: row.kind });
    const nowMs = ports.clock().getTime();
    if (!(await scope.requests.insertRecoveryApproval({ requestId: row.id, staffId: caller.accountId, atMs: nowMs }))) throw new AppError('RECOVERY_APPROVED_ALREADY');
    const given = (await scope.requests.recoveryApprovals([row.id])).length;
    await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'request.recovery-approved', target: row.id, details: { kind: row.kind, given, needed: RECOVERY_APPROVALS_NEEDED } });
    return await requestView(scope, await sendCodeOfRecovery(scope, ports, row, given, nowMs));
  });
}

/** Whichever comes last, the review or the second agreement. */
export async function sendCodeOfRecovery(scope: RequestCodeScope, ports: SendCodePorts, row: RequestRow, given: number, nowMs: number): Promise<RequestRow> {
  const ready = row.kind === 'key-recovery' && row.state === 'approved' && given >= RECOVERY_APPROVALS_NEEDED;
  return ready ? await sendRequestCode(scope, ports, row, nowMs) : row;
}
