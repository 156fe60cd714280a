/** Step `complete` of an issuance: the token has proven that both new keys work, and the pair becomes active. */
import { timingSafeEqual } from 'node:crypto';
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import type { AuditRecords, AuditSeal } from '../audit/audit-port.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import type { Clock } from '../clock.ts';
import type { OrderRecords } from '../orders/order-port.ts';
import { nextOrderState } from '../orders/order-states.ts';
import type { Transactions } from '../transactions.ts';
import { authorityFor, type Authorities } from './authorities.ts';
import type { ReachFaultPoint } from './fault-points.ts';
import type { IssuanceRow } from './issuance-port.ts';
import { nextIssuanceState } from './issuance-states.ts';
import { issuanceView, type IssuanceViewScope } from './issuance-view.ts';
import { ownedIssuance } from './read-issuances.ts';

interface Scope extends IssuanceViewScope {
  readonly audit: AuditRecords;
}

export interface CompleteIssuancePorts {
  readonly transactions: Transactions<Scope>;
  readonly authorities: Authorities;
  readonly auditSeal: AuditSeal;
  readonly clock: Clock;
  readonly reachFaultPoint: ReachFaultPoint;
}

/** What the new signing key signs: `BidKey completion v1` ‖ 0x00 ‖ issuance id ‖ 0x00 ‖ nonce. The name in front keeps it from being a signature of anything else. */
export function completionMessage(issuanceId: string, signNonce: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from('BidKey completion v1\0', 'ascii'), Buffer.from(`${issuanceId}\0`, 'ascii'), signNonce]);
}

/** Again after completion: the proof is checked again and the answer is the same. @throws NOT_FOUND, ISSUANCE_STATE, COMPLETION_PROOF */
export async function completeIssuance(ports: CompleteIssuancePorts, caller: Caller, issuanceId: string, proof: { signature: Uint8Array; decryptedSha256: string }): Promise<Issuance> {
  const issuance = await ports.transactions.read(({ issuances }) => ownedIssuance(issuances, caller, issuanceId));
  if (issuance.state !== 'completed') nextIssuanceState(issuance.state, 'complete');
  await checkProof(ports, issuance, proof);
  const completed = await ports.transactions.write(async (scope) => {
    const nowMs = ports.clock().getTime();
    if (await scope.issuances.move(issuance.id, 'certified', nextIssuanceState('certified', 'complete'), { completedAtMs: nowMs })) await makeActive(scope, ports, issuance, nowMs);
    ports.reachFaultPoint('completion:in-transaction');
    const now = await scope.issuances.byId(issuance.id);
    assert(now, 'issuances are never deleted');
    if (now.state !== 'completed') throw new AppError('ISSUANCE_STATE', { state: now.state });
    return await issuanceView(scope, now);
  });
  ports.reachFaultPoint('completion:committed');
  return completed;
}

async function checkProof(ports: CompleteIssuancePorts, issuance: IssuanceRow, proof: { signature: Uint8Array; decryptedSha256: string }): Promise<void> {
  const { pair, sign } = await ports.transactions.read(async ({ issuances, certificates }) => {
    const found = await issuances.pair(issuance.id);
    return { pair: found, sign: found === null ? null : await certificates.bySerial(found.signSerialHex) };
  });
  assert(pair && sign, 'a certified issuance has a pair');
  const authority = authorityFor(ports.authorities, issuance.keyAlgorithm);
  const signed = await authority.verifySubscriberSignature(sign.publicKeySpkiDer, completionMessage(issuance.id, pair.signNonce), proof.signature);
  if (!signed) throw new AppError('COMPLETION_PROOF', { part: 'signature' });
  const wanted = Buffer.from(pair.decryptedSha256, 'hex');
  const given = Buffer.from(proof.decryptedSha256, 'hex');
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw new AppError('COMPLETION_PROOF', { part: 'decryption' });
}

async function makeActive(scope: Scope, ports: CompleteIssuancePorts, issuance: IssuanceRow, nowMs: number): Promise<void> {
  const changed = await scope.certificates.setState(issuance.id, 'pending', 'active', {});
  assert(changed === 2, 'a completed issuance has exactly one active pair');
  await scope.orders.finishOne(issuance.orderLineId);
  await finishOrderWhenAllWritten(scope.orders, issuance.orderId);
  await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: issuance.accountId, event: 'issuance.completed', target: issuance.id, details: { tokenSerial: issuance.tokenSerial } });
}

async function finishOrderWhenAllWritten(orders: OrderRecords, orderId: string): Promise<void> {
  const lines = await orders.lines([orderId]);
  if (!lines.every((line) => line.writtenQuantity === line.quantity)) return;
  const moved = await orders.move(orderId, 'writing', nextOrderState('writing', 'finish-writing'), {});
  assert(moved, 'an order whose last key is completed is being written');
}
