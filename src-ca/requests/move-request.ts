/** The one way in which a request changes its state: the table is asked, the change is conditional, and event, audit entry and message stand in the same transaction. */
import type { RequestActor } from '#shared/contract/rest/requests.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import type { AccountRecords } from '../accounts/account-port.ts';
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import type { CodeRecords } from '../codes/code-port.ts';
import type { MessageProvider, MessageRecords } from '../messages/message-port.ts';
import { expiryOf } from './request-expiry.ts';
import { remainingQuantity, unitPriceFen, type RequestRecords, type RequestRow } from './request-port.ts';
import { slotOf } from './request-slot.ts';
import { requestText } from './request-texts.ts';
import { ENDED_STATES, nextRequestState, OPEN_STATES, type RequestEvent } from './request-transitions.ts';

export interface MoveScope {
  readonly requests: RequestRecords;
  readonly accounts: AccountRecords;
  readonly codes: CodeRecords;
  readonly messages: MessageRecords;
  readonly audit: AuditRecords;
}

export interface MovePorts {
  readonly messageProvider: MessageProvider;
  readonly auditSeal: AuditSeal;
}

export interface Mover {
  readonly actor: RequestActor;
  readonly accountId: string | null;
}

export const SYSTEM: Mover = { actor: 'system', accountId: null };
export const applicant = ({ accountId }: Pick<Caller, 'accountId'>): Mover => ({ actor: 'applicant', accountId });
export const staff = ({ accountId }: Pick<Caller, 'accountId'>): Mover => ({ actor: 'staff', accountId });
export const tool = ({ accountId }: Pick<Caller, 'accountId'>): Mover => ({ actor: 'tool', accountId });

export interface Move {
  readonly event: RequestEvent;
  readonly by: Mover;
  readonly nowMs: number;
  readonly changes?: Partial<Omit<RequestRow, 'id' | 'state' | 'version' | 'openSlot' | 'expiresAtMs' | 'stateSinceMs'>>;
  readonly reason?: string;
  readonly refundFen?: number;
  /** Of the key that is being written, for the message. */
  readonly tokenSerial?: string;
}

/** @returns the request as it is now. @throws REQUEST_STATE, REQUEST_OPEN_FOR_KEY */
export async function moveRequest(scope: MoveScope, ports: MovePorts, before: RequestRow, move: Move): Promise<RequestRow> {
  const state = nextRequestState(before.kind, before.state, move.event, move.by.actor);
  refuseExpired(before, move.by, move.nowMs);
  const after: RequestRow = { ...before, ...move.changes, state, version: before.version + 1, stateSinceMs: state === before.state ? before.stateSinceMs : move.nowMs };
  after.openSlot = OPEN_STATES.includes(state) ? slotOf(after) : null;
  after.expiresAtMs = expiryOf(after, move.nowMs);
  if (after.openSlot !== null && after.openSlot !== before.openSlot) await refuseTakenSlot(scope.requests, after, after.openSlot);
  const { id, ...changes } = after;
  if (!(await scope.requests.change(before, changes))) throw new AppError('REQUEST_STATE', { state: (await scope.requests.byId(id))?.state ?? null });
  // Of a completed request the quantity answers, not the code.
  if (ENDED_STATES.includes(state) && state !== 'completed') await scope.codes.voidAll(id, after.kind, move.nowMs);
  await tellOfMove(scope, ports, before.state, after, move);
  return after;
}

/** The clock's work comes round every few minutes; what has expired is expired before it does. Money and staff are not turned away by it. @throws REQUEST_STATE */
export function refuseExpired(row: Pick<RequestRow, 'expiresAtMs'>, by: Mover, nowMs: number): void {
  const applicantsSide = by.actor === 'applicant' || by.actor === 'tool';
  if (applicantsSide && row.expiresAtMs !== null && row.expiresAtMs <= nowMs) throw new AppError('REQUEST_STATE', { state: 'expired' });
}

/** A request that begins: its first row, event, audit entry and message. */
export async function insertRequest(scope: MoveScope, ports: MovePorts, row: Omit<RequestRow, 'state' | 'version' | 'openSlot' | 'expiresAtMs' | 'stateSinceMs'>, event: 'draft' | 'order', by: Mover, nowMs: number): Promise<RequestRow> {
  const whole: RequestRow = { ...row, state: nextRequestState(row.kind, null, event, by.actor), version: 1, openSlot: null, stateSinceMs: nowMs, expiresAtMs: null };
  whole.expiresAtMs = expiryOf(whole, nowMs);
  await scope.requests.insert(whole);
  await tellOfMove(scope, ports, null, whole, { event, by, nowMs });
  return whole;
}

async function refuseTakenSlot(requests: RequestRecords, row: RequestRow, slot: string): Promise<void> {
  const other = await requests.inSlot(slot);
  if (other !== null && other.id !== row.id) throw new AppError('REQUEST_OPEN_FOR_KEY', other.accountId === row.accountId ? { requestId: other.id, number: other.number } : {});
}

async function tellOfMove(scope: MoveScope, ports: MovePorts, from: RequestRow['state'] | null, after: RequestRow, { event, by, nowMs, reason = null, refundFen = 0, tokenSerial }: Omit<Move, 'reason'> & { readonly reason?: string | null }): Promise<void> {
  await scope.requests.insertEvent({ requestId: after.id, version: after.version, atMs: nowMs, actor: by.actor, actorAccountId: by.accountId, event, fromState: from, toState: after.state, reason });
  await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: by.accountId ?? 'system', event: 'request.moved', target: after.id, details: { kind: after.kind, event, by: by.actor, from, to: after.state } });
  const text = requestText(event, { kind: after.kind, number: after.number, reason, refundFen, totalFen: unitPriceFen(after) * after.quantity, quantityLeft: remainingQuantity(after), tokenSerial: tokenSerial ?? after.tokenSerial });
  if (text === null) return;
  const account = await scope.accounts.byId(after.accountId);
  assert(account, 'every request belongs to an account');
  await ports.messageProvider.send(scope.messages, { channel: 'sms', to: account.phone, subject: null, text }, nowMs);
}
