/** Step `start` of an issuance: spends one use of an authorization code on one key. All of it in one transaction: code, key, quantity, request, issuance. */
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import type { RequestKind } from '#shared/contract/rest/orders.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import type { CodeHasher } from '../codes/code-port.ts';
import { checkCode, useCode } from '../codes/spend-code.ts';
import { newId } from '../identifiers.ts';
import { callOnce, type OncePorts } from '../once/call-once.ts';
import type { OnceCall } from '../once/idempotency-port.ts';
import { followRequests } from '../orders/follow-requests.ts';
import type { OrderRecords } from '../orders/order-port.ts';
import { checkCertificateFor } from '../requests/certificate-of-request.ts';
import { moveRequest, tool, type MovePorts, type MoveScope } from '../requests/move-request.ts';
import { ownedRequest } from '../requests/read-requests.ts';
import { remainingQuantity, requestSubject, type RequestRow } from '../requests/request-port.ts';
import { KeptRefusal } from '../transactions.ts';
import { authorityFor, type Authorities } from './authorities.ts';
import type { ReachFaultPoint } from './fault-points.ts';
import { pairKeyOf, type IssuanceRow } from './issuance-port.ts';
import { issuanceView, type IssuanceViewScope } from './issuance-view.ts';

type Scope = IssuanceViewScope & MoveScope & { readonly orders: OrderRecords };

export type StartIssuancePorts = OncePorts<Scope> & MovePorts & {
  readonly codeHasher: CodeHasher;
  readonly authorities: Authorities;
  readonly reachFaultPoint: ReachFaultPoint;
};

export interface StartInput {
  readonly requestId: string;
  readonly authorizationCode: string;
  readonly tokenSerial: string;
  readonly tokenModelId: string;
}

/** @throws NOT_FOUND, REQUEST_*, CODE_*, ISSUANCE_OPEN_FOR_KEY, ISSUANCE_KEY_HAS_PAIR, ORDER_QUANTITY_USED_UP, IDEMPOTENCY_* */
export async function startIssuance(ports: StartIssuancePorts, caller: Caller, input: StartInput, once: OnceCall): Promise<Issuance> {
  const issuance = await callOnce(ports, once, async (scope: Scope) => {
    const nowMs = ports.clock().getTime();
    const request = await writableRequest(scope, caller, input, nowMs);
    const code = await checkCode(scope.codes, ports.codeHasher, { requestId: request.id, operation: request.kind, code: input.authorizationCode }, nowMs);
    if (code instanceof KeptRefusal) {
      await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'code.wrong', target: request.id, details: { refusal: code.error.code } });
      return code;
    }
    await refuseOpenForKey(scope, caller, input.tokenSerial);
    const use = await useCode(scope.codes, { codeId: code.codeId, requestId: request.id, tokenSerial: input.tokenSerial, usedAtMs: nowMs });
    if (remainingQuantity(request) === 0) throw new AppError('ORDER_QUANTITY_USED_UP');
    await refuseKeyWithPair(scope, request, input.tokenSerial, nowMs);
    await moveRequest(scope, ports, request, { event: 'begin-writing', by: tool(caller), nowMs, changes: { openQuantity: request.openQuantity + 1 }, tokenSerial: input.tokenSerial });
    await followRequests(scope, request.orderId);
    const row = issuanceRow(ports, { caller, input, request, codeUseId: use.id, nowMs });
    await scope.issuances.insert(row);
    await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'issuance.started', target: row.id, details: { requestId: request.id, kind: request.kind, codeId: code.codeId, tokenSerial: row.tokenSerial, tokenModelId: row.tokenModelId } });
    ports.reachFaultPoint('start:in-transaction');
    return await issuanceView(scope, row);
  });
  ports.reachFaultPoint('start:committed');
  return issuance;
}

/** Kinds that are carried out by an issuance. */
const ISSUING_KINDS: readonly RequestKind[] = ['new-issue', 'renewal', 'change', 'reissue'];
/** A completed request has a code too: its quantity answers, not its state. */
const STATES_WITH_CODES: readonly string[] = ['code-sent', 'writing', 'completed'];
/** On which key each kind is carried out, seen from the key of its certificate. */
const WANTED_KEY: Readonly<Partial<Record<RequestKind, 'same' | 'another'>>> = { renewal: 'same', change: 'same', reissue: 'another' };
/** The holder has read what these do to bids that are not opened yet. */
const NEEDS_RISK_NOTICE: readonly RequestKind[] = ['renewal', 'change'];

async function writableRequest(scope: Scope, caller: Caller, input: StartInput, nowMs: number): Promise<RequestRow> {
  const request = await ownedRequest(scope.requests, caller, input.requestId);
  if (!ISSUING_KINDS.includes(request.kind) || !STATES_WITH_CODES.includes(request.state)) throw new AppError('REQUEST_STATE', { state: request.state, kind: request.kind });
  const wanted = WANTED_KEY[request.kind];
  if (wanted !== undefined && (request.tokenSerial === input.tokenSerial) !== (wanted === 'same')) throw new AppError('REQUEST_OTHER_KEY', { wanted });
  if (request.state !== 'completed') await checkCertificateFor(scope.certificates, request, nowMs);
  if (NEEDS_RISK_NOTICE.includes(request.kind) && request.riskNoticeAtMs === null) throw new AppError('REQUEST_RISK_NOTICE');
  return request;
}

async function refuseOpenForKey(scope: Scope, caller: Caller, tokenSerial: string): Promise<void> {
  const open = await scope.issuances.openForToken(tokenSerial);
  if (open !== null) throw new AppError('ISSUANCE_OPEN_FOR_KEY', open.accountId === caller.accountId ? { issuanceId: open.id } : {});
}

/** A pair that has expired gives way; one that is replaced is the one of the request. */
async function refuseKeyWithPair(scope: Scope, request: RequestRow, tokenSerial: string, nowMs: number): Promise<void> {
  const live = await scope.certificates.livePair(pairKeyOf({ projectId: request.projectId, tokenSerial }));
  if (live !== null && live.notAfterMs > nowMs && live.serialHex !== request.certificateSerialHex) throw new AppError('ISSUANCE_KEY_HAS_PAIR');
}

function issuanceRow(ports: StartIssuancePorts, facts: { caller: Caller; input: StartInput; request: RequestRow; codeUseId: string; nowMs: number }): IssuanceRow {
  const { caller, input, request, codeUseId, nowMs } = facts;
  const authority = authorityFor(ports.authorities, request.keyAlgorithm);
  const subject = requestSubject(request);
  assert(subject && request.subjectJson !== null, 'a request with a code has a subject');
  return {
    id: newId(), accountId: caller.accountId, requestId: request.id, projectId: request.projectId, codeUseId, caId: authority.caId, state: 'started',
    tokenSerial: input.tokenSerial, tokenModelId: input.tokenModelId, keyAlgorithm: request.keyAlgorithm, subjectJson: request.subjectJson,
    csrSubjectDer: Buffer.from(authority.subjectNameDer(subject)), startedAtMs: nowMs, completedAtMs: null, cancelledAtMs: null,
  };
}
