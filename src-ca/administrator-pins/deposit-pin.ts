/**
 * The service takes a key's administrator PIN over: it keeps the one that the key has, answers with a random one, and after the tool has put that
 * in place, keeps it instead. From the first answer to the confirmation both are kept, so that one of them fits whenever anything is cut off.
 */
import type { AdministratorPinState } from '#shared/contract/rest/keys.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { KeyManagementCentre } from '../authority/authority-port.ts';
import type { Caller } from '../caller.ts';
import { DAY_MS, utcTextOrNull, type Clock } from '../clock.ts';
import type { ReachFaultPoint } from '../issuance/fault-points.ts';
import type { CertificateRecords, IssuanceRecords } from '../issuance/issuance-port.ts';
import type { Transactions } from '../transactions.ts';
import type { AdministratorPinRecords, AdministratorPinRow } from './administrator-pin-port.ts';
import { newAdministratorPin } from './new-administrator-pin.ts';
import { unwrapPin, wrapPin } from './wrapped-pins.ts';

export interface DepositScope {
  readonly administratorPins: AdministratorPinRecords;
  readonly issuances: IssuanceRecords;
  readonly certificates: CertificateRecords;
  readonly audit: AuditRecords;
}

export interface DepositPorts {
  readonly transactions: Transactions<DepositScope>;
  readonly keyManagementCentre: KeyManagementCentre;
  readonly auditSeal: AuditSeal;
  readonly clock: Clock;
  readonly reachFaultPoint: ReachFaultPoint;
}

/** After a completed writing the tool may still be at it. */
const DEPOSIT_AFTER_COMPLETION_MS = 7 * DAY_MS;

export interface DepositInput {
  readonly currentAdministratorPin: string | null;
  readonly nextLength?: number;
}

/** Again before the confirmation, by the same account: the same answer. @throws ADMINISTRATOR_PIN_DEPOSITED, ADMINISTRATOR_PIN_NOT_YOURS */
export async function depositAdministratorPin(ports: DepositPorts, caller: Caller, tokenSerial: string, input: DepositInput): Promise<{ tokenSerial: string; nextAdministratorPin: string }> {
  const answer = await ports.transactions.write(async (scope) => {
    const nowMs = ports.clock().getTime();
    const before = await scope.administratorPins.byToken(tokenSerial);
    if (before !== null && before.phase === 'deposit' && before.depositorAccountId === caller.accountId) return await answerAgain(scope, ports, before, input, nowMs);
    await checkMayDeposit(scope, caller, tokenSerial, before, input, nowMs);
    const next = newAdministratorPin(input.nextLength);
    await scope.administratorPins.save({
      tokenSerial, depositorAccountId: caller.accountId, phase: 'deposit', wrappedCurrent: input.currentAdministratorPin === null ? null : wrapPin(ports.keyManagementCentre, tokenSerial, input.currentAdministratorPin),
      wrappedNext: wrapPin(ports.keyManagementCentre, tokenSerial, next), createdAtMs: nowMs, changedAtMs: nowMs,
    });
    await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'administrator-pin.deposited', target: tokenSerial, details: { by: caller.role, factoryPin: input.currentAdministratorPin === null, replaces: before !== null } });
    return { tokenSerial, nextAdministratorPin: next };
  });
  ports.reachFaultPoint('pin-deposit:committed');
  return answer;
}

/** A current PIN that is named again is the one that counts: the first may have been mistyped, and an unlock would try it. */
async function answerAgain(scope: DepositScope, ports: DepositPorts, row: AdministratorPinRow, { currentAdministratorPin }: DepositInput, nowMs: number): Promise<{ tokenSerial: string; nextAdministratorPin: string }> {
  assert(row.wrappedNext, 'a deposit that is not confirmed has a next PIN');
  if (currentAdministratorPin !== null) await scope.administratorPins.save({ ...row, wrappedCurrent: wrapPin(ports.keyManagementCentre, row.tokenSerial, currentAdministratorPin), changedAtMs: nowMs });
  await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: row.depositorAccountId, event: 'administrator-pin.delivered', target: row.tokenSerial, details: { deed: 'deposit' } });
  return { tokenSerial: row.tokenSerial, nextAdministratorPin: unwrapPin(ports.keyManagementCentre, row.tokenSerial, row.wrappedNext) };
}

/** A PIN that is kept is replaced by staff only, and only by one that they know: the key was initialised anew. */
async function checkMayDeposit(scope: DepositScope, caller: Caller, tokenSerial: string, before: AdministratorPinRow | null, input: DepositInput, nowMs: number): Promise<void> {
  if (caller.role === 'staff' && (before === null || input.currentAdministratorPin !== null)) return;
  if (before !== null) throw new AppError('ADMINISTRATOR_PIN_DEPOSITED');
  const issuance = await scope.issuances.newestOnToken(tokenSerial);
  const mine = issuance !== null && issuance.accountId === caller.accountId;
  const fresh = mine && (issuance.state === 'started' || issuance.state === 'certified' || (issuance.completedAtMs !== null && issuance.completedAtMs > nowMs - DEPOSIT_AFTER_COMPLETION_MS));
  if (!fresh) throw new AppError('ADMINISTRATOR_PIN_NOT_YOURS');
}

/** Again after the confirmation: the same answer. @throws NOT_FOUND, ADMINISTRATOR_PIN_NOT_YOURS */
export async function confirmAdministratorPin(ports: DepositPorts, caller: Caller, tokenSerial: string): Promise<AdministratorPinState> {
  const state = await ports.transactions.write(async (scope) => {
    const row = (await scope.administratorPins.byToken(tokenSerial)) ?? refuse('NOT_FOUND', { what: 'administrator PIN' });
    // What an unlock changes is confirmed by the unlock.
    if (row.depositorAccountId !== caller.accountId || row.phase === 'unlock') throw new AppError('ADMINISTRATOR_PIN_NOT_YOURS');
    if (row.phase === 'in-force') return stateView(tokenSerial, row);
    const nowMs = ports.clock().getTime();
    const inForce = putNextInForce(row, nowMs);
    await scope.administratorPins.save(inForce);
    await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: caller.accountId, event: 'administrator-pin.confirmed', target: tokenSerial, details: { deed: 'deposit' } });
    return stateView(tokenSerial, inForce);
  });
  ports.reachFaultPoint('pin-confirmation:committed');
  return state;
}

/** The key took its next PIN; the one before fits nothing any more. */
export function putNextInForce(row: AdministratorPinRow, nowMs: number): AdministratorPinRow {
  assert(row.wrappedNext, 'only a change that was begun can end');
  return { ...row, phase: 'in-force', wrappedCurrent: row.wrappedNext, wrappedNext: null, changedAtMs: nowMs };
}

/** Staff see every key, an account those on which it has a certificate or an issuance. @throws NOT_FOUND */
export async function getAdministratorPinState(ports: Pick<DepositPorts, 'transactions'>, caller: Caller, tokenSerial: string): Promise<AdministratorPinState> {
  return await ports.transactions.read(async (scope) => {
    if (caller.role !== 'staff' && !(await hasWritingOn(scope, caller, tokenSerial))) refuse('NOT_FOUND', { what: 'key' });
    return stateView(tokenSerial, await scope.administratorPins.byToken(tokenSerial));
  });
}

/** Whether the key was ever written for this account. */
export async function hasWritingOn(scope: Pick<DepositScope, 'certificates' | 'issuances'>, caller: Caller, tokenSerial: string): Promise<boolean> {
  const certificates = await scope.certificates.onToken(tokenSerial);
  return certificates.some(({ accountId }) => accountId === caller.accountId) || (await scope.issuances.newestOnToken(tokenSerial))?.accountId === caller.accountId;
}

function stateView(tokenSerial: string, row: AdministratorPinRow | null): AdministratorPinState {
  const state = row === null ? 'none' : row.phase === 'in-force' ? 'in-force' : 'changing';
  return { tokenSerial, state, changedAtUtc: utcTextOrNull(row?.changedAtMs ?? null) };
}
