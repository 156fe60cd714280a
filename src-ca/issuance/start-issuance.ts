/** Step `start` of an issuance: spends one use of an authorization code on one key. All of it in one transaction: code, key, quantity, order state, issuance. */
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import type { CodeHasher, CodeRecords } from '../codes/code-port.ts';
import { checkCode, useCode } from '../codes/spend-code.ts';
import { newId } from '../identifiers.ts';
import { callOnce, type OncePorts } from '../once/call-once.ts';
import type { OnceCall } from '../once/idempotency-port.ts';
import { subjectOf, type CatalogueRecords, type OrderLineRow, type OrderRow } from '../orders/order-port.ts';
import { nextOrderState } from '../orders/order-states.ts';
import { KeptRefusal } from '../transactions.ts';
import { authorityFor, type Authorities } from './authorities.ts';
import type { ReachFaultPoint } from './fault-points.ts';
import type { IssuanceRow } from './issuance-port.ts';
import { issuanceView, type IssuanceViewScope } from './issuance-view.ts';

interface Scope extends IssuanceViewScope {
  readonly catalogue: CatalogueRecords;
  readonly codes: CodeRecords;
  readonly audit: AuditRecords;
}

export type StartIssuancePorts = OncePorts<Scope> & {
  readonly codeHasher: CodeHasher;
  readonly auditSeal: AuditSeal;
  readonly authorities: Authorities;
  readonly reachFaultPoint: ReachFaultPoint;
};

export interface StartInput {
  readonly requestId: string;
  readonly authorizationCode: string;
  readonly tokenSerial: string;
  readonly tokenModelId: string;
}

/** @throws NOT_FOUND, ORDER_STATE, CODE_*, ISSUANCE_OPEN_FOR_KEY, ORDER_QUANTITY_USED_UP, IDEMPOTENCY_* */
export async function startIssuance(ports: StartIssuancePorts, caller: Caller, input: StartInput, once: OnceCall): Promise<Issuance> {
  const issuance = await callOnce(ports, once, async (scope: Scope) => {
    const nowMs = ports.clock().getTime();
    const { line, order } = await writableLine(scope, caller, input.requestId);
    const code = await checkCode(scope.codes, ports.codeHasher, { orderLineId: line.id, operation: 'new-issue', code: input.authorizationCode }, nowMs);
    if (code instanceof KeptRefusal) {
      await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'code.wrong', target: line.id, details: { refusal: code.error.code } });
      return code;
    }
    await refuseOpenForKey(scope, caller, input.tokenSerial);
    const use = await useCode(scope.codes, { codeId: code.codeId, orderLineId: line.id, tokenSerial: input.tokenSerial, usedAtMs: nowMs });
    if (!(await scope.orders.takeOne(line.id))) throw new AppError('ORDER_QUANTITY_USED_UP');
    await scope.orders.move(order.id, order.state, nextOrderState(order.state, 'begin-writing'), {});
    const row = await issuanceRow(scope, ports, { caller, input, line, order, codeUseId: use.id, nowMs });
    await scope.issuances.insert(row);
    await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'issuance.started', target: row.id, details: { orderLineId: line.id, codeId: code.codeId, tokenSerial: row.tokenSerial, tokenModelId: row.tokenModelId } });
    ports.reachFaultPoint('start:in-transaction');
    return await issuanceView(scope, row);
  });
  ports.reachFaultPoint('start:committed');
  return issuance;
}

/** A completed order has a line too: its quantity answers, not its state. */
const STATES_WITH_CODES: readonly string[] = ['paid', 'writing', 'completed'];

async function writableLine(scope: Scope, caller: Caller, orderLineId: string): Promise<{ line: OrderLineRow; order: OrderRow }> {
  const line = await scope.orders.line(orderLineId);
  const order = line === null ? null : await scope.orders.byId(line.orderId);
  if (line === null || order === null || line.accountId !== caller.accountId) refuse('NOT_FOUND', { what: 'order line' });
  if (!STATES_WITH_CODES.includes(order.state)) throw new AppError('ORDER_STATE', { state: order.state });
  return { line, order };
}

async function refuseOpenForKey(scope: Scope, caller: Caller, tokenSerial: string): Promise<void> {
  const open = await scope.issuances.openForToken(tokenSerial);
  if (open !== null) throw new AppError('ISSUANCE_OPEN_FOR_KEY', open.accountId === caller.accountId ? { issuanceId: open.id } : {});
}

async function issuanceRow(
  scope: Scope,
  ports: StartIssuancePorts,
  facts: { caller: Caller; input: StartInput; line: OrderLineRow; order: OrderRow; codeUseId: string; nowMs: number },
): Promise<IssuanceRow> {
  const { caller, input, line, order, codeUseId, nowMs } = facts;
  const project = (await scope.catalogue.project(order.projectId)) ?? refuse('NOT_FOUND', { what: 'project' });
  const authority = authorityFor(ports.authorities, project.keyAlgorithm);
  return {
    id: newId(), accountId: caller.accountId, orderId: order.id, orderLineId: line.id, codeUseId, caId: authority.caId, state: 'started',
    tokenSerial: input.tokenSerial, tokenModelId: input.tokenModelId, keyAlgorithm: project.keyAlgorithm, subjectJson: line.subjectJson,
    csrSubjectDer: Buffer.from(authority.subjectNameDer(subjectOf(line))), startedAtMs: nowMs, completedAtMs: null, cancelledAtMs: null,
  };
}
