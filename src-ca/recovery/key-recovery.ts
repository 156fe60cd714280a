/** A key-recovery request (密钥恢复) carried out: the code is spent on a key that holds a working pair of the same holder, old keys come onto it, the request ends. */
import type { RequestConfirmation } from '#shared/contract/rest/certificates.ts';
import type { KeyRecovery } from '#shared/contract/rest/keys.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { activeOnKey } from '../administrator-pins/release-pin.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import { spendRequestCode, type SpendRequestCodePorts } from '../codes/spend-request-code.ts';
import { callOnce, type OncePorts } from '../once/call-once.ts';
import type { OnceCall } from '../once/idempotency-port.ts';
import { moveRequest, tool, type MovePorts, type MoveScope } from '../requests/move-request.ts';
import type { RequestRecords, RequestRow } from '../requests/request-port.ts';
import { nextRequestState } from '../requests/request-transitions.ts';
import type { Transactions } from '../transactions.ts';
import type { KeyRecoveryRow } from './recovery-port.ts';
import { checkRecoveryApproved, restorableKeysOf } from './restorable-keys.ts';
import type { RestoreScope } from './restore-key.ts';

interface Scope extends RestoreScope, MoveScope {
  readonly audit: RestoreScope['audit'];
  readonly requests: RestoreScope['requests'];
}

export interface KeyRecoveryPorts extends Omit<OncePorts<Scope>, 'transactions'>, MovePorts, SpendRequestCodePorts {
  readonly transactions: OncePorts<Scope>['transactions'] & Transactions<Scope>;
}

/** @throws NOT_FOUND, REQUEST_STATE, REQUEST_OTHER_KEY, RECOVERY_NOT_APPROVED, CERTIFICATE_STATE, CODE_* */
export async function startKeyRecovery(ports: KeyRecoveryPorts, caller: Caller, requestId: string, input: { authorizationCode: string; tokenSerial: string }, once: OnceCall): Promise<KeyRecovery> {
  return await callOnce<Scope, KeyRecovery>(ports, once, async (scope) => {
    const nowMs = ports.clock().getTime();
    const request = await ownRecovery(scope.requests, caller, requestId);
    nextRequestState(request.kind, request.state, 'begin-writing', 'tool');
    if (request.tokenSerial !== input.tokenSerial) throw new AppError('REQUEST_OTHER_KEY', { wanted: 'same' });
    await checkRecoveryApproved(scope.requests, request);
    const signSerialHex = await workingPair(scope, caller, request, input.tokenSerial, nowMs);
    const refused = await spendRequestCode(scope, ports, request, { code: input.authorizationCode, tokenSerial: input.tokenSerial }, nowMs);
    if (refused !== null) return refused;
    const moved = await moveRequest(scope, ports, request, { event: 'begin-writing', by: tool(caller), nowMs, changes: { openQuantity: 1 }, tokenSerial: input.tokenSerial });
    const row: KeyRecoveryRow = { requestId, accountId: caller.accountId, tokenSerial: input.tokenSerial, signSerialHex, startedAtMs: nowMs, completedAtMs: null };
    await scope.recoveries.insertRecovery(row);
    await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'recovery.started', target: requestId, details: { tokenSerial: row.tokenSerial, signSerialHex } });
    return await recoveryView(scope, moved, row);
  });
}

/** The signing certificate of the holder's working pair on this key, of the same algorithm as the keys that come back. @throws CERTIFICATE_STATE */
async function workingPair(scope: Scope, caller: Caller, request: RequestRow, tokenSerial: string, nowMs: number): Promise<string> {
  for (const certificate of await activeOnKey(scope.certificates, tokenSerial, nowMs)) {
    if (certificate.accountId !== caller.accountId) continue;
    if ((await scope.issuances.byId(certificate.issuanceId))?.keyAlgorithm === request.keyAlgorithm) return certificate.serialHex;
  }
  throw new AppError('CERTIFICATE_STATE', { reason: 'no active certificate of yours on the key' });
}

/** @throws NOT_FOUND, REQUEST_STATE when it has not begun */
export async function getKeyRecovery(ports: Pick<KeyRecoveryPorts, 'transactions'>, caller: Caller, requestId: string): Promise<KeyRecovery> {
  return await ports.transactions.read(async (scope) => {
    const request = await ownRecovery(scope.requests, caller, requestId);
    const row = await scope.recoveries.recovery(requestId);
    if (row === null) throw new AppError('REQUEST_STATE', { state: request.state });
    return await recoveryView(scope, request, row);
  });
}

/** Again after completion: the same answer. @throws NOT_FOUND, REQUEST_STATE */
export async function completeKeyRecovery(ports: KeyRecoveryPorts, caller: Caller, requestId: string): Promise<RequestConfirmation> {
  return await ports.transactions.write(async (scope) => {
    const nowMs = ports.clock().getTime();
    const request = await ownRecovery(scope.requests, caller, requestId);
    if (request.state === 'completed') return { requestId, state: request.state, certificates: [] };
    const moved = await moveRequest(scope, ports, request, { event: 'finish-writing', by: tool(caller), nowMs, changes: { openQuantity: 0, writtenQuantity: 1 } });
    await scope.recoveries.completeRecovery(requestId, nowMs);
    await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'recovery.completed', target: requestId, details: {} });
    return { requestId, state: moved.state, certificates: [] };
  });
}

async function ownRecovery(requests: RequestRecords, caller: Caller, requestId: string): Promise<RequestRow> {
  const request = await requests.byId(requestId);
  return request !== null && request.accountId === caller.accountId && request.kind === 'key-recovery' ? request : refuse('NOT_FOUND', { what: 'key recovery' });
}

async function recoveryView(scope: Scope, request: RequestRow, row: KeyRecoveryRow): Promise<KeyRecovery> {
  const signer = await scope.certificates.bySerial(row.signSerialHex);
  return { requestId: request.id, state: request.state, tokenSerial: row.tokenSerial, signCertificateSerialHex: row.signSerialHex, restorableKeys: await restorableKeysOf(scope, request, signer?.issuanceId ?? '') };
}
