/** An authorization code spent on one key for a request that issues nothing: checked, counted, used once per key. Wrong tries stay counted and are audited. */
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { RequestRow } from '../requests/request-port.ts';
import { KeptRefusal } from '../transactions.ts';
import type { CodeHasher, CodeRecords } from './code-port.ts';
import { checkCode, useCode } from './spend-code.ts';

export interface SpendRequestCodePorts {
  readonly codeHasher: CodeHasher;
  readonly auditSeal: AuditSeal;
}

/** Runs in the caller's transaction. @returns null when it is spent; else a refusal that must be returned from the transaction. @throws CODE_* */
export async function spendRequestCode(
  scope: { readonly codes: CodeRecords; readonly audit: AuditRecords },
  ports: SpendRequestCodePorts,
  request: Pick<RequestRow, 'id' | 'kind' | 'accountId'>,
  attempt: { readonly code: string; readonly tokenSerial: string },
  nowMs: number,
): Promise<KeptRefusal | null> {
  const checked = await checkCode(scope.codes, ports.codeHasher, { requestId: request.id, operation: request.kind, code: attempt.code }, nowMs);
  if (checked instanceof KeptRefusal) {
    await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: request.accountId, event: 'code.wrong', target: request.id, details: { refusal: checked.error.code } });
    return checked;
  }
  await useCode(scope.codes, { codeId: checked.codeId, requestId: request.id, tokenSerial: attempt.tokenSerial, usedAtMs: nowMs });
  return null;
}
