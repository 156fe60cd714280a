/** Step `complete` of an issuance: the token has proven that both new keys work. In one transaction the pair becomes active and the one that it replaces is revoked. */
import { timingSafeEqual } from 'node:crypto';
import type { Issuance } from '#shared/contract/rest/issuances.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { assert } from '#shared/errors/assert.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller } from '../caller.ts';
import type { Clock } from '../clock.ts';
import { followRequests } from '../orders/follow-requests.ts';
import type { OrderRecords } from '../orders/order-port.ts';
import { moveRequest, tool, type MovePorts, type MoveScope } from '../requests/move-request.ts';
import type { RequestRow } from '../requests/request-port.ts';
import { changePair, type ChangePairScope } from '../revocation/change-pair.ts';
import type { Transactions } from '../transactions.ts';
import { authorityFor, type Authorities } from './authorities.ts';
import type { ReachFaultPoint } from './fault-points.ts';
import { pairKeyOf, type CertificateRow, type IssuanceRow } from './issuance-port.ts';
import { nextIssuanceState } from './issuance-states.ts';
import { issuanceView, type IssuanceViewScope } from './issuance-view.ts';
import { ownedIssuance } from './read-issuances.ts';
import { replacedCertificate, replacementReason } from './replaced-certificate.ts';

type Scope = IssuanceViewScope & MoveScope & ChangePairScope & { readonly orders: OrderRecords };

export interface CompleteIssuancePorts extends MovePorts {
  readonly transactions: Transactions<Scope>;
  readonly authorities: Authorities;
  readonly crlPublisher: { changed(caId: string): void };
  readonly clock: Clock;
  readonly reachFaultPoint: ReachFaultPoint;
}

/** What the new signing key signs: `BidKey completion v1` ‖ 0x00 ‖ issuance id ‖ 0x00 ‖ nonce. The name in front keeps it from being a signature of anything else. */
export function completionMessage(issuanceId: string, signNonce: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from('BidKey completion v1\0', 'ascii'), Buffer.from(`${issuanceId}\0`, 'ascii'), signNonce]);
}

/** Again after completion: the proof is checked again and the answer is the same. @throws NOT_FOUND, ISSUANCE_STATE, ISSUANCE_KEY_HAS_PAIR, REQUEST_CERTIFICATE_STATE, COMPLETION_PROOF */
export async function completeIssuance(ports: CompleteIssuancePorts, caller: Caller, issuanceId: string, proof: { signature: Uint8Array; decryptedSha256: string }): Promise<Issuance> {
  const issuance = await ports.transactions.read(({ issuances }) => ownedIssuance(issuances, caller, issuanceId));
  if (issuance.state !== 'completed') nextIssuanceState(issuance.state, 'complete');
  await checkProof(ports, issuance, proof);
  const completed = await ports.transactions.write(async (scope) => {
    const nowMs = ports.clock().getTime();
    if (await scope.issuances.move(issuance.id, 'certified', nextIssuanceState('certified', 'complete'), { completedAtMs: nowMs })) await makeActive(scope, ports, caller, issuance, nowMs);
    ports.reachFaultPoint('completion:in-transaction');
    const now = await scope.issuances.byId(issuance.id);
    assert(now, 'issuances are never deleted');
    if (now.state !== 'completed') throw new AppError('ISSUANCE_STATE', { state: now.state });
    return await issuanceView(scope, now);
  });
  ports.reachFaultPoint('completion:committed');
  if (completed.replacesCertificateSerialHex !== null) ports.crlPublisher.changed(issuance.caId);
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

async function makeActive(scope: Scope, ports: CompleteIssuancePorts, caller: Caller, issuance: IssuanceRow, nowMs: number): Promise<void> {
  const request = await scope.requests.byId(issuance.requestId);
  assert(request, 'every issuance belongs to a request');
  await revokeReplaced(scope, ports, request, issuance, nowMs);
  await clearPlace(scope, ports, request, issuance, nowMs);
  const changed = await scope.certificates.setState(issuance.id, 'pending', 'active', {});
  // Staff may have revoked the pair before it was proven.
  if (changed !== 2) throw new AppError('REQUEST_CERTIFICATE_STATE', { state: 'revoked' });
  const writtenQuantity = request.writtenQuantity + 1;
  const event = writtenQuantity === request.quantity ? 'finish-writing' : 'finish-one';
  await moveRequest(scope, ports, request, { event, by: tool(caller), nowMs, changes: { openQuantity: request.openQuantity - 1, writtenQuantity }, tokenSerial: issuance.tokenSerial });
  await followRequests(scope, request.orderId);
  await recordAudit(scope.audit, ports.auditSeal, { atMs: nowMs, actor: issuance.accountId, event: 'issuance.completed', target: issuance.id, details: { tokenSerial: issuance.tokenSerial, replaces: replacedCertificate(request) } });
}

/** The old pair ends in the moment in which the new one begins. A renewal or change of a pair that was revoked, or reported as lost, meanwhile must not bring it back to life. */
async function revokeReplaced(scope: Scope, ports: CompleteIssuancePorts, request: RequestRow, issuance: IssuanceRow, nowMs: number): Promise<void> {
  const serialHex = replacedCertificate(request);
  if (serialHex === null) return;
  const old = await scope.certificates.bySerial(serialHex);
  const pair = await scope.issuances.pair(issuance.id);
  const fresh = pair === null ? null : await scope.certificates.bySerial(pair.signSerialHex);
  assert(old && fresh, 'a request about a certificate has it, and a certified issuance has a pair');
  if (old.state !== 'active' && request.kind !== 'reissue') throw new AppError('REQUEST_CERTIFICATE_STATE', { state: old.state });
  if (old.state !== 'revoked') await endPair(scope, ports, old, replacementReason(request, old, fresh), request, nowMs);
}

/** An expired pair of the project on this key gives its place up; a valid one keeps it. @throws ISSUANCE_KEY_HAS_PAIR */
async function clearPlace(scope: Scope, ports: CompleteIssuancePorts, request: RequestRow, issuance: IssuanceRow, nowMs: number): Promise<void> {
  const live = await scope.certificates.livePair(pairKeyOf(issuance));
  if (live === null) return;
  if (live.notAfterMs > nowMs) throw new AppError('ISSUANCE_KEY_HAS_PAIR');
  await endPair(scope, ports, live, 'superseded', request, nowMs);
}

async function endPair(scope: Scope, ports: CompleteIssuancePorts, certificate: CertificateRow, reason: ReturnType<typeof replacementReason>, request: RequestRow, nowMs: number): Promise<void> {
  await changePair(scope, ports.auditSeal, certificate, { event: 'revoke', reason }, { actor: 'system', way: request.kind, requestId: request.id, nowMs });
}
